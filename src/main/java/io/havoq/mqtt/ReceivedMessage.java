package io.havoq.mqtt;

import java.nio.charset.StandardCharsets;

/** A message that a fixture client received. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; text() is what tests assert on
public record ReceivedMessage(String topic, int qos, boolean retained, byte[] payload, long nanos) {
    /** The payload as UTF-8. */
    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return topic + " QoS " + qos + (retained ? " retained: " : ": ") + text();
    }
}
