package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.chaosmesh.ScriptedCluster.Asked;
import io.havoq.fault.chaosmesh.ScriptedCluster.Deletion;
import io.havoq.fault.chaosmesh.ScriptedCluster.Reply;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A chaos object goes, by force if it must; one that stays is an error. */
class RemovalTest {
    private ScriptedCluster cluster;
    private Setup setup;

    @BeforeEach
    void start() throws Exception {
        cluster = new ScriptedCluster();
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 0));
        cluster.statuses(Recorded.injected("default/emqx-go-0"));
        setup = new Setup(cluster);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private Injection inject() {
        return setup.engine.inject("exp-1", PodChaos.podKill("kill", ONE), List.of(POD_0), List.of());
    }

    private long count(String method) {
        return cluster.asked().stream()
                .filter(asked -> asked.method().equals(method))
                .count();
    }

    @Test
    void removingTwiceDeletesOnce() {
        var injection = inject();

        injection.remove();
        injection.remove();

        assertThat(count("DELETE")).isOne();
        assertThat(count("PATCH")).isZero();
        assertThat(injection.doubts()).isEmpty();
    }

    @Test
    void anObjectThatIsGoneAlreadyIsRemoved() {
        var injection = inject();
        cluster.forget();

        injection.remove();

        assertThat(count("DELETE")).isZero();
    }

    @Test
    void aStuckFinalizerGoesByTheAnnotationAndIsDoubted() {
        cluster.deletion(Deletion.BY_ANNOTATION);
        var injection = inject();
        cluster.statuses(Recorded.status(
                true, "Stop", Recorded.failing("default/emqx-go-0", "toda startup takes too long or an error occurs")));

        injection.remove();

        assertThat(count("PATCH")).isOne();
        assertThat(injection.doubts())
                .hasSize(1)
                .allMatch(doubt -> doubt.contains("by force")
                        && doubt.contains("may have left rules")
                        && doubt.contains("toda startup takes too long"));
        assertThat(setup.progress)
                .anyMatch(line -> line.startsWith("deleting PodChaos default/exp-1-"))
                .anyMatch(line -> line.contains("cleanFinalizer: forced"))
                .anyMatch(line -> line.contains("is gone, by the annotation"));
    }

    /** As Chaos Mesh 2.8.3 said it on a slow machine 40 s after the delete: its controller was at it and waited for the daemon. */
    @Test
    void aSlowRecoveryIsNotCalledAControllerThatDoesNotRun() {
        cluster.deletion(Deletion.BY_ANNOTATION);
        var injection = inject();
        cluster.statuses(Recorded.status(false, "Stop", Recorded.record("default/emqx-go-0", ".", "Injected/Wait", 1)));

        injection.remove();

        assertThat(injection.doubts())
                .singleElement()
                .asString()
                .contains("'Injected/Wait'")
                .contains("has begun to recover the targets")
                .doesNotContain("controller may not be running");
    }

    @Test
    void anObjectThatNobodyTouchesIsToldAsTheControllerThatIsGone() {
        cluster.deletion(Deletion.BY_ANNOTATION);
        var injection = inject();

        injection.remove();

        assertThat(injection.doubts()).singleElement().asString().contains("controller may not be running");
    }

    @Test
    void aFinalizerThatChaosMeshKeepsIsTakenAway() {
        cluster.deletion(Deletion.BY_FINALIZERS);
        var injection = inject();

        injection.remove();

        assertThat(count("PATCH")).isEqualTo(2);
        assertThat(setup.progress).anyMatch(line -> line.contains("its finalizers were removed"));
        assertThat(cluster.objects()).isEmpty();
        assertThat(injection.doubts()).hasSize(1);
    }

    private static final String LEDGER = "/apis/chaos-mesh.org/v1alpha1/namespaces/default/podnetworkchaos/emqx-go-0";

    private Injection partitionWithAnEntry() {
        var partition = NetworkChaos.partition("partition", ONE, NetworkChaos.Direction.BOTH);
        var injection = setup.engine.inject("exp-1", partition, List.of(POD_0), List.of());
        var name = cluster.objects().get(0).path("metadata").path("name").asText();
        cluster.object(
                LEDGER,
                "{\"metadata\":{\"resourceVersion\":\"7\"},\"spec\":{\"tcs\":[{\"source\":\"default/" + name
                        + "\"},{\"source\":\"default/another\"}],\"ipsets\":[{\"source\":\"default/another\"}]}}");
        return injection;
    }

    /** Seen with Chaos Mesh 2.8.3: the entry stayed, and every later network fault of the pod failed with it. */
    @Test
    void whatWentByForceLeavesNoEntryAmongThePodsNetworkFaults() {
        var injection = partitionWithAnEntry();
        cluster.deletion(Deletion.BY_FINALIZERS);

        injection.remove();

        assertThat(cluster.asked())
                .filteredOn(
                        asked -> asked.method().equals("PATCH") && asked.path().equals(LEDGER))
                .singleElement()
                .extracting(ScriptedCluster.Asked::body)
                .isEqualTo(
                        "{\"metadata\":{\"resourceVersion\":\"7\"},\"spec\":{\"tcs\":[{\"source\":\"default/another\"}]}}");
        assertThat(setup.progress).anyMatch(line -> line.contains("podnetworkchaos default/emqx-go-0 has no entry of"));
    }

    @Test
    void anEntryThatMayNotBeTakenOutIsToldWithTheCommand() {
        var injection = partitionWithAnEntry();
        cluster.deletion(Deletion.BY_FINALIZERS);
        cluster.next(
                asked -> asked.method().equals("PATCH") && asked.path().equals(LEDGER),
                Reply.status(403, "Forbidden", "podnetworkchaos is forbidden"));

        injection.remove();

        assertThat(injection.doubts())
                .singleElement()
                .asString()
                .contains("kubectl -n default delete podnetworkchaos emqx-go-0");
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void whatChaosMeshRemovedItselfIsNotPatchedAnywhere() {
        partitionWithAnEntry().remove();

        assertThat(count("PATCH")).isZero();
    }

    @Test
    void anObjectThatStaysIsAnErrorAndKeepsItsLabels() {
        cluster.deletion(Deletion.NEVER);
        var injection = inject();

        assertThatThrownBy(injection::remove)
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("is left in the cluster")
                .hasMessageContaining("kubectl -n default delete podchaos.chaos-mesh.org exp-1-");
        assertThat(injection.gone()).isFalse();
        assertThat(cluster.objects()).hasSize(1);

        cluster.deletion(Deletion.BY_FINALIZERS);
        injection.remove();
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void aWebhookThatBlocksTheDeletionIsToldAsTheControllerThatIsGone() {
        var injection = inject();
        var refused = new Reply[50];
        java.util.Arrays.fill(
                refused, Reply.status(500, "InternalError", "failed calling webhook: connect: connection refused"));
        cluster.next(asked -> asked.method().equals("DELETE"), refused);

        assertThatThrownBy(injection::remove)
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("is left in the cluster")
                .hasMessageContaining("controller is not running");
        assertThat(injection.gone()).isFalse();
    }

    @Test
    void aDeletionWhoseAnswerWasLostIsFound() {
        var injection = inject();
        cluster.next(asked -> asked.method().equals("DELETE"), Reply.doAndDrop());

        injection.remove();

        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void anInterruptDoesNotKeepTheRemovalFromItsEnd() {
        cluster.deletion(Deletion.BY_FINALIZERS);
        var injection = inject();

        Thread.currentThread().interrupt();
        injection.remove();

        assertThat(Thread.interrupted()).as("the interrupt is handed on").isTrue();
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void anInterruptedInjectionLeavesNothingBehind() {
        cluster.statuses(Recorded.NOT_BEGUN);

        Thread.currentThread().interrupt();

        assertThatThrownBy(this::inject).hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void afterAFailedInjectionWhatIsLeftIsTold() {
        cluster.deletion(Deletion.NEVER).statuses(Recorded.NOT_BEGUN);

        assertThatThrownBy(this::inject)
                .hasMessageContaining("did not inject")
                .hasMessageContaining("Moreover PodChaos default/exp-1-")
                .hasMessageContaining("is left in the cluster")
                .asInstanceOf(InstanceOfAssertFactories.type(FaultException.class))
                .returns(true, FaultException::leavesSomething);
    }

    /** Chaos Mesh hits one target after the other, and the first may keep what it had when the object went by force. */
    @Test
    void whatAFailedInjectionDidIsLookedForUntilItIsGone() {
        var delay = NetworkChaos.netem(
                "net",
                Setup.ONE,
                NetworkChaos.Direction.TO,
                Optional.of(Setup.ONE),
                Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(200))));
        cluster.deletion(Deletion.BY_FINALIZERS)
                .pod("emqx-go-1", Recorded.pod("emqx-go-1", "u2", 0))
                .statuses(Recorded.status(
                        false,
                        "Run",
                        Recorded.record("default/emqx-go-0", ".", "Injected", 1),
                        Recorded.record("default/emqx-go-1", ".Target", "Not Injected", 0)));
        var shell = ScriptedShell.writing(
                ScriptedShell.ping(5, 5, "0.3"), ScriptedShell.ping(5, 5, "200.4"), ScriptedShell.ping(5, 5, "0.4"));

        var failure = catchThrowableOfType(
                FaultException.class,
                () -> new Setup(cluster, shell)
                        .engine.inject("exp-1", delay, List.of(Setup.POD_0), List.of(Setup.POD_1)));

        assertThat(failure).hasMessageContaining("did not inject").returns(false, FaultException::leavesSomething);
        var undone = failure.remains().orElseThrow();
        assertThat(undone.acted()).isFalse();
        assertThat(undone.doubts()).singleElement().asString().contains("was removed by force");
        assertThat(undone.gone()).isFalse();
        assertThat(undone.left())
                .singleElement()
                .asString()
                .contains("emqx-go-0: round trips")
                .contains("200.4 ms");
        await().atMost(5, TimeUnit.SECONDS).until(undone::gone);
        assertThat(undone.left()).isEmpty();
    }

    /** A pod that was not killed has nothing left of the kill, and no other will come. */
    @Test
    void ofAKillThatFailedNothingIsLookedFor() {
        cluster.deletion(Deletion.BY_FINALIZERS).statuses(Recorded.NOT_BEGUN);

        var failure = catchThrowableOfType(FaultException.class, this::inject);

        assertThat(failure.remains()).isEmpty();
    }

    @Test
    void ofAFaultThatWasRefusedNothingIsLookedFor() {
        cluster.next(Asked::dryRun, Reply.status(422, "Invalid", "no"));

        var failure = catchThrowableOfType(FaultException.class, this::inject);

        assertThat(failure.remains()).isEmpty();
    }
}
