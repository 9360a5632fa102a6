package io.havoq.recovery;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import io.havoq.environment.MqttEndpoint;
import io.havoq.time.RunClock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection kept open to one node and to no other: connects again and again while the node is away, and subscribes anew on
 * every connection, since its sessions end with the connection. Driven by its owner's {@link #tend}; callbacks come on an event
 * loop thread. Thread-safe.
 */
final class ProbeLink {
    private static final long CLOSE_MILLIS = 500;

    private final MqttEndpoint endpoint;
    private final ProbeClients clients;
    private final ProbeScope scope;
    private final String purpose;
    private final List<String> topics;
    private final long retryNanos;
    private final Consumer<Mqtt5Publish> onMessage;

    private @Nullable Connection current;
    private long downSinceNanos;
    private boolean closed;
    private volatile @Nullable String problem;

    ProbeLink(
            MqttEndpoint endpoint,
            ProbeClients clients,
            ProbeScope scope,
            String purpose,
            List<String> topics,
            long retryNanos,
            Consumer<Mqtt5Publish> onMessage) {
        this.endpoint = endpoint;
        this.clients = clients;
        this.scope = scope;
        this.purpose = purpose;
        this.topics = List.copyOf(topics);
        this.retryNanos = retryNanos;
        this.onMessage = onMessage;
        this.downSinceNanos = RunClock.now() - retryNanos;
    }

    MqttEndpoint endpoint() {
        return endpoint;
    }

    /** Why it does not serve, as last seen; empty once the node has acknowledged a publish. */
    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** Begins a new connection if there is none and the last one was lost long enough ago. */
    void tend(long nowNanos) {
        Connection begun;
        synchronized (this) {
            if (closed || current != null || nowNanos - downSinceNanos < retryNanos) {
                return;
            }
            begun = new Connection();
            current = begun;
        }
        begun.begin();
    }

    /** Since when it is connected and subscribed; null if it is not. */
    synchronized @Nullable Long openSince() {
        return current != null && current.open ? current.openSinceNanos : null;
    }

    /**
     * Publishes at QoS 1.
     *
     * @param onOutcome told once whether the PUBACK came with success; told at once if the link is not open
     */
    void publish(String topic, byte[] payload, Consumer<Boolean> onOutcome) {
        Connection connection;
        synchronized (this) {
            connection = current;
        }
        if (connection == null || !connection.open) {
            onOutcome.accept(false);
            return;
        }
        var unused = connection
                .client
                .publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload)
                .send()
                .whenComplete((result, failure) -> {
                    var acknowledged = failure == null && result.getError().isEmpty();
                    if (acknowledged) {
                        problem = null;
                    }
                    onOutcome.accept(acknowledged);
                });
    }

    /**
     * Gives a connection up that stalls; the next {@link #tend} begins a new one at once.
     *
     * @param why what stalls, for {@link #problem()}
     */
    void recycle(String why) {
        problem = why;
        Connection given;
        synchronized (this) {
            given = current;
            current = null;
            downSinceNanos = RunClock.now() - retryNanos;
        }
        if (given != null) {
            var unused = given.end();
        }
    }

    private synchronized void lost(Connection connection) {
        if (current == connection) {
            current = null;
            downSinceNanos = RunClock.now();
        }
    }

    private synchronized void opened(Connection connection) {
        if (current == connection) {
            connection.open = true;
            connection.openSinceNanos = RunClock.now();
        }
    }

    /** Ends the connection for good; completes when the node has closed it, exceptionally if it was not open. */
    CompletableFuture<Void> end() {
        Connection last;
        synchronized (this) {
            closed = true;
            last = current;
            current = null;
        }
        return last == null ? CompletableFuture.completedFuture(null) : last.end();
    }

    /** Ends several; waits half a second at most, since nodes that do not answer must not hold up the end of a run. */
    static void end(List<ProbeLink> links) {
        // A connection that was not open ends exceptionally, which is as good an end.
        var ends = links.stream()
                .map(link -> link.end().exceptionally(notConnected -> null))
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(ends).get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // A node does not answer: the library closes its socket within its own time-outs.
            return;
        }
    }

    /** One client object for one connection, and for the attempts until there is one: nothing of it reaches the next. */
    private final class Connection {
        private final Mqtt5AsyncClient client;
        private final MessageFlow messages;
        private volatile boolean open;
        private volatile boolean connected;
        private volatile boolean ended;
        private long openSinceNanos;

        Connection() {
            client = clients.client(endpoint, scope.clientId(purpose))
                    .addDisconnectedListener(this::disconnected)
                    .buildAsync();
            messages = MessageFlow.of(client, publish -> {
                if (!ended) {
                    onMessage.accept(publish);
                }
            });
        }

        void begin() {
            var unused = client.connectWith()
                    .cleanStart(true)
                    .sessionExpiryInterval(0)
                    .keepAlive(ProbeClients.keepAliveSeconds())
                    .send()
                    .thenCompose(connAck -> {
                        connected = true;
                        if (ended) {
                            throw new ProbeException("given up while connecting");
                        }
                        return client.subscribe(Mqtt5Subscribe.builder()
                                .addSubscriptions(topics.stream()
                                        .map(topic -> Mqtt5Subscription.builder()
                                                .topicFilter(topic)
                                                .qos(MqttQos.AT_LEAST_ONCE)
                                                .build())
                                        .toList())
                                .build());
                    })
                    .whenComplete((subAck, failure) -> {
                        if (failure == null) {
                            opened(this);
                        } else {
                            LinkProblem.refusal(failure).ifPresent(refusal -> problem = refusal);
                            lost(this);
                            var unusedEnd = end();
                        }
                    });
        }

        private void disconnected(MqttClientDisconnectedContext context) {
            open = false;
            LinkProblem.of(context).ifPresent(reason -> problem = reason);
            // The library retries only until the first CONNACK: that keeps its event loops alive while a whole cluster
            // is away.
            var retry = !connected && !ended;
            context.getReconnector()
                    .reconnect(retry)
                    .delay(retryNanos, TimeUnit.NANOSECONDS)
                    .transportConfig(clients.transport(endpoint));
            if (!retry) {
                lost(this);
                messages.cancel();
            }
        }

        CompletableFuture<Void> end() {
            ended = true;
            open = false;
            // Not before: the library warns of messages that find no flow.
            return client.disconnect().whenComplete((nothing, failure) -> messages.cancel());
        }
    }
}
