package io.havoq.broker.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.broker.ReferencePreset;
import io.havoq.broker.ReferenceSettings;
import io.havoq.settings.Settings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, killed for real; kill -9 keeps the page cache, so nothing here speaks of power loss. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ReferenceClusterTest {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final ReferencePreset preset = new ReferencePreset(Settings.fromSystemProperties());

    @Test
    void aSingleNodeKeepsSessionsQueuesAndRetainedMessagesOverAKill() throws Exception {
        try (var cluster = new RunningCluster(preset, directory, 1)) {
            cluster.startAll();
            try (var subscriber = new RoamingClient(cluster, "sub", 0).connect();
                    var publisher = new RoamingClient(cluster, "pub", 0).connect()) {
                subscriber.subscribe("t/#");
                subscriber.disconnect();
                publisher.publish("t/1", 1, true, "kept").get(10, TimeUnit.SECONDS);
                publisher.publish("t/2", 2, false, "queued").get(10, TimeUnit.SECONDS);

                cluster.kill(0);
                cluster.start(0);
                cluster.awaitReady();
                subscriber.connect();

                await("the queued messages")
                        .atMost(Duration.ofSeconds(10))
                        .until(() -> subscriber.received.size() >= 2);
                assertThat(subscriber.received).containsExactly("t/1 kept", "t/2 queued");
                assertThat(subscriber.sessionPresent).containsExactly(false, true);
                subscriber.subscribe("t/+");
                await("the retained message")
                        .atMost(Duration.ofSeconds(10))
                        .untilAsserted(() -> assertThat(subscriber.received).contains("R t/1 kept"));
            }
        }
    }

    @Test
    void threeNodesLoseNothingWhenTheLeaderAndThenAFollowerAreKilledAndAMinorityRefuses() throws Exception {
        try (var cluster = new RunningCluster(preset, directory, 3)) {
            cluster.startAll();
            try (var subscriber = new RoamingClient(cluster, "sub", 0).connect();
                    var publisher = new RoamingClient(cluster, "pub", 1).connect()) {
                subscriber.subscribe("t/#");
                publisher.publish("r", 1, true, "kept").get(10, TimeUnit.SECONDS);

                var leader = cluster.leader();
                publishThrough(publisher, 0, () -> cluster.kill(leader));
                cluster.start(leader);
                cluster.awaitReady();
                var follower = IntStream.range(0, 3)
                        .filter(index -> index != cluster.leader())
                        .findFirst()
                        .orElseThrow();
                publishThrough(publisher, 100, () -> cluster.kill(follower));

                assertNothingIsMissing(subscriber, 200);
                assertThat(subscriber.sessionPresent.stream().skip(1)).doesNotContain(false);
                assertThat(publisher.sessionPresent.stream().skip(1)).doesNotContain(false);

                subscriber.subscribe("r");
                await("the retained message")
                        .atMost(Duration.ofSeconds(10))
                        .untilAsserted(() -> assertThat(subscriber.received).contains("R r kept"));
                var second = IntStream.range(0, 3)
                        .filter(index -> index != follower)
                        .findFirst()
                        .orElseThrow();
                cluster.kill(second);
                assertThatTheMinorityRefuses(cluster, 3 - follower - second, publisher);
            }
        }
    }

    /** As a pod without a volume of its own does. */
    @Test
    void aFollowerThatComesBackWithoutItsDataServesAgain() throws Exception {
        try (var cluster = new RunningCluster(preset, directory, 3)) {
            cluster.startAll();
            var follower = (cluster.leader() + 1) % 3;
            try (var before = new RoamingClient(cluster, "before", follower).connect()) {
                before.publish("t", 1, false, "before").get(10, TimeUnit.SECONDS);
            }
            cluster.kill(follower);
            cluster.wipe(follower);
            cluster.start(follower);
            cluster.awaitReady();

            try (var after = new RoamingClient(cluster, "after", follower).connect()) {
                after.subscribe("t");
                after.publish("t", 1, false, "after").get(10, TimeUnit.SECONDS);
                await("its own message")
                        .atMost(Duration.ofSeconds(10))
                        .untilAsserted(() -> assertThat(after.received).contains("t after"));
            }
        }
    }

    /** As a write leaves it that failed half way: seen where Chaos Mesh made a node's writes fail. */
    @Test
    void aFollowerWhoseLogEndsInHalfAnEntryServesAgain() throws Exception {
        try (var cluster = new RunningCluster(preset, directory, 3)) {
            cluster.startAll();
            var follower = (cluster.leader() + 1) % 3;
            try (var client = new RoamingClient(cluster, "client", (follower + 1) % 3).connect()) {
                client.publish("t", 1, true, "kept").get(10, TimeUnit.SECONDS);
                cluster.kill(follower);
                cluster.tearTheLogsEnd(follower);
                cluster.start(follower);
                cluster.awaitReady();
            }
            try (var after = new RoamingClient(cluster, "after", follower).connect()) {
                after.subscribe("t");
                await("what was acknowledged before")
                        .atMost(Duration.ofSeconds(10))
                        .untilAsserted(() -> assertThat(after.received).contains("R t kept"));
            }
        }
    }

    /** NetworkPartitionIT shows the same of the whole. */
    @Test
    @Tag("exhaustive")
    void withTheDefectMinorityAcceptsANodeAloneAcknowledgesWhatIsLostWhenItFindsTheOthers() throws Exception {
        var split =
                new ReferencePreset(Settings.fromSystemProperties().with(ReferenceSettings.DEFECT, "minority-accepts"));
        try (var cluster = new RunningCluster(split, directory, 3)) {
            cluster.start(0);
            await("a node without a majority opens its port")
                    .atMost(Duration.ofSeconds(45))
                    .until(() -> accepts(cluster.port(0)));
            try (var client = new RoamingClient(cluster, "split", 0).connect()) {
                client.publish("t", 1, true, "lost").get(20, TimeUnit.SECONDS);
                client.publish("t", 2, true, "lost").get(20, TimeUnit.SECONDS);

                cluster.start(1);
                cluster.start(2);
                cluster.awaitReady();

                await("the client is back, in a cluster that does not know it")
                        .atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(client.sessionPresent).containsExactly(false, false));
                client.publish("u", 1, true, "kept").get(20, TimeUnit.SECONDS);
            }
            try (var reader = new RoamingClient(cluster, "reader", 1).connect()) {
                reader.subscribe("#");
                await("what is retained")
                        .atMost(Duration.ofSeconds(20))
                        .untilAsserted(() -> assertThat(reader.received).containsExactly("R u kept"));
            }
        }
    }

    private interface Fault {
        void strike() throws Exception;
    }

    /** A hundred messages at QoS 1 and a hundred at QoS 2, the fault in the middle of them, all acknowledged. */
    private static void publishThrough(RoamingClient publisher, int first, Fault fault) throws Exception {
        var outstanding = new ArrayList<CompletableFuture<?>>();
        for (var i = first; i < first + 100; i++) {
            outstanding.add(publisher.publish("t/1", 1, false, "" + i));
            outstanding.add(publisher.publish("t/2", 2, false, "" + i));
            if (i == first + 50) {
                outstanding.get(0).get(10, TimeUnit.SECONDS);
                fault.strike();
            }
        }
        CompletableFuture.allOf(outstanding.toArray(CompletableFuture<?>[]::new))
                .get(30, TimeUnit.SECONDS);
    }

    private static void assertNothingIsMissing(RoamingClient subscriber, int count) {
        var expected = IntStream.range(0, count).mapToObj(Integer::toString).toList();
        await("every message at QoS 1 and 2").atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(payloads(subscriber, "t/1 ")).containsAll(expected);
            assertThat(payloads(subscriber, "t/2 ")).containsAll(expected);
        });
        // QoS 1 may come twice; what counts is the order of the first occurrences.
        assertThat(payloads(subscriber, "t/1 ").stream().distinct()).containsExactlyElementsOf(expected);
        assertThat(payloads(subscriber, "t/2 ")).containsExactlyElementsOf(expected);
    }

    private static List<String> payloads(RoamingClient subscriber, String topic) {
        return subscriber.received.stream()
                .filter(text -> text.startsWith(topic))
                .map(text -> text.substring(topic.length()))
                .toList();
    }

    private static void assertThatTheMinorityRefuses(RunningCluster cluster, int survivor, RoamingClient publisher) {
        var unanswered = publisher.publish("t/1", 1, false, "nobody may acknowledge this");
        await("the survivor without a majority closes its port")
                .atMost(Duration.ofSeconds(8))
                .until(() -> !cluster.ready(survivor) && !accepts(cluster.port(survivor)));
        assertThatThrownBy(() -> unanswered.get(1, TimeUnit.SECONDS))
                .isInstanceOf(java.util.concurrent.TimeoutException.class);
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            return true;
        } catch (java.io.IOException e) {
            // Refused: what the test waits for.
            return false;
        }
    }
}
