package io.havoq.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.settings.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes that refuse clients, and nodes that only seem to. */
@Timeout(30)
class RefusalCheckTest {
    private static final Duration SPAN = Duration.ofMillis(500);

    private final ModelCluster cluster = new ModelCluster(2);
    private final HeldConnections held = new HeldConnections(
            new ProbeScope("run", "refusal"), cluster.endpoints(), Optional.empty(), Settings.fromSystemProperties());

    @BeforeEach
    void open() throws InterruptedException {
        held.open(Duration.ofSeconds(5));
    }

    @AfterEach
    void close() {
        held.close();
        cluster.close();
    }

    private RefusalCheck.Refusal check(int node, Duration bound) throws InterruptedException {
        return RefusalCheck.refuse(List.of(cluster.endpoints().get(node)), Optional.empty(), held, bound, SPAN)
                .get(0);
    }

    @Test
    void aNodeThatServesDoesNotRefuse() throws InterruptedException {
        var found = check(0, Duration.ofMillis(300));
        assertThat(found.refused()).isFalse();
        assertThat(found.servedBefore()).isTrue();
        // Either is service; which answer comes first is the machine's business.
        assertThat(found.detail())
                .containsAnyOf("accepted a new connection", "acknowledged a QoS 1 publish")
                .contains("after the check began");
    }

    @Test
    void aNodeThatIsGoneRefuses() throws InterruptedException {
        cluster.kill(1);
        var found = check(1, Duration.ofMillis(300));
        assertThat(found.refused()).isTrue();
        assertThat(found.attempts()).isGreaterThanOrEqualTo(2);
        assertThat(found.detail()).contains("refused ").contains("connection from before the fault");
    }

    @Test
    void aNodeThatAnswersNothingRefuses() throws InterruptedException {
        cluster.freeze(1, true);
        var found = check(1, Duration.ofMillis(300));
        assertThat(found.refused()).isTrue();
        assertThat(found.detail()).contains("1 QoS 1 publishes").contains("not acknowledged");
    }

    @Test
    @Tag("exhaustive")
    void aNodeThatAcceptsAfterSecondsIsSlowAndDoesNotRefuse() throws InterruptedException {
        cluster.freeze(1, true);
        var answering = CompletableFuture.runAsync(
                () -> cluster.freeze(1, false), CompletableFuture.delayedExecutor(4, TimeUnit.SECONDS));
        var found = check(1, Duration.ofMillis(5_500));
        answering.join();
        assertThat(found.refused()).isFalse();
    }

    @Test
    void aNodeThatAcknowledgesOnOldConnectionsDoesNotRefuse() throws InterruptedException {
        cluster.stopListening(1);
        var found = check(1, Duration.ofMillis(300));
        assertThat(found.refused()).isFalse();
        assertThat(found.detail()).contains("acknowledged a QoS 1 publish on a connection from before the fault");
    }

    @Test
    void aNodeMayTakeSomeTimeToBeginWithIt() throws InterruptedException {
        var stopping = CompletableFuture.runAsync(
                () -> cluster.kill(1), CompletableFuture.delayedExecutor(400, TimeUnit.MILLISECONDS));
        var found = check(1, Duration.ofSeconds(10));
        stopping.join();
        assertThat(found.refused()).isTrue();
        assertThat(found.detail()).contains("before that it ");
    }

    @Test
    void aNodeThatStopsTooLateDoesNotRefuse() throws InterruptedException {
        var stopping = CompletableFuture.runAsync(
                () -> cluster.kill(1), CompletableFuture.delayedExecutor(800, TimeUnit.MILLISECONDS));
        var found = check(1, Duration.ofMillis(200));
        stopping.join();
        assertThat(found.refused()).isFalse();
    }

    @Test
    void aNodeThatWasNeverSeenServingIsTold() throws InterruptedException {
        try (var none = new HeldConnections(
                new ProbeScope("run", "none"), List.of(), Optional.empty(), Settings.fromSystemProperties())) {
            var found = RefusalCheck.refuse(
                            List.of(cluster.endpoints().get(0)), Optional.empty(), none, Duration.ZERO, SPAN)
                    .get(0);
            assertThat(found.servedBefore()).isFalse();
        }
    }

    @Test
    void connectionsAreHeldOnlyToNodesThatAcknowledge() {
        cluster.freeze(1, true);
        try (var late = new HeldConnections(
                new ProbeScope("run", "late"),
                cluster.endpoints(),
                Optional.empty(),
                Settings.fromSystemProperties())) {
            assertThatThrownBy(() -> late.open(Duration.ofMillis(300))).hasMessageContaining("node-1");
        }
    }
}
