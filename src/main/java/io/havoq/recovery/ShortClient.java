package io.havoq.recovery;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import io.havoq.environment.MqttEndpoint;
import io.havoq.time.RunClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * A client for one check: connects once to one node, does a few things, each within what is left of one bound, and is closed.
 * What arrives is kept. Every failure is a {@link ProbeException} that says what was tried where.
 */
final class ShortClient implements AutoCloseable {
    private static final long CLOSE_MILLIS = 500;

    private final MqttEndpoint endpoint;
    private final Mqtt5AsyncClient client;
    private final long deadlineNanos;
    private final MessageFlow messages;
    private final List<Mqtt5Publish> received = new ArrayList<>();
    private CompletableFuture<Mqtt5ConnAck> connecting =
            CompletableFuture.failedFuture(new ProbeException("not connecting"));

    ShortClient(ProbeClients clients, MqttEndpoint endpoint, String clientId, Duration bound) {
        this.endpoint = endpoint;
        this.deadlineNanos = RunClock.now() + bound.toNanos();
        this.client = clients.client(endpoint, clientId).buildAsync();
        this.messages = MessageFlow.of(client, publish -> {
            synchronized (received) {
                received.add(publish);
                received.notifyAll();
            }
        });
    }

    /** Connects; true if a session was present. */
    boolean connect(boolean cleanStart, Duration sessionExpiry) throws InterruptedException {
        beginConnect(cleanStart, sessionExpiry);
        return connected();
    }

    /** Begins to connect; {@link #connected()} waits for it. */
    void beginConnect(boolean cleanStart, Duration sessionExpiry) {
        connecting = client.connectWith()
                .cleanStart(cleanStart)
                .sessionExpiryInterval(sessionExpiry.toSeconds())
                .keepAlive(ProbeClients.keepAliveSeconds())
                .send();
    }

    /** Waits for the connection; true if a session was present. */
    boolean connected() throws InterruptedException {
        return await("connect", connecting).isSessionPresent();
    }

    /** Whether the outcome of the attempt to connect is known. */
    boolean answered() {
        return connecting.isDone();
    }

    /** Whether it is connected, as far as it knows. */
    boolean stands() {
        return client.getState().isConnected();
    }

    /** Runs when a connection that was begun is accepted, also after the bound and after {@link #close()}. */
    void whenConnected(Runnable then) {
        var unused = connecting.thenRun(then);
    }

    /** Publishes and does not wait: completes with whether it was acknowledged, however late. */
    CompletableFuture<Boolean> begin(Mqtt5Publish publish) {
        return client.publish(publish)
                .handle((result, failure) ->
                        failure == null && result.getError().isEmpty());
    }

    /** Subscribes at QoS 1. */
    void subscribe(String filter) throws InterruptedException {
        subscribe(List.of(filter));
    }

    /** Subscribes to all of them at QoS 1, with one packet. */
    void subscribe(Collection<String> filters) throws InterruptedException {
        var packet = Mqtt5Subscribe.builder()
                .addSubscriptions(filters.stream()
                        .map(filter -> Mqtt5Subscription.builder()
                                .topicFilter(filter)
                                .qos(MqttQos.AT_LEAST_ONCE)
                                .build()))
                .build();
        var subAck = await("subscribe to " + filters, client.subscribe(packet));
        if (subAck.getReasonCodes().stream().anyMatch(code -> code.getCode() < 1)) {
            throw new ProbeException("subscribe to " + filters + " at " + endpoint + ": granted "
                    + subAck.getReasonCodes() + ", expected QoS 1 for each");
        }
    }

    /** Publishes and waits for the acknowledgement, which for QoS 1 is the PUBACK. */
    void publish(Mqtt5Publish publish) throws InterruptedException {
        publish(List.of(publish), acknowledged -> {});
    }

    /**
     * Publishes all of them without waiting in between, then waits for the acknowledgements, which for QoS 1 are the PUBACKs.
     *
     * @param acknowledged is told of each that was, by its place in the list
     * @throws ProbeException if one was not, once all were waited for; the first one's reason
     */
    void publish(List<Mqtt5Publish> publishes, IntConsumer acknowledged) throws InterruptedException {
        var outcomes = publishes.stream().map(client::publish).toList();
        ProbeException first = null;
        for (var i = 0; i < outcomes.size(); i++) {
            try {
                acknowledged(publishes.get(i), outcomes.get(i));
                acknowledged.accept(i);
            } catch (ProbeException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private void acknowledged(Mqtt5Publish publish, CompletableFuture<Mqtt5PublishResult> outcome)
            throws InterruptedException {
        var result = await("publish to " + publish.getTopic(), outcome);
        if (result.getError().isPresent()) {
            throw new ProbeException(
                    "publish to " + publish.getTopic() + " at " + endpoint + " failed: "
                            + result.getError().get(),
                    result.getError().get());
        }
    }

    /** Waits until what arrived satisfies a condition or the bound has passed; what arrived either way. */
    List<Mqtt5Publish> receive(Predicate<List<Mqtt5Publish>> enough) throws InterruptedException {
        synchronized (received) {
            while (!enough.test(received)) {
                var left = deadlineNanos - RunClock.now();
                if (left <= 0) {
                    break;
                }
                TimeUnit.NANOSECONDS.timedWait(received, left);
            }
            return List.copyOf(received);
        }
    }

    /** Disconnects and leaves the session; returns when it was sent. */
    void disconnect() throws InterruptedException {
        var unused = await("disconnect", client.disconnect().thenApply(nothing -> true));
    }

    /** A QoS 1 message of a probe. */
    static Mqtt5Publish message(String topic, String text) {
        return Mqtt5Publish.builder()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(text.getBytes(StandardCharsets.UTF_8))
                .build();
    }

    static String text(Mqtt5Publish publish) {
        return new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8);
    }

    private <T> T await(String what, CompletableFuture<T> outcome) throws InterruptedException {
        var left = Math.max(0, deadlineNanos - RunClock.now());
        try {
            return outcome.get(left, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new ProbeException(what + " at " + endpoint + " failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new ProbeException(what + " at " + endpoint + ": no answer within the check's bound", e);
        }
    }

    @Override
    public void close() {
        // Should an attempt under way still succeed, it is undone then: the library cannot abandon it.
        var ended = connecting
                .handle((connAck, failure) ->
                        failure == null && client.getState().isConnected())
                .thenCompose(open -> open ? client.disconnect() : CompletableFuture.<Void>completedFuture(null))
                .whenComplete((nothing, failure) -> messages.cancel());
        if (!connecting.isDone()) {
            return;
        }
        try {
            ended.get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // Its node does not answer, or the connection was lost meanwhile: there is nothing left to close politely.
            return;
        }
    }
}
