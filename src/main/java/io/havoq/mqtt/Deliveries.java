package io.havoq.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.havoq.time.RunClock;
import io.reactivex.disposables.Disposable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Hands every message to the observer that the client acknowledges, also those that the library acknowledges and drops
 * (hivemq-mqtt-client #254 and #455): a flow gets what the library hands over, and what it did not hand over is seen when its
 * acknowledgement is built. Thread-safe.
 */
final class Deliveries {
    private final ClientObserver observer;
    private final AtomicLong rescued = new AtomicLong();
    private @Nullable Disposable flow;
    private boolean ended;

    // Touched on the event loop only.
    private @Nullable Mqtt5Publish handedOver;

    Deliveries(ClientObserver observer) {
        this.observer = observer;
    }

    /** Registers the flow of a client; to be called before it sends CONNECT. */
    synchronized void register(Mqtt5Client client) {
        if (ended) {
            return;
        }
        flow = client.toRx()
                .publishes(MqttGlobalPublishFilter.ALL)
                // The library ends the flow with the session; the next session needs one, too.
                .subscribe(this::handOver, sessionEnded -> register(client));
    }

    private void handOver(Mqtt5Publish message) {
        handedOver = message;
        observer.delivered(message, RunClock.now());
    }

    /** Called while PUBACK or PUBREC is being built: the same object has been handed over just before, or never will be. */
    void acknowledging(Mqtt5Publish message) {
        if (message != handedOver) {
            rescued.incrementAndGet();
            observer.delivered(message, RunClock.now());
        }
        handedOver = null;
    }

    /** Messages that the library acknowledged without handing them over. */
    long rescued() {
        return rescued.get();
    }

    /** Ends the flow for good. */
    synchronized void end() {
        ended = true;
        var registered = flow;
        if (registered != null) {
            registered.dispose();
        }
    }
}
