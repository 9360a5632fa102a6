package io.havoq.recovery;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Everything that a client receives, from before it connects until {@link #cancel()}: what arrives while no flow is registered is
 * acknowledged and lost by the library, and a flow that is not cancelled keeps the client's event loop alive. A subscriber of its
 * own, since RxJava's reports an end of the flow that comes after the cancellation as an uncaught exception.
 */
final class MessageFlow implements Subscriber<Mqtt5Publish> {
    private final Consumer<Mqtt5Publish> onMessage;
    private @Nullable Subscription subscription;
    private boolean cancelled;

    private MessageFlow(Consumer<Mqtt5Publish> onMessage) {
        this.onMessage = onMessage;
    }

    /** Registers a flow; call it before connecting. */
    static MessageFlow of(Mqtt5AsyncClient client, Consumer<Mqtt5Publish> onMessage) {
        var flow = new MessageFlow(onMessage);
        client.toRx().publishes(MqttGlobalPublishFilter.ALL).subscribe(flow);
        return flow;
    }

    @Override
    public synchronized void onSubscribe(Subscription subscribed) {
        subscription = subscribed;
        if (cancelled) {
            subscribed.cancel();
        } else {
            subscribed.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(Mqtt5Publish publish) {
        onMessage.accept(publish);
    }

    /** The flow ends with the session, and with it the connection, of which its owner is told by other means. */
    @Override
    public void onError(Throwable sessionEnded) {}

    @Override
    public void onComplete() {}

    /** Ends the flow; idempotent. */
    synchronized void cancel() {
        cancelled = true;
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
