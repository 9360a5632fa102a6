package io.havoq.mqtt;

import org.jspecify.annotations.Nullable;

/** An MQTT client could not do what it was asked for. The message says which client, which endpoint and why. */
public final class MqttException extends RuntimeException {
    /** Creates it. */
    public MqttException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
