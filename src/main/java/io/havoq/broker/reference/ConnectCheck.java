package io.havoq.broker.reference;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Decides on a CONNECT as far as this node can: credentials, features that are not there, the client id. */
final class ConnectCheck {
    /** What the check came to. */
    sealed interface Outcome {}

    /** The session may be asked for; {@code assigned} if this node made up the client id. */
    record Accepted(Operation.Connect operation, boolean assigned, int keepAliveSeconds) implements Outcome {}

    /** The CONNACK to send, and why. */
    record Refused(MqttConnectReturnCode code, String reason) implements Outcome {}

    /** More would only lengthen what is resent after a take-over. */
    private static final int MOST_IN_FLIGHT = 256;

    private static final int MOST_IN_FLIGHT_V3 = 100;

    private final Arguments arguments;
    private final long boot;

    ConnectCheck(Arguments arguments, long boot) {
        this.arguments = arguments;
        this.boot = boot;
    }

    Outcome check(MqttConnectMessage packet, long connection) {
        var header = packet.variableHeader();
        var v5 = header.version() >= 5;
        var properties = header.properties();
        if (!authentic(packet)) {
            return new Refused(
                    v5
                            ? MqttConnectReturnCode.CONNECTION_REFUSED_BAD_USERNAME_OR_PASSWORD
                            : MqttConnectReturnCode.CONNECTION_REFUSED_BAD_USER_NAME_OR_PASSWORD,
                    "");
        }
        if (properties.getProperty(MqttPropertyType.AUTHENTICATION_METHOD.value()) != null) {
            return new Refused(
                    MqttConnectReturnCode.CONNECTION_REFUSED_BAD_AUTHENTICATION_METHOD,
                    "enhanced authentication is not supported");
        }
        if (header.isWillFlag()) {
            return new Refused(
                    v5
                            ? MqttConnectReturnCode.CONNECTION_REFUSED_IMPLEMENTATION_SPECIFIC
                            : MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE,
                    "wills are not supported");
        }
        var given = packet.payload().clientIdentifier();
        var assigned = given == null || given.isEmpty();
        if (assigned && !v5 && !header.isCleanSession()) {
            // 3.1.1, 3.1.3-8: without an id there is no session to keep.
            return new Refused(MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED, "");
        }
        var receiveMaximum = number(properties, MqttPropertyType.RECEIVE_MAXIMUM, 65_535);
        var maximumPacketSize = number(properties, MqttPropertyType.MAXIMUM_PACKET_SIZE, Integer.MAX_VALUE);
        if (receiveMaximum == 0 || maximumPacketSize == 0) {
            return new Refused(
                    MqttConnectReturnCode.CONNECTION_REFUSED_PROTOCOL_ERROR,
                    "receive maximum and maximum packet size must not be 0");
        }
        var expiry = v5
                ? number(properties, MqttPropertyType.SESSION_EXPIRY_INTERVAL, 0)
                : header.isCleanSession() ? 0 : Operation.NEVER;
        var window = v5 ? (int) Math.min(receiveMaximum, MOST_IN_FLIGHT) : MOST_IN_FLIGHT_V3;
        return new Accepted(
                new Operation.Connect(
                        connection,
                        assigned ? "auto-" + arguments.node() + "-" + boot + "-" + connection : given,
                        header.version(),
                        header.isCleanSession(),
                        expiry,
                        window,
                        maximumPacketSize),
                assigned,
                header.keepAliveTimeSeconds());
    }

    private boolean authentic(MqttConnectMessage packet) {
        if (arguments.username().isEmpty()) {
            return true;
        }
        var password = packet.payload().passwordInBytes();
        return arguments.username().equals(packet.payload().userName())
                && password != null
                && MessageDigest.isEqual(password, arguments.password().getBytes(StandardCharsets.UTF_8));
    }

    /** A number of a packet's properties, unsigned as MQTT has them. */
    static long number(MqttProperties properties, MqttPropertyType type, long otherwise) {
        return properties.getProperty(type.value()) instanceof IntegerProperty found
                ? Integer.toUnsignedLong(found.value())
                : otherwise;
    }
}
