package io.havoq.recovery;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.settings.Settings;
import io.havoq.time.Pauses;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Tells whether nodes serve a client that comes anew: connection, QoS 1 publish and its arrival, on that node. */
public final class ServiceCheck {
    /** From one attempt to the next: a node that refuses is not to be flooded. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    private ServiceCheck() {}

    /**
     * Whether one node served.
     *
     * @param took until the message was back, or until it was clear that it does not come
     * @param detail what happened, for people
     */
    public record Served(MqttEndpoint endpoint, boolean served, Duration took, String detail) {}

    /**
     * Connects anew to each node, all at once, and takes one QoS 1 message there and back, within {@code bound}. Until then it is tried
     * again, as any client does whose connection was refused or timed out. The results are in the nodes' order.
     */
    public static List<Served> serve(List<MqttEndpoint> endpoints, Optional<Credentials> credentials, Duration bound)
            throws InterruptedException {
        return EachNode.check(
                "service check", endpoints, (endpoint, pauses) -> serves(endpoint, credentials, bound, pauses));
    }

    private static Served serves(
            MqttEndpoint endpoint, Optional<Credentials> credentials, Duration bound, Pauses pauses)
            throws InterruptedException {
        var began = RunClock.now();
        for (var attempts = 1; ; attempts++) {
            var left = bound.minus(RunClock.between(began, RunClock.now()));
            var problem = attempt(endpoint, credentials, left);
            var took = RunClock.between(began, RunClock.now());
            var count = attempts == 1 ? "" : ", after " + attempts + " attempts";
            if (problem.isEmpty()) {
                return new Served(
                        endpoint,
                        true,
                        took,
                        "connected, published and received at QoS 1 in " + took.toMillis() + " ms" + count);
            }
            if (took.plus(PAUSE).compareTo(bound) >= 0 || !pauses.pass(PAUSE)) {
                return new Served(endpoint, false, took, problem.get() + count);
            }
        }
    }

    /** One attempt; returns what went wrong, empty if nothing. */
    private static Optional<String> attempt(MqttEndpoint endpoint, Optional<Credentials> credentials, Duration bound)
            throws InterruptedException {
        var scope = new ProbeScope(UUID.randomUUID().toString(), "service-check");
        var topic = scope.topic("serves");
        var clients = new ProbeClients(credentials, Settings.fromSystemProperties());
        try (var client = new ShortClient(clients, endpoint, scope.clientId("serves"), bound)) {
            client.connect(true, Duration.ZERO);
            client.subscribe(topic);
            client.publish(ShortClient.message(topic, "served?"));
            var served = !client.receive(received -> !received.isEmpty()).isEmpty();
            return served
                    ? Optional.empty()
                    : Optional.of("a QoS 1 publish was acknowledged and did not come back within " + bound.toMillis()
                            + " ms");
        } catch (ProbeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
