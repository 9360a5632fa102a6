package io.havoq.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.havoq.Invariant;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.PortCheck;
import io.havoq.environment.Target;
import io.havoq.ledger.LedgerViolation;
import io.havoq.report.ExperimentResult.Check;
import io.havoq.settings.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions, retained messages and service for new clients, on a cluster that keeps or forgets them. */
@Timeout(30)
class SurvivalProbesTest {
    private final Settings settings = Settings.fromSystemProperties()
            .with(RecoverySettings.CHECK_BOUND, "500ms")
            .with(RecoverySettings.SESSIONS_PER_NODE, "2");
    private final ProbeScope scope = new ProbeScope("run", "survival");
    private final ModelCluster cluster = new ModelCluster(3);
    private final PersistentSessionProbe sessions =
            new PersistentSessionProbe(scope, cluster.endpoints(), Optional.empty(), settings);
    private final RetainedProbe retained = new RetainedProbe(scope, cluster.endpoints(), Optional.empty(), settings);

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void sessionsThatWereKeptAreInOrderAndAreRemovedAfterwards() throws InterruptedException {
        sessions.prepare();
        assertThat(sessions.queueDuringFault()).isEqualTo(6);
        assertThat(cluster.sessionCount()).isGreaterThanOrEqualTo(6);
        var result = sessions.check();
        assertThat(result.violations()).isEmpty();
        assertThat(result.checks()).hasSize(2).allMatch(check -> check.state() == Check.State.OK);
        assertThat(result.checks().get(1).detail()).startsWith("36 of 36");
        assertThat(sessions.remove()).isEmpty();
        await("the broker sees the last disconnect")
                .atMost(Duration.ofSeconds(5))
                .until(() -> cluster.sessionCount() == 0);
    }

    @Test
    void forgottenSessionsAreNamedWithTheirLostMessages() throws InterruptedException {
        sessions.prepare();
        cluster.forgetSessions();
        var result = sessions.check();
        assertThat(result.violations())
                .extracting(LedgerViolation::invariant, LedgerViolation::count)
                .containsExactly(tuple(Invariant.SESSION_LOST, 6L), tuple(Invariant.QOS1_LOSS, 30L));
        assertThat(result.violations().get(0).first().get(0)).contains("made at node-0", "resumed at node-1");
        assertThat(result.checks()).allMatch(check -> check.state() == Check.State.VIOLATED);
    }

    @Test
    void oneLostQueuedMessageIsFound() throws InterruptedException {
        sessions.prepare();
        cluster.dropOneQueuedMessage();
        var result = sessions.check();
        assertThat(result.violations()).singleElement().satisfies(violation -> {
            assertThat(violation.invariant()).isEqualTo(Invariant.QOS1_LOSS);
            assertThat(violation.count()).isEqualTo(1);
            assertThat(violation.first().get(0)).contains("before-0-0");
        });
    }

    @Test
    void sessionsThatCannotBeReachedAreNotInOrder() throws InterruptedException {
        sessions.prepare();
        cluster.kill(0);
        var result = sessions.check();
        assertThat(result.violations()).extracting(LedgerViolation::invariant).containsExactly(Invariant.CHECKLIST);
        assertThat(result.checks()).noneMatch(check -> check.state() == Check.State.OK);
        // They are removed at the nodes that are left.
        assertThat(sessions.remove()).isEmpty();
        await("the broker sees the last disconnect")
                .atMost(Duration.ofSeconds(5))
                .until(() -> cluster.sessionCount() == 0);
    }

    @Test
    void nothingCanBePreparedOnAClusterThatIsDownAndWhatIsLeftIsReported() throws InterruptedException {
        sessions.prepare();
        retained.prepare();
        for (var node = 0; node < 3; node++) {
            cluster.kill(node);
        }
        assertThat(sessions.remove()).hasSize(6).allMatch(left -> left.contains("expires"));
        assertThat(retained.remove()).hasSize(10).allMatch(left -> left.contains("expires"));
        var other = new PersistentSessionProbe(scope, cluster.endpoints(), Optional.empty(), settings);
        assertThatThrownBy(other::prepare).isInstanceOf(ProbeException.class).hasMessageContaining("node-0");
        assertThatThrownBy(() -> new RetainedProbe(scope, cluster.endpoints(), Optional.empty(), settings).check())
                .isInstanceOf(ProbeException.class)
                .hasMessageContaining("nothing to check");
    }

