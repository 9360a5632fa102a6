package io.havoq.broker.reference;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckPayload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The packets this broker sends, for one version of the protocol. */
record Packets(int version) {
    private boolean v5() {
        return version >= 5;
    }

    /** CONNACK of a connection that serves a session now; what is not available is announced (MQTT 5.0, 3.2.2.3). */
    MqttMessage connected(boolean sessionPresent, @Nullable String assignedClientId, int maximumPacketSize) {
        var properties = new MqttProperties();
        if (v5()) {
            properties.add(new IntegerProperty(MqttPropertyType.SHARED_SUBSCRIPTION_AVAILABLE.value(), 0));
            properties.add(new IntegerProperty(MqttPropertyType.MAXIMUM_PACKET_SIZE.value(), maximumPacketSize));
            properties.add(new IntegerProperty(MqttPropertyType.TOPIC_ALIAS_MAXIMUM.value(), 0));
            if (assignedClientId != null) {
                properties.add(
                        new StringProperty(MqttPropertyType.ASSIGNED_CLIENT_IDENTIFIER.value(), assignedClientId));
            }
        }
        return new MqttConnAckMessage(
                fixed(MqttMessageType.CONNACK, false),
                new MqttConnAckVariableHeader(MqttConnectReturnCode.CONNECTION_ACCEPTED, sessionPresent, properties));
    }

    MqttMessage refused(MqttConnectReturnCode code, String reason) {
        return new MqttConnAckMessage(
                fixed(MqttMessageType.CONNACK, false), new MqttConnAckVariableHeader(code, false, explained(reason)));
    }

    /** DISCONNECT, which only MQTT 5.0 lets a server send. */
    MqttMessage disconnect(int code, String reason) {
        return new MqttMessage(
                fixed(MqttMessageType.DISCONNECT, false),
                new MqttReasonCodeAndPropertiesVariableHeader((byte) code, explained(reason)));
    }

    private MqttProperties explained(String reason) {
        var properties = new MqttProperties();
        if (v5() && !reason.isEmpty()) {
            properties.add(new StringProperty(MqttPropertyType.REASON_STRING.value(), reason));
        }
        return properties;
    }

    MqttMessage acknowledgement(MqttMessageType type, int packetId, int reason) {
        var header = fixed(type, type == MqttMessageType.PUBREL);
        return v5()
                ? new MqttMessage(
                        header, new MqttPubReplyMessageVariableHeader(packetId, (byte) reason, new MqttProperties()))
                : new MqttMessage(header, MqttMessageIdVariableHeader.from(packetId));
    }

    MqttMessage suback(int packetId, List<Integer> codes) {
        return new MqttSubAckMessage(
                fixed(MqttMessageType.SUBACK, false), numbered(packetId), new MqttSubAckPayload(codes));
    }

    MqttMessage unsuback(int packetId, List<Integer> codes) {
        var reasons = v5() ? codes.stream().map(Integer::shortValue).toList() : List.<Short>of();
        return new MqttUnsubAckMessage(
                fixed(MqttMessageType.UNSUBACK, false), numbered(packetId), new MqttUnsubAckPayload(reasons));
    }

    MqttMessage pong() {
        return MqttMessage.PINGRESP;
    }

    MqttMessage publish(Outgoing.Deliver delivery) {
        var properties = new MqttProperties();
        if (v5()) {
            PassedProperties.decode(delivery.message().properties, properties);
            if (delivery.remainingExpiry() > 0) {
                properties.add(new IntegerProperty(
                        MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL.value(), (int) delivery.remainingExpiry()));
            }
            for (var identifier : delivery.identifiers()) {
                properties.add(new IntegerProperty(MqttPropertyType.SUBSCRIPTION_IDENTIFIER.value(), identifier));
            }
        }
        return new MqttPublishMessage(
                new MqttFixedHeader(
                        MqttMessageType.PUBLISH,
                        delivery.again(),
                        MqttQoS.valueOf(delivery.qos()),
                        delivery.retain(),
                        0),
                new MqttPublishVariableHeader(delivery.message().topic, delivery.packetId(), properties),
                Unpooled.wrappedBuffer(delivery.message().payload));
    }

    private static MqttMessageIdAndPropertiesVariableHeader numbered(int packetId) {
        return new MqttMessageIdAndPropertiesVariableHeader(packetId, new MqttProperties());
    }

    private static MqttFixedHeader fixed(MqttMessageType type, boolean reserved) {
        return new MqttFixedHeader(type, false, reserved ? MqttQoS.AT_LEAST_ONCE : MqttQoS.AT_MOST_ONCE, false, 0);
    }
}
