package io.havoq.workload;

import io.havoq.mqtt.FailoverClient;
import io.havoq.mqtt.PublishOutcome;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/** What a publisher needs of an MQTT client. */
interface PublishPort {
    /** The target it is connected to at this moment. */
    Optional<String> node();

    /** Sends; the outcome is told exactly once, on any thread. */
    void publish(String topic, int qos, ByteBuffer payload, Consumer<PublishOutcome> done);

    static PublishPort of(FailoverClient client) {
        return new PublishPort() {
            @Override
            public Optional<String> node() {
                return client.node();
            }

            @Override
            public void publish(String topic, int qos, ByteBuffer payload, Consumer<PublishOutcome> done) {
                client.publish(topic, qos, false, payload, done);
            }
        };
    }
}