    @Test
    void retainedMessagesThatWereKeptAreInOrderAndAreRemovedAfterwards() throws InterruptedException {
        retained.prepare();
        assertThat(cluster.retainedCount()).isEqualTo(10);
        var result = retained.check();
        assertThat(result.violations()).isEmpty();
        assertThat(result.checks()).singleElement().satisfies(check -> {
            assertThat(check.state()).isEqualTo(Check.State.OK);
            assertThat(check.detail()).isEqualTo("10 read on each of 3 nodes");
        });
        retained.close();
        assertThat(cluster.retainedCount()).isZero();
    }

    @Test
    void aForgottenRetainedMessageIsNamedOnEveryNode() throws InterruptedException {
        retained.prepare();
        cluster.forgetOneRetained();
        assertThat(retained.check().violations()).singleElement().satisfies(violation -> {
            assertThat(violation.invariant()).isEqualTo(Invariant.RETAINED_LOST);
            assertThat(violation.count()).isEqualTo(3);
            assertThat(violation.first().get(2)).contains("node-2");
        });
    }

    @Test
    void aNodeServesIffANewClientGetsItsMessageBack() throws InterruptedException {
        cluster.kill(1);
        cluster.freeze(2, true);
        var served = ServiceCheck.serve(cluster.endpoints(), Optional.empty(), Duration.ofMillis(700));
        assertThat(served).extracting(ServiceCheck.Served::served).containsExactly(true, false, false);
        assertThat(served.get(1).detail()).contains("connect", "node-1");
        assertThat(served.get(2).took()).isBetween(Duration.ofMillis(690), Duration.ofSeconds(3));
        cluster.cutRoute(0, 0, true);
        var mute = serves(0, Duration.ofMillis(300));
        assertThat(mute.served()).isFalse();
        assertThat(mute.detail()).contains("did not come back");
    }

    private ServiceCheck.Served serves(int node, Duration bound) throws InterruptedException {
        return ServiceCheck.serve(List.of(cluster.endpoints().get(node)), Optional.empty(), bound)
                .get(0);
    }

    @Test
    void aNodeThatServesTheNextAttemptServes() throws InterruptedException {
        cluster.kill(1);
        var starting = CompletableFuture.runAsync(
                () -> cluster.start(1), CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS));
        var served = serves(1, Duration.ofSeconds(10));
        starting.join();
        assertThat(served.served()).as(served.detail()).isTrue();
        assertThat(served.took()).isGreaterThan(Duration.ofMillis(400));
        assertThat(served.detail())
                .matches("connected, published and received at QoS 1 in \\d+ ms, after \\d+ attempts");
    }

    @Test
    void theChecklistListsEveryLineAndNamesWhatIsViolated() throws InterruptedException {
        var endpoints = cluster.endpoints();
        cluster.kill(2);
        var before = List.of(target("node-0", "a", 0, endpoints.get(0)), target("node-2", "b", 1, endpoints.get(2)));
        var result = new Checklist()
                .members(before, before)
                .processes(before, before, Map.of())
                .ports(
                        before,
                        (target, purpose) -> PortCheck.problem(target.ports().get(purpose)))
                .clients(9, 10)
                .endpoints(ServiceCheck.serve(endpoints, Optional.empty(), Duration.ofSeconds(1)), false)
                .result();
        assertThat(result.checks())
                .filteredOn(check -> check.state() == Check.State.VIOLATED)
                .extracting(Check::name)
                .containsExactlyInAnyOrder("MQTT and cluster ports listen", "clients have reconnected");
        assertThat(result.checks())
                .filteredOn(check -> check.state() == Check.State.NOT_CHECKED)
                .extracting(Check::name)
                .contains("messages pass between every two nodes", "every health check passes");
        assertThat(result.checks())
                .filteredOn(check -> check.state() == Check.State.OK)
                .hasSize(4);
        assertThat(result.violations()).extracting(LedgerViolation::invariant).containsOnly(Invariant.CHECKLIST);
        assertThat(result.violations().get(0).first().get(0)).contains("node-2 mqtt at", "refused");
    }

    private static Target target(String name, String uid, int restarts, MqttEndpoint endpoint) {
        return new Target(
                name,
                "default",
                Map.of(),
                Map.of(),
                "Running",
                true,
                List.of("broker"),
                "machine",
                uid,
                restarts,
                Map.of("mqtt", endpoint.host() + ":" + endpoint.port()));
    }
}
