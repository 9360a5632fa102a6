package io.havoq.mqtt;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.havoq.ledger.Outcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

/**
 * A client for a test's own messages: every call waits for the broker's answer, within a bound. Made by {@link MqttClients}
 * and closed by it. Thread-safe.
 */
public final class FixtureClient {
    private final FailoverClient client;
    private final Duration timeout;
    private final BiConsumer<FixtureClient, String> retainedTopics;
    private final BlockingQueue<ReceivedMessage> received = new LinkedBlockingQueue<>();
    private volatile boolean sessionPresent;

    FixtureClient(ClientProfile profile, Duration timeout, BiConsumer<FixtureClient, String> retainedTopics) {
        this.timeout = timeout;
        this.retainedTopics = retainedTopics;
        this.client = new FailoverClient(profile, new ClientObserver() {
            @Override
            public void connected(String node, boolean present, boolean expired, long nowNanos) {
                sessionPresent = present;
            }

            @Override
            public void delivered(Mqtt5Publish message, long nowNanos) {
                received.add(new ReceivedMessage(
                        message.getTopic().toString(),
                        message.getQos().getCode(),
                        message.isRetain(),
                        message.getPayloadAsBytes(),
                        nowNanos));
            }
        });
    }

    void connect() {
        await(start(), "connect");
    }

    CompletableFuture<Boolean> start() {
        return client.connect();
    }

    /** The client identifier. */
    public String clientId() {
        return client.clientId();
    }

    /** The target it is connected to at this moment. */
    public Optional<String> node() {
        return client.node();
    }

    /** Whether the broker said at the last CONNACK that it still had the session. */
    public boolean sessionPresent() {
        return sessionPresent;
    }

    /** Publishes UTF-8 text and waits for the acknowledgement. */
    public void publish(String topic, int qos, String text) {
        publish(topic, qos, false, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Publishes a retained message and waits for the acknowledgement; it is removed from the broker after the test. */
    public void publishRetained(String topic, int qos, String text) {
        publish(topic, qos, true, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Publishes and waits for the acknowledgement (at QoS 0: until it is written). A retained message is removed from the
     * broker after the test.
     *
     * @throws MqttException if it was refused, its outcome is unknown, or nothing came within the bound
     */
    public void publish(String topic, int qos, boolean retain, byte[] payload) {
        if (retain && payload.length > 0) {
            // Before it is set, so that it is removed whatever happens.
            retainedTopics.accept(this, topic);
        }
        var done = new CompletableFuture<PublishOutcome>();
        client.publish(topic, qos, retain, ByteBuffer.wrap(payload), done::complete);
        var outcome = await(done, "publish to " + topic + " at QoS " + qos);
        if (outcome.outcome() != Outcome.ACKNOWLEDGED) {
            throw new MqttException(
                    clientId() + ": publish to " + topic + " at QoS " + qos + " is " + outcome.outcome() + ": "
                            + outcome.reason(),
                    null);
        }
    }

    /**
     * Subscribes and waits for SUBACK.
     *
     * @return the granted QoS
     */
    public int subscribe(String filter, int qos) {
        return await(client.subscribe(filter, qos), "subscribe to " + filter);
    }

    /** Unsubscribes and waits for UNSUBACK. */
    public void unsubscribe(String filter) {
        await(client.unsubscribe(filter), "unsubscribe from " + filter);
    }

    /** The next message, waiting for it up to the bound; empty when none came. */
    public Optional<ReceivedMessage> poll(Duration bound) throws InterruptedException {
        return Optional.ofNullable(received.poll(bound.toNanos(), TimeUnit.NANOSECONDS));
    }

    /**
     * The next message.
     *
     * @throws AssertionError if none came within the client's time-out
     */
    public ReceivedMessage receive() throws InterruptedException {
        return poll(timeout)
                .orElseThrow(() -> new AssertionError(
                        clientId() + " received no message within " + timeout.toMillis() + " ms (" + where() + ")"));
    }

    /** Disconnects and leaves the session with the broker; {@link MqttClients} can resume it at any node. */
    public void disconnect() {
        await(client.disconnectKeepingSession(), "disconnect");
    }

    CompletableFuture<Boolean> end() {
        return client.end();
    }

    void abandon() {
        client.abandon();
    }

    private String where() {
        return node().map(target -> "connected to " + target)
                .orElseGet(() -> "not connected: " + client.lastProblem().orElse("disconnected by the test"));
    }

    private <T> T await(CompletableFuture<T> answer, String what) {
        try {
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new MqttException(
                    clientId() + ": no answer to " + what + " within " + timeout.toMillis() + " ms (" + where() + ")",
                    e);
        } catch (ExecutionException e) {
            throw new MqttException(
                    clientId() + ": " + what + " failed: " + Causes.text(e.getCause() == null ? e : e.getCause()),
                    e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MqttException(clientId() + ": interrupted while waiting for the answer to " + what, e);
        }
    }
}
