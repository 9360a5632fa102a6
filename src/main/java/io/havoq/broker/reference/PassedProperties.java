package io.havoq.broker.reference;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.BinaryProperty;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperties;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperty;

/** The properties of a PUBLISH that a server passes on unaltered (MQTT 5.0, 3.3.2.3), as bytes for the log. */
final class PassedProperties {
    private static final byte[] NONE = {};
    private static final int FORMAT = MqttPropertyType.PAYLOAD_FORMAT_INDICATOR.value();
    private static final int CONTENT_TYPE = MqttPropertyType.CONTENT_TYPE.value();
    private static final int RESPONSE_TOPIC = MqttPropertyType.RESPONSE_TOPIC.value();
    private static final int CORRELATION = MqttPropertyType.CORRELATION_DATA.value();
    private static final int USER = MqttPropertyType.USER_PROPERTY.value();

    private PassedProperties() {}

    static byte[] encode(MqttProperties properties) {
        if (properties.isEmpty()) {
            return NONE;
        }
        var out = new WireOutput(64);
        for (MqttProperties.MqttProperty<?> property : properties.listAll()) {
            var id = property.propertyId();
            if (id == FORMAT && property instanceof IntegerProperty format) {
                out.octet(id);
                out.number(format.value());
            } else if ((id == CONTENT_TYPE || id == RESPONSE_TOPIC) && property instanceof StringProperty text) {
                out.octet(id);
                out.text(text.value());
            } else if (id == CORRELATION && property instanceof BinaryProperty data) {
                out.octet(id);
                out.blob(data.value());
            } else if (property instanceof UserProperties pairs) {
                pairs.value().forEach(pair -> user(out, pair.key, pair.value));
            } else if (property instanceof UserProperty pair) {
                user(out, pair.value().key, pair.value().value);
            }
        }
        return out.toByteArray();
    }

    private static void user(WireOutput out, String key, String value) {
        out.octet(USER);
        out.text(key);
        out.text(value);
    }

    static void decode(byte[] bytes, MqttProperties into) {
        var in = new WireInput(bytes);
        while (!in.exhausted()) {
            var id = in.octet();
            if (id == FORMAT) {
                into.add(new IntegerProperty(id, in.integer()));
            } else if (id == CORRELATION) {
                into.add(new BinaryProperty(id, in.blob()));
            } else if (id == USER) {
                into.add(new UserProperty(in.text(), in.text()));
            } else {
                into.add(new StringProperty(id, in.text()));
            }
        }
    }
}
