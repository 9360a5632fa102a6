package io.havoq.recovery;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.settings.Settings;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One connection to each node, opened while it served and kept as it is: whether a node acknowledges anything on connections from
 * before a fault is asked over these. They are not opened again. Thread-safe after {@link #open}.
 */
public final class HeldConnections implements AutoCloseable {
    private final ProbeScope scope;
    private final List<MqttEndpoint> endpoints;
    private final ProbeClients clients;
    private final Map<String, ShortClient> held = new LinkedHashMap<>();
    private final Set<String> served = new HashSet<>();

    /** Connections to these nodes; nothing happens before {@link #open}. */
    public HeldConnections(
            ProbeScope scope, List<MqttEndpoint> endpoints, Optional<Credentials> credentials, Settings settings) {
        this.scope = scope;
        this.endpoints = List.copyOf(endpoints);
        this.clients = new ProbeClients(credentials, settings);
    }

    /**
     * Connects to every node and has it acknowledge a QoS 1 publish.
     *
     * @throws ProbeException if a node did not within the bound
     */
    public void open(Duration bound) throws InterruptedException {
        for (var endpoint : endpoints) {
            var client = new ShortClient(clients, endpoint, scope.clientId("held-" + held.size()), bound);
            // Before it connects, so that it is closed whatever happens.
            held.put(endpoint.target(), client);
            client.connect(true, Duration.ZERO);
            client.publish(message(endpoint.target()));
            served.add(endpoint.target());
        }
    }

    /** Whether a node acknowledged a publish before. */
    boolean served(String target) {
        return served.contains(target);
    }

    /** Whether the connection to a node still stands, as far as its client knows. */
    boolean stands(String target) {
        var client = held.get(target);
        return client != null && client.stands();
    }

    /** Publishes at QoS 1 over the connection to a node; completes with whether it was acknowledged, at the latest when it ends. */
    CompletableFuture<Boolean> publish(String target) {
        var client = held.get(target);
        return client == null ? CompletableFuture.completedFuture(false) : client.begin(message(target));
    }

    private Mqtt5Publish message(String target) {
        return ShortClient.message(scope.topic("held/" + target), "acknowledged?");
    }

    /** Ends the connections. Idempotent. */
    @Override
    public void close() {
        held.values().forEach(ShortClient::close);
    }
}
