package io.havoq.recovery;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.havoq.Invariant;
import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checks that retained messages survive: set at QoS 1 over all nodes before the fault, they must reach a fresh subscriber on every
 * node after it (MQTT 5.0, 3.3.1-5 and 3.3.1-9). Used by one thread at a time. The messages are removed by {@link #remove()},
 * which {@link #close()} calls; where even that is not reached they expire.
 */
public final class RetainedProbe implements AutoCloseable {
    private static final int REMOVAL_ATTEMPTS = 3;
    private static final Duration EXPIRY = Duration.ofHours(6);

    private final ProbeScope scope;
    private final List<MqttEndpoint> endpoints;
    private final ProbeClients clients;
    private final int count;
    private final Duration bound;
    private final Map<String, String> set = new LinkedHashMap<>();
    private String lastRefusal = "no node refused";

    /** A probe over these nodes; nothing happens before {@link #prepare()}. */
    public RetainedProbe(
            ProbeScope scope, List<MqttEndpoint> endpoints, Optional<Credentials> credentials, Settings settings) {
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("the retained probe needs at least one MQTT endpoint, got none");
        }
        this.scope = scope;
        this.endpoints = List.copyOf(endpoints);
        this.clients = new ProbeClients(credentials, settings);
        this.count = settings.get(RecoverySettings.RETAINED);
        this.bound = settings.get(RecoverySettings.CHECK_BOUND);
    }

    /**
     * Sets the retained messages, taking the nodes in turn.
     *
     * @throws ProbeException if one was not acknowledged: the cluster is not in a steady state
     */
    public void prepare() throws InterruptedException {
        for (var node = 0; node < endpoints.size() && node < count; node++) {
            try (var client = new ShortClient(clients, endpoints.get(node), scope.clientId("retain"), bound)) {
                client.connect(true, Duration.ZERO);
                var publishes = new ArrayList<Mqtt5Publish>();
                for (var i = node; i < count; i += endpoints.size()) {
                    var topic = scope.topic("retained/" + i);
                    // Before it is set, so that it is removed whatever happens.
                    set.put(topic, "retained-" + i);
                    publishes.add(retained(topic, "retained-" + i));
                }
                client.publish(publishes, acknowledged -> {});
            }
        }
    }

    /** Reads them with a fresh subscriber on every node. */
    public CheckResult check() throws InterruptedException {
        if (set.isEmpty()) {
            throw new ProbeException("retained probe: nothing was set, so there is nothing to check");
        }
        var lost = new Offenders(Invariant.RETAINED_LOST);
        var corrupted = new Offenders(Invariant.CORRUPTION);
        var unreachable = new Offenders(Invariant.CHECKLIST);
        for (var endpoint : endpoints) {
            try (var client = new ShortClient(clients, endpoint, scope.clientId("retained"), bound)) {
                client.connect(true, Duration.ZERO);
                client.subscribe(set.keySet());
                var read = byTopic(client.receive(received -> byTopic(received).size() >= set.size()));
                set.forEach((topic, payload) -> {
                    var found = read.get(topic);
                    if (found == null) {
                        lost.add(topic + " at " + endpoint + ": not delivered to a new subscriber");
                    } else if (!found.equals(payload)) {
                        corrupted.add(topic + " at " + endpoint + ": '" + found + "', expected '" + payload + "'");
                    }
                });
            } catch (ProbeException e) {
                unreachable.add(endpoint + ": " + e.getMessage());
            }
        }
        var checks = new ArrayList<>(CheckResult.unlessUnreachable(
                List.of(lost.check(
                        "data",
                        "retained messages kept",
                        set.size() + " read on each of " + endpoints.size() + " nodes")),
                unreachable));
        if (!corrupted.none()) {
            checks.add(corrupted.check("data", "retained messages unchanged", ""));
        }
        if (!unreachable.none()) {
            checks.add(unreachable.check("data", "retained messages readable on every node", ""));
        }
        var violations = new ArrayList<>(lost.violation());
        violations.addAll(corrupted.violation());
        violations.addAll(unreachable.violation());
        return new CheckResult(checks, violations);
    }

    /**
     * Removes them, trying every node a few times (an empty retained message removes the one before it, MQTT 5.0, 3.3.1-6).
     * Idempotent.
     *
     * @return what could not be removed; each expires by itself where the broker knows message expiry
     */
    public List<String> remove() throws InterruptedException {
        for (var attempt = 0; attempt < REMOVAL_ATTEMPTS; attempt++) {
            for (var endpoint : endpoints) {
                if (set.isEmpty()) {
                    return List.of();
                }
                removeAt(endpoint);
            }
        }
        return set.keySet().stream()
                .map(topic ->
                        "retained message on " + topic + " (expires after " + EXPIRY.toHours() + " h): " + lastRefusal)
                .toList();
    }

    private void removeAt(MqttEndpoint endpoint) throws InterruptedException {
        try (var client = new ShortClient(clients, endpoint, scope.clientId("unretain"), bound)) {
            client.connect(true, Duration.ZERO);
            var topics = List.copyOf(set.keySet());
            client.publish(
                    topics.stream().map(topic -> retained(topic, "")).toList(),
                    acknowledged -> set.remove(topics.get(acknowledged)));
        } catch (ProbeException e) {
            // Those still set are tried at the next node.
            lastRefusal = String.valueOf(e.getMessage());
        }
    }

    private static Map<String, String> byTopic(List<Mqtt5Publish> publishes) {
        var byTopic = new LinkedHashMap<String, String>();
        publishes.stream()
                .filter(Mqtt5Publish::isRetain)
                .forEach(publish -> byTopic.put(publish.getTopic().toString(), ShortClient.text(publish)));
        return byTopic;
    }

    private static Mqtt5Publish retained(String topic, String payload) {
        return ShortClient.message(topic, payload)
                .extend()
                .retain(true)
                .messageExpiryInterval(EXPIRY.toSeconds())
                .build();
    }

    /** Removes them. Call {@link #remove()} before to learn of what could not be removed. */
    @Override
    public void close() {
        try {
            var unused = remove();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
