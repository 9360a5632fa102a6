package io.havoq.scenarios;

import static io.havoq.HavoqAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.environment.Target;
import io.havoq.mqtt.FixtureClient;
import io.havoq.mqtt.MqttClients;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Scenario 8: one node's wall clock is five minutes ahead. The cluster serves on as before. That sessions live as long as they
 * should, neither shorter because of the leap nor longer because of the leap back, is a SHOULD: it tells whether the broker counts
 * by a clock that does not leap.
 */
@Tag("P2")
@ChaosExperiment("chaos/08-time-skew.yaml")
class TimeSkewIT {
    /** Longer than it takes from the making of a session to its resumption, shorter than the leap. */
    private static final Duration EXPIRY = Duration.ofMinutes(4);

    private static final Duration SHORT_EXPIRY = Duration.ofSeconds(2);
    /** MQTT lets a server take its time with discarding a session; five minutes it must not. */
    private static final Duration SURELY_EXPIRED = Duration.ofSeconds(10);

    private final Map<String, FixtureClient> before = new LinkedHashMap<>();

    /** Left at every node, since nobody knows yet which one is hit. */
    @BeforeEach
    void leaveSessions(Cluster cluster, MqttClients clients) {
        for (var node : cluster.nodes()) {
            before.put(node.name(), leave(clients, node.name(), EXPIRY));
        }
    }

    private static FixtureClient leave(MqttClients clients, String node, Duration expiry) {
        var client = clients.connect(node, expiry);
        client.subscribe(client.clientId() + "/#", 1);
        client.disconnect();
        return client;
    }

    @Test
    void aClockThatLeapsHarmsNothing(Experiment experiment, Cluster cluster, MqttClients clients) {
        var skewed = experiment.targets().get(0);
        experiment.during(() -> {
            assertThat(cluster.everyNode()).serveClients();
            experiment.should(
                    "a session made before outlives a leap of five minutes",
                    () -> assertKept(clients, before.get(skewed.name()), skewed.name()));
        });
        experiment.hold();
        var underTheSkew = leave(clients, skewed.name(), EXPIRY);
        var shortLived = leave(clients, skewed.name(), SHORT_EXPIRY);
        long left = System.nanoTime();

        experiment.recover();
        experiment.should(
                "a session made under the skew is there after the leap back",
                () -> assertKept(clients, underTheSkew, skewed.name()));
        assertThat(cluster.nodes()).allMatch(Target::ready);
        // From when it was left, before the recovery: all that has happened since counts.
        await("the session of 2 s is surely over")
                .atMost(SURELY_EXPIRED.multipliedBy(2))
                .until(() -> System.nanoTime() - left > SURELY_EXPIRED.toNanos());
        experiment.should(
                "a session of 2 s made under the skew ends in spite of the leap back",
                () -> assertThat(clients.resume(shortLived, skewed.name()).sessionPresent())
                        .as("session present")
                        .isFalse());
    }

    /** What is published meanwhile is delivered when the session is resumed. */
    private static void assertKept(MqttClients clients, FixtureClient former, String node) throws InterruptedException {
        var publisher = clients.connect();
        publisher.publish(former.clientId() + "/kept", 1, "kept");
        var resumed = clients.resume(former, node);
        assertThat(resumed.sessionPresent()).as("session present").isTrue();
        assertThat(resumed.receive().topic()).isEqualTo(former.clientId() + "/kept");
    }
}
