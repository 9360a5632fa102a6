package io.havoq.recovery;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.havoq.Invariant;
import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.settings.Settings;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Checks that persistent sessions survive: clients subscribe on every node with a session that outlasts the connection and go
 * offline; messages are queued for them before and during the fault; afterwards each connects to another node than before, where
 * its session must be present (MQTT 5.0, 3.2.2-2) and every acknowledged message must arrive (4.5.0-1). Used by one thread at a
 * time. The sessions are removed by {@link #remove()}, which {@link #close()} calls; where even that is not reached they expire.
 */
public final class PersistentSessionProbe implements AutoCloseable {
    private static final int REMOVAL_ATTEMPTS = 3;

    private final ProbeScope scope;
    private final List<MqttEndpoint> endpoints;
    private final ProbeClients clients;
    private final int perNode;
    private final int messages;
    private final Duration expiry;
    private final Duration bound;
    private final List<Session> sessions = new ArrayList<>();
    private String lastRefusal = "no node refused";

    /** One session and what was published to it. */
    private static final class Session {
        private final String clientId;
        private final String topic;
        private final int madeAt;
        private final Set<String> sent = new HashSet<>();
        private final Set<String> acknowledged = new LinkedHashSet<>();

        Session(String clientId, String topic, int madeAt) {
            this.clientId = clientId;
            this.topic = topic;
            this.madeAt = madeAt;
        }
    }

    /** A probe with sessions on each of these nodes; nothing happens before {@link #prepare()}. */
    public PersistentSessionProbe(
            ProbeScope scope, List<MqttEndpoint> endpoints, Optional<Credentials> credentials, Settings settings) {
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("the session probe needs at least one MQTT endpoint, got none");
        }
        this.scope = scope;
        this.endpoints = List.copyOf(endpoints);
        this.clients = new ProbeClients(credentials, settings);
        this.perNode = settings.get(RecoverySettings.SESSIONS_PER_NODE);
        this.messages = settings.get(RecoverySettings.MESSAGES_PER_SESSION);
        this.expiry = settings.get(RecoverySettings.SESSION_EXPIRY);
        this.bound = settings.get(RecoverySettings.CHECK_BOUND);
    }

    /**
     * Makes the sessions, takes them offline and queues messages for each.
     *
     * @throws ProbeException if a session could not be made or a message was not acknowledged: the cluster is not in a steady
     *     state, and nothing could be concluded later
     */
    public void prepare() throws InterruptedException {
        for (var node = 0; node < endpoints.size(); node++) {
            for (var i = 0; i < perNode; i++) {
                var number = sessions.size();
                var session = new Session(scope.clientId("session"), scope.topic("session/" + number), node);
                // Before it is made, so that it is removed whatever happens.
                sessions.add(session);
                try (var client = client(session, node)) {
                    // As such clients do: no clean start (the identifier is new), and an expiry.
                    client.connect(false, expiry);
                    client.subscribe(session.topic);
                    client.disconnect();
                }
            }
        }
        var acknowledged = queue(messages, "before");
        var expected = sessions.size() * messages;
        if (acknowledged != expected) {
            throw new ProbeException("session probe: " + acknowledged + " of " + expected
                    + " messages acknowledged before the fault (" + lastRefusal
                    + "): the cluster is not in a steady state; see the nodes' logs");
        }
    }

    /**
     * Queues more messages for every session while the fault is in force, at any node that takes them; what is not acknowledged may
     * arrive or not.
     *
     * @return how many were acknowledged
     */
    public int queueDuringFault() throws InterruptedException {
        return queue(1, "during-" + RunClock.now());
    }

    private int queue(int perSession, String label) throws InterruptedException {
        var acknowledged = new AtomicInteger();
        for (var node = 0; node < endpoints.size() && acknowledged.get() == 0; node++) {
            try (var publisher =
                    new ShortClient(clients, endpoints.get(node), scope.clientId("session-publisher"), bound)) {
                publisher.connect(true, Duration.ZERO);
                var publishes = new ArrayList<Mqtt5Publish>();
                var acknowledge = new ArrayList<Runnable>();
                for (var session : sessions) {
                    for (var i = 0; i < perSession; i++) {
                        var payload = label + "-" + node + "-" + i;
                        session.sent.add(payload);
                        publishes.add(ShortClient.message(session.topic, payload));
                        acknowledge.add(() -> session.acknowledged.add(payload));
                    }
                }
                publisher.publish(publishes, number -> {
                    acknowledge.get(number).run();
                    acknowledged.incrementAndGet();
                });
            } catch (ProbeException e) {
                // Outcomes stay as recorded; another node is tried only if this one took nothing at all.
                lastRefusal = String.valueOf(e.getMessage());
            }
        }
        return acknowledged.get();
    }

    /**
     * Connects every session at another node than it was made on and compares what arrives with what was acknowledged. Each
     * session is checked once: what has arrived is acknowledged and gone.
     */
    public CheckResult check() throws InterruptedException {
        if (sessions.isEmpty()) {
            throw new ProbeException("session probe: no session was prepared, so there is nothing to check");
        }
        var absent = new Offenders(Invariant.SESSION_LOST);
        var lost = new Offenders(Invariant.QOS1_LOSS);
        var phantom = new Offenders(Invariant.PHANTOM);
        var unreachable = new Offenders(Invariant.CHECKLIST);
        var expected = 0;
        var duplicates = 0;
        // All at once, so that one bound holds for all of them together.
        var resumed = new ArrayList<ShortClient>();
        try {
            for (var session : sessions) {
                var client = client(session, resumedAt(session));
                resumed.add(client);
                client.beginConnect(false, expiry);
            }
            for (var i = 0; i < sessions.size(); i++) {
                var session = sessions.get(i);
                var client = resumed.get(i);
                var where = session.clientId + ", made at " + endpoints.get(session.madeAt) + ", resumed at "
                        + endpoints.get(resumedAt(session));
                expected += session.acknowledged.size();
                try {
                    var present = client.connected();
                    if (!present) {
                        absent.add(where + ": session not present");
                    }
                    var arrived = client.receive(
                            received -> !present || texts(received).containsAll(session.acknowledged));
                    var texts = texts(arrived);
                    duplicates += arrived.size() - texts.size();
                    var missing = new LinkedHashSet<>(session.acknowledged);
                    missing.removeAll(texts);
                    if (!missing.isEmpty()) {
                        lost.add(missing.size(), where + ": acknowledged and never delivered: " + missing);
                    }
                    texts.removeAll(session.sent);
                    if (!texts.isEmpty()) {
                        phantom.add(texts.size(), where + ": delivered and never sent: " + texts);
                    }
                } catch (ProbeException e) {
                    unreachable.add(where + ": " + e.getMessage());
                }
            }
        } finally {
            resumed.forEach(ShortClient::close);
        }
        var checks = new ArrayList<>(CheckResult.unlessUnreachable(
                List.of(
                        absent.check(
                                "application", "persistent sessions present", "all " + sessions.size() + " of them"),
                        lost.check(
                                "application",
                                "queued messages delivered",
                                expected + " of " + expected + " acknowledged, " + duplicates
                                        + " twice or more (QoS 1)")),
                unreachable));
        if (!phantom.none()) {
            checks.add(phantom.check("application", "nothing delivered that was not sent", ""));
        }
        if (!unreachable.none()) {
            checks.add(unreachable.check("application", "clients of persistent sessions connect", ""));
        }
        var violations = new ArrayList<>(absent.violation());
        violations.addAll(lost.violation());
        violations.addAll(phantom.violation());
        violations.addAll(unreachable.violation());
        return new CheckResult(checks, violations);
    }

    private int resumedAt(Session session) {
        return (session.madeAt + 1) % endpoints.size();
    }

    /**
     * Removes the sessions, trying every node a few times, for three times the check's bound at most. Idempotent.
     *
     * @return what could not be removed; each expires by itself
     */
    public List<String> remove() throws InterruptedException {
        var left = new ArrayList<String>();
        var deadline = RunClock.now() + bound.multipliedBy(REMOVAL_ATTEMPTS).toNanos();
        for (var session : List.copyOf(sessions)) {
            if (removed(session, deadline)) {
                sessions.remove(session);
            } else {
                left.add("session of " + session.clientId + " (expires " + expiry.toSeconds()
                        + " s after its last connection): " + lastRefusal);
            }
        }
        return left;
    }

    private boolean removed(Session session, long deadlineNanos) throws InterruptedException {
        for (var attempt = 0; attempt < REMOVAL_ATTEMPTS; attempt++) {
            for (var i = 0; i < endpoints.size() && RunClock.now() - deadlineNanos < 0; i++) {
                try (var client = client(session, (session.madeAt + i) % endpoints.size())) {
                    // A clean start ends the old session, and an expiry of 0 the new one (MQTT 5.0, 3.1.2-4 and
                    // 3.1.2.11.2).
                    client.connect(true, Duration.ZERO);
                    client.disconnect();
                    return true;
                } catch (ProbeException e) {
                    // The next node, then all of them again.
                    lastRefusal = String.valueOf(e.getMessage());
                }
            }
        }
        return false;
    }

    private ShortClient client(Session session, int node) {
        return new ShortClient(clients, endpoints.get(node), session.clientId, bound);
    }

    private static Set<String> texts(List<Mqtt5Publish> publishes) {
        var texts = new LinkedHashSet<String>();
        publishes.forEach(publish -> texts.add(ShortClient.text(publish)));
        return texts;
    }

    /** Removes the sessions; what could not be removed expires. Call {@link #remove()} before to learn of it. */
    @Override
    public void close() {
        try {
            var unused = remove();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
