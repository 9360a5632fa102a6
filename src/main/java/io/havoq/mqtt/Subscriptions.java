package io.havoq.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import io.havoq.time.RunClock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** What one client is to be subscribed to; kept, since a broker may lose it, until it is refused or ended. Thread-safe. */
final class Subscriptions {
    private final Mqtt5AsyncClient client;
    private final String clientId;
    private final ClientObserver observer;
    private final BooleanSupplier connected;
    private final Map<String, Subscription> wanted = new ConcurrentHashMap<>();

    private record Subscription(MqttQos qos, CompletableFuture<Integer> granted) {}

    Subscriptions(Mqtt5AsyncClient client, String clientId, ClientObserver observer, BooleanSupplier connected) {
        this.client = client;
        this.clientId = clientId;
        this.observer = observer;
        this.connected = connected;
    }

    /**
     * Wants one more, and sends it, if there is a connection.
     *
     * @return completes with the QoS that the first SUBACK granted; fails when SUBACK refused
     */
    CompletableFuture<Integer> add(String filter, MqttQos qos) {
        var subscription = new Subscription(qos, new CompletableFuture<>());
        wanted.put(filter, subscription);
        // Asked only now: who connects from now on finds it among those that are wanted.
        if (connected.getAsBoolean()) {
            send(filter, subscription);
        }
        return subscription.granted();
    }

    /** Subscribes to all: the session does not have them. */
    void sendAll() {
        wanted.forEach(this::send);
    }

    private void send(String filter, Subscription subscription) {
        var unused = client.subscribe(Mqtt5Subscribe.builder()
                        .topicFilter(filter)
                        .qos(subscription.qos())
                        .noLocal(false)
                        .retainAsPublished(true)
                        .retainHandling(Mqtt5RetainHandling.SEND)
                        .build())
                .whenComplete((subAck, error) -> {
                    if (error == null) {
                        var granted = subAck.getReasonCodes().get(0).getCode();
                        observer.subscribed(filter, granted, RunClock.now());
                        subscription.granted().complete(granted);
                    } else if (error instanceof Mqtt5SubAckException refusal) {
                        wanted.remove(filter, subscription);
                        subscription
                                .granted()
                                .completeExceptionally(new MqttException(
                                        clientId + ": subscription to " + filter + " refused: "
                                                + refusal.getMqttMessage().getReasonCodes(),
                                        refusal));
                    }
                    // Anything else means that the connection or the session ended: the next CONNACK sends it again.
                });
    }

    /** Ends one; completes when UNSUBACK arrived. */
    CompletableFuture<?> remove(String filter) {
        wanted.remove(filter);
        return client.unsubscribeWith().topicFilter(filter).send();
    }
}
