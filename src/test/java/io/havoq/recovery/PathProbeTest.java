package io.havoq.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.settings.Settings;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PathProbeTest {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private final Settings settings = Settings.fromSystemProperties()
            .with(RecoverySettings.SUSTAIN, "500ms")
            .with(RecoverySettings.PATH_PACE, "50ms")
            .with(RecoverySettings.PATH_GAP, "250ms")
            .with(RecoverySettings.STALL_TIMEOUT, "500ms")
            .with(RecoverySettings.CONNACK_TIMEOUT, "500ms");
    private final ModelCluster cluster = new ModelCluster(3);
    private final PathProbe probe =
            new PathProbe(new ProbeScope("run", "paths"), cluster.endpoints(), Optional.empty(), settings);

    @BeforeEach
    void steady() throws InterruptedException {
        probe.start();
        assertThat(probe.awaitEveryPath(BOUND)).isTrue();
    }

    @AfterEach
    void close() {
        probe.close();
        cluster.close();
    }

    @Test
    void coversEveryOrderedPairOfNodes() {
        assertThat(probe.states())
                .extracting(path -> path.from() + ">" + path.to())
                .containsExactlyInAnyOrder(
                        "node-0>node-1",
                        "node-0>node-2",
                        "node-1>node-0",
                        "node-1>node-2",
                        "node-2>node-0",
                        "node-2>node-1");
    }

    @Test
    void theClusterIsBackWhenTheKilledNodesPathsAre() throws InterruptedException {
        var killed = cluster.kill(2);
        await("the other paths go on")
                .atMost(BOUND)
                .until(() -> probe.states().stream()
                                .filter(path -> path.worksSince(killed))
                                .count()
                        == 2);
        assertThat(probe.clusterRto(killed)).isEmpty();
        var started = cluster.start(2);
        probe.membersBackAt(started);
        var rto = probe.awaitClusterRto(killed, BOUND).orElseThrow();
        assertThat(rto)
                .isBetween(
                        RunClock.between(killed, started),
                        RunClock.between(killed, started).plusMillis(1000));
    }

    @Test
    void theClusterIsNotBackWhileNobodyHasSaidThatItsMembersAre() throws InterruptedException {
        probe.membersBackAt(RunClock.now());
        var from = RunClock.now();
        assertThat(probe.awaitClusterRto(from, Duration.ofSeconds(1))).isEmpty();
        var back = RunClock.now();
        probe.membersBackAt(back);
        assertThat(probe.awaitClusterRto(from, BOUND)).hasValue(RunClock.between(from, back));
    }

    @Test
    void oneMissingRouteKeepsTheClusterDownThoughEveryNodeServes() throws InterruptedException {
        var cut = cluster.cutRoute(0, 1, true);
        probe.membersBackAt(RunClock.now());
        assertThat(probe.awaitClusterRto(cut, Duration.ofMillis(1500))).isEmpty();
        assertThat(probe.states())
                .filteredOn(path -> !path.worksSince(cut))
                .extracting(path -> path.from() + ">" + path.to())
                .containsExactly("node-0>node-1");
        var mended = cluster.cutRoute(0, 1, false);
        var rto = probe.awaitClusterRto(cut, BOUND).orElseThrow();
        assertThat(rto)
                .isBetween(
                        RunClock.between(cut, mended),
                        RunClock.between(cut, mended).plusMillis(1000));
    }

    @Test
    void aFrozenNodeIsConnectedToAnewWhenItWakes() throws InterruptedException {
        var frozen = cluster.freeze(1, true);
        probe.membersBackAt(RunClock.now());
        assertThat(probe.awaitClusterRto(frozen, Duration.ofSeconds(1))).isEmpty();
        var woken = cluster.freeze(1, false);
        assertThat(probe.awaitClusterRto(frozen, Duration.ofSeconds(20)).orElseThrow())
                .isGreaterThan(RunClock.between(frozen, woken));
    }
}
