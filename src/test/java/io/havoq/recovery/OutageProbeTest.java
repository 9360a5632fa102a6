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
class OutageProbeTest {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private final Settings settings = Settings.fromSystemProperties()
            .with(RecoverySettings.SUSTAIN, "400ms")
            .with(RecoverySettings.STALL_TIMEOUT, "500ms")
            .with(RecoverySettings.CONNACK_TIMEOUT, "500ms");
    private final ModelCluster cluster = new ModelCluster(3);
    private final OutageProbe probe =
            new OutageProbe(new ProbeScope("run", "outage"), cluster.endpoints(), Optional.empty(), settings);

    @BeforeEach
    void steady() throws InterruptedException {
        probe.start();
        assertThat(probe.awaitEveryEndpoint(BOUND)).isTrue();
    }

    @AfterEach
    void close() {
        probe.close();
        cluster.close();
    }

    @Test
    void oneNodeDownIsNoOutageForAClientThatMayGoElsewhere() throws InterruptedException {
        var began = RunClock.now();
        var killed = cluster.kill(1);
        var rto = probe.awaitServiceRto(killed, BOUND);
        assertThat(rto).hasValueSatisfying(time -> assertThat(time).isLessThan(Duration.ofMillis(250)));
        var until = RunClock.now();
        assertThat(probe.outages(began, until)).isEmpty();
        assertThat(probe.outagesByTarget(began, until).get("node-1"))
                .singleElement()
                .satisfies(outage -> assertThat(outage.ended()).isFalse());
        assertThat(probe.outagesByTarget(began, until).get("node-0")).isEmpty();
    }

    @Test
    void everyNodeDownIsAnOutageThatEndsWithTheFirstNodeBack() throws InterruptedException {
        cluster.kill(0);
        cluster.kill(1);
        var killed = cluster.kill(2);
        await("the outage lasts")
                .atMost(BOUND)
                .until(() -> probe.outages(killed, RunClock.now()).stream()
                        .anyMatch(outage -> outage.length().toMillis() >= 600));
        assertThat(probe.serviceRto(killed)).isEmpty();
        var started = cluster.start(2);
        var rto = probe.awaitServiceRto(killed, BOUND).orElseThrow();
        assertThat(rto)
                .isBetween(
                        RunClock.between(killed, started),
                        RunClock.between(killed, started).plusMillis(1000));
        assertThat(probe.outages(killed, RunClock.now())).singleElement().satisfies(outage -> {
            assertThat(outage.ended()).isTrue();
            assertThat(outage.untilNanos()).isEqualTo(probe.recoveredAt(killed).getAsLong());
        });
    }

    @Test
    void aFrozenNodeHoldsUpNothingAndIsUsedAgainWhenItWakes() throws InterruptedException {
        var frozen = cluster.freeze(0, true);
        assertThat(probe.awaitServiceRto(frozen, BOUND)).isPresent();
        assertThat(probe.outages(frozen, RunClock.now())).isEmpty();
        var woken = cluster.freeze(0, false);
        await("node-0 serves again")
                .atMost(BOUND)
                .until(() -> probe.outagesByTarget(frozen, RunClock.now()).get("node-0").stream()
                        .anyMatch(outage -> outage.ended() && outage.untilNanos() > woken));
    }

    @Test
    void aPublishThatIsAcknowledgedAndDoesNotComeBackIsNoService() throws InterruptedException {
        var cut = RunClock.now();
        for (var node = 0; node < 3; node++) {
            cut = cluster.cutRoute(node, node, true);
        }
        var allCut = cut;
        assertThat(probe.awaitServiceRto(allCut, Duration.ofMillis(1200))).isEmpty();
        assertThat(probe.outages(allCut, RunClock.now()))
                .singleElement()
                .satisfies(outage -> assertThat(outage.ended()).isFalse());
        cluster.cutRoute(1, 1, false);
        assertThat(probe.awaitServiceRto(allCut, BOUND)).isPresent();
    }

    @Test
    void keepsToItsPaceAndLeavesNothingInTheBroker() {
        var from = RunClock.now();
        await("a second of probing").atMost(BOUND).until(() -> RunClock.now() - from > 1_000_000_000L);
        assertThat(probe.completed(from, from + 1_000_000_000L)).isBetween(60, 101);
        probe.close();
        await("sessions end").atMost(BOUND).until(() -> cluster.sessionCount() == 0);
    }
}
