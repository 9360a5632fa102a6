package io.havoq.mqtt;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * MQTT clients for a test's own messages. They have identifiers of their own in every run, and closing removes what they put
 * into the broker: sessions, by a clean start with expiry 0, and retained messages, by an empty one. Thread-safe.
 */
public final class MqttClients implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(10);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);
    private static final Duration SESSION_EXPIRY = Duration.ofMinutes(5);

    private final String prefix;
    private final List<MqttEndpoint> endpoints;
    private final Optional<Credentials> credentials;
    private final AtomicInteger count = new AtomicInteger();
    private final Collection<FixtureClient> clients = new ConcurrentLinkedQueue<>();
    private final Set<String> sessions = ConcurrentHashMap.newKeySet();
    private final Set<String> retainedTopics = ConcurrentHashMap.newKeySet();

    /** @param prefix what the client identifiers begin with: contains the run's identifier */
    public MqttClients(String prefix, List<MqttEndpoint> endpoints, Optional<Credentials> credentials) {
        this.prefix = prefix;
        this.endpoints = List.copyOf(endpoints);
        this.credentials = credentials;
    }

    /** Connects a new client to any node; it fails over among all of them. */
    public FixtureClient connect() {
        return open(nextId(), endpoints, true, SESSION_EXPIRY);
    }

    /** Connects a new client to one node, and to no other. */
    public FixtureClient connect(String target) {
        return connect(target, SESSION_EXPIRY);
    }

    /**
     * Connects a new client to one node, and to no other.
     *
     * @param sessionExpiry how long the broker shall keep its session once it is disconnected, whole seconds; resumed it is kept as long as
     *     every other
     */
    public FixtureClient connect(String target, Duration sessionExpiry) {
        return open(nextId(), at(target), true, sessionExpiry);
    }

    /** Disconnects a client if it is still connected, connects again with its identifier to any node, and resumes its session. */
    public FixtureClient resume(FixtureClient former) {
        return reopen(former, endpoints);
    }

    /** Disconnects a client if it is still connected, connects again with its identifier to one node, and resumes its session. */
    public FixtureClient resume(FixtureClient former, String target) {
        return reopen(former, at(target));
    }

    private FixtureClient reopen(FixtureClient former, List<MqttEndpoint> where) {
        // Two clients of one identifier would take the session from each other for ever (MQTT 5.0, 3.1.4-3).
        if (former.node().isPresent()) {
            former.disconnect();
        }
        return open(former.clientId(), where, false, SESSION_EXPIRY);
    }

    private String nextId() {
        return prefix + "-f" + count.incrementAndGet();
    }

    private List<MqttEndpoint> at(String target) {
        var found = endpoints.stream()
                .filter(endpoint -> endpoint.target().equals(target))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no endpoint at target '" + target + "': expected one of "
                    + endpoints.stream().map(MqttEndpoint::target).toList());
        }
        return found;
    }

    private FixtureClient open(String clientId, List<MqttEndpoint> where, boolean cleanStart, Duration sessionExpiry) {
        var profile = new ClientProfile(
                clientId,
                where,
                0,
                credentials,
                cleanStart,
                sessionExpiry,
                KEEP_ALIVE,
                ClientProfile.DEFAULT_RECEIVE_MAXIMUM);
        var client = new FixtureClient(profile, TIMEOUT, (owner, topic) -> retainedTopics.add(topic));
        clients.add(client);
        sessions.add(clientId);
        client.connect();
        return client;
    }

    /**
     * Removes every session and retained message that these clients made, and ends them. Bounded in time; may be called again.
     *
     * @throws MqttException listing what could not be removed because no node was reachable
     */
    @Override
    public void close() {
        var deadline = System.nanoTime() + CLOSE_BOUND.toNanos();
        var left = new LinkedHashSet<String>();
        removeRetained(left);
        // A live client removes its own session; one that was disconnected is taken over by a clean start.
        var endings = new ArrayList<CompletableFuture<Boolean>>();
        var live = new LinkedHashSet<String>();
        for (var client : clients) {
            if (client.node().isPresent()) {
                live.add(client.clientId());
                endings.add(client.end().thenApply(removed -> removed && sessions.remove(client.clientId())));
            } else {
                client.abandon();
            }
        }
        for (var clientId : sessions) {
            if (!live.contains(clientId)) {
                endings.add(removal(clientId));
            }
        }
        awaitAll(endings, deadline);
        clients.forEach(FixtureClient::abandon);
        clients.clear();
        sessions.forEach(session -> left.add("session " + session));
        if (!left.isEmpty()) {
            throw new MqttException(
                    "not removed from the broker, no node was reachable within " + CLOSE_BOUND.toSeconds() + " s: "
                            + left + "; sessions expire by themselves after " + SESSION_EXPIRY.toMinutes() + " min",
                    null);
        }
    }

    private void removeRetained(Set<String> left) {
        if (retainedTopics.isEmpty()) {
            return;
        }
        try {
            var cleaner = open(nextId(), endpoints, true, SESSION_EXPIRY);
            for (var topic : List.copyOf(retainedTopics)) {
                cleaner.publish(topic, 1, true, new byte[0]);
                retainedTopics.remove(topic);
            }
        } catch (MqttException e) {
            retainedTopics.forEach(topic -> left.add("retained message " + topic + " (" + e.getMessage() + ")"));
        }
    }

    private CompletableFuture<Boolean> removal(String clientId) {
        var profile = new ClientProfile(
                clientId,
                endpoints,
                0,
                credentials,
                true,
                Duration.ZERO,
                KEEP_ALIVE,
                ClientProfile.DEFAULT_RECEIVE_MAXIMUM);
        var remover = new FixtureClient(profile, TIMEOUT, (owner, topic) -> {});
        clients.add(remover);
        return remover.start()
                .thenCompose(present -> remover.end())
                .thenApply(removed -> removed && sessions.remove(clientId));
    }

    private static void awaitAll(List<CompletableFuture<Boolean>> endings, long deadlineNanos) {
        try {
            CompletableFuture.allOf(endings.toArray(CompletableFuture[]::new))
                    .get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // What is left is listed by the caller: the sessions that nobody took off the list.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
