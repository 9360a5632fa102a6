package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_0;
import static io.havoq.fault.chaosmesh.Setup.POD_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.fault.FaultException;
import io.havoq.fault.Proof;
import io.havoq.fault.chaosmesh.ScriptedCluster.Reply;
import io.havoq.manifest.PodChaos;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What Chaos Mesh's status says wrongly or too early is never taken for an injection. */
class StatusTrapsTest extends InjectedFaults {
    private static final PodChaos KILL = PodChaos.podKill("kill", ONE);

    @Test
    void aKillActedOnceTheRecordsSayItAndThePodIsAnother() {
        cluster.statuses("", Recorded.NOT_BEGUN, Recorded.injected("default/emqx-go-0"));
        cluster.pod(
                "emqx-go-0",
                Recorded.pod("emqx-go-0", "u1", 0),
                Recorded.pod("emqx-go-0", "u1", 0),
                "",
                Recorded.pod("emqx-go-0", "u9", 0));

        var injection = inject(KILL, POD_0);
        awaitActed(injection);

        assertThat(injection.oneShot()).isTrue();
        assertThat(injection.effect())
                .extracting(Proof::target, Proof::independent)
                .contains(
                        org.assertj.core.groups.Tuple.tuple("emqx-go-0", false),
                        org.assertj.core.groups.Tuple.tuple("emqx-go-0", true));
        assertThat(injection.injectedAtNanos()).isGreaterThanOrEqualTo(injection.requestedAtNanos());
        injection.remove();
        assertThat(cluster.objects()).isEmpty();
        await().atMost(5, TimeUnit.SECONDS).until(injection::gone);
        assertThat(injection.doubts()).isEmpty();
    }

    @Test
    void aKillThatTheRecordsTellOfButThatNobodySawHasNotActed() {
        cluster.statuses(Recorded.injected("default/emqx-go-0"));

        var injection = inject(KILL, POD_0);

        assertUnseen(injection, "not seen so far");
        injection.remove();
    }

    @Test
    void allRecoveredBeforeTheInjectionIsNoEnd() {
        cluster.statuses(Recorded.NOT_BEGUN, Recorded.NOT_BEGUN, Recorded.NOT_BEGUN, DELAYED);

        var injection = seenDelay();

        assertThat(injection.inForce()).isTrue();
        injection.remove();
    }

    @Test
    void conditionsThatAreAheadOfTheRecordsAreNoInjection() {
        cluster.statuses(
                Recorded.status(true, "Run", Recorded.record("default/emqx-go-0", ".", "Not Injected/Wait", 0)));

        assertThatThrownBy(() -> inject(PodChaos.podFailure("failure", ONE, Duration.ofMinutes(1)), POD_0))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("did not inject PodChaos default/exp-1-")
                .hasMessageContaining("'Not Injected/Wait'");
        assertThat(cluster.objects()).as("nothing is left behind").isEmpty();
    }

    @Test
    void conditionsThatLagBehindTheRecordsAreNotWaitedFor() {
        cluster.statuses(Recorded.status(
                false,
                "Run",
                Recorded.record("default/emqx-go-0", ".", "Injected", 1),
                Recorded.record("default/emqx-go-1", ".Target", "Injected", 1)));

        var injection = seenDelay();

        injection.remove();
    }

    @Test
    void bothConditionsTrueWithoutRecordsIsNoInjection() {
        cluster.statuses(Recorded.BOTH_TRUE_WITHOUT_RECORDS);

        assertThatThrownBy(() -> inject(KILL, POD_0))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("without any record")
                .hasMessageContaining("2.6.0 to 2.6.2");
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void aRecordThatWasNeverInjectedIsNone() {
        cluster.statuses(Recorded.status(true, "Run", Recorded.record("default/emqx-go-0", ".", "Injected", 0)));

        assertThatThrownBy(() -> inject(KILL, POD_0)).hasMessageContaining("injected 0 times");
    }

    @Test
    void fewerRecordsThanPinnedPodsFailsAtOnce() {
        cluster.statuses(Recorded.injected("default/emqx-go-0"));

        assertThatThrownBy(() -> inject(KILL, POD_0, POD_1))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("no record of default/emqx-go-1")
                .hasMessageContaining("does not select again");
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void aMissingRecordOfTheTargetSideFailsAtOnce() {
        cluster.statuses(Recorded.injected("default/emqx-go-0"));

        assertThatThrownBy(() -> delay(ScriptedShell.none()))
                .hasMessageContaining("no record of default/emqx-go-1 (target side)");
    }

    @Test
    void aPodWhoseNameBeginsAlikeIsNotThePinnedOne() {
        cluster.statuses(Recorded.injected("default/emqx-go-01"));

        assertThatThrownBy(() -> inject(KILL, POD_0)).hasMessageContaining("no record of default/emqx-go-0");
    }

    @Test
    void aSelectionThatFailedIsNotWaitedFor() {
        cluster.statuses(Recorded.NOT_BEGUN).event("Failed to select targets: no pod is selected");

        assertThatThrownBy(() -> inject(KILL, POD_0))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("no pod is selected")
                .hasMessageContaining("does not try again")
                .hasMessageContaining("enableFilterNamespace")
                .as("it was not waited for")
                .hasMessageNotContaining("did not inject");
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void aControllerThatIsGoneIsNamedAfterTheTimeOut() {
        cluster.statuses("");

        assertThatThrownBy(() -> inject(KILL, POD_0))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("has not touched the object")
                .hasMessageContaining("Chaos Mesh's controller is not running")
                .hasMessageContaining("havoq.kubernetes.injection-timeout")
                .hasMessageContaining("kubectl -n chaos-mesh get pods");
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void aFailingDaemonIsExplainedByItsLikelyCause() {
        cluster.statuses(Recorded.status(
                        false, "Run", Recorded.failing("default/emqx-go-0", "cannot find daemonIP on node node-a")))
                .event("Failed to apply chaos: cannot find daemonIP on node node-a");

        assertThatThrownBy(() -> inject(KILL, POD_0))
                .hasMessageContaining("cannot find daemonIP on node node-a")
                .hasMessageContaining("no chaos-daemon runs on the target's machine")
                .hasMessageContaining("component=chaos-daemon");
    }

    @Test
    void aMissingKernelModuleIsReadFromThePodNetworkChaos() {
        cluster.statuses(Recorded.status(
                        false,
                        "Run",
                        Recorded.record("default/emqx-go-0", ".", "Not Injected/Wait", 0),
                        Recorded.record("default/emqx-go-1", ".Target", "Not Injected/Wait", 0)))
                .object(
                        "/apis/chaos-mesh.org/v1alpha1/namespaces/default/podnetworkchaos/emqx-go-0",
                        "{\"status\":{\"failedMessage\":\"RTNETLINK answers: Specified qdisc not found.\"}}");

        assertThatThrownBy(() -> delay(ScriptedShell.none()))
                .hasMessageContaining("podnetworkchaos emqx-go-0: RTNETLINK answers")
                .hasMessageContaining("modprobe sch_netem");
    }

    /** Chaos Mesh 2.8.3 does not tell the cause, which stands in its daemon's log only. */
    @Test
    void trafficControlThatCannotBeSetIsExplained() {
        cluster.statuses(Recorded.status(
                false,
                "Run",
                Recorded.failing(
                        "default/emqx-go-0",
                        "failed to apply for pod default/emqx-go-0: unable to set tcs for pod emqx-go-0"),
                Recorded.record("default/emqx-go-1", ".Target", "Injected", 1)));

        assertThatThrownBy(() -> delay(ScriptedShell.none()))
                .hasMessageContaining("sch_prio (all of these with a target)")
                .hasMessageContaining("modprobe sch_netem")
                .hasMessageContaining("refuses a duplicate beside another NetworkChaos")
                .hasMessageContaining("make them one NetworkChaos with action netem");
    }

    @Test
    void anObjectThatSomebodyRemovedMeanwhileIsNoInjection() {
        cluster.statuses("");
        cluster.next(
                asked -> asked.method().equals("GET") && asked.path().contains("/podchaos/"),
                Reply.status(404, "NotFound", "not found"));

        assertThatThrownBy(() -> inject(KILL, POD_0)).hasMessageContaining("removed by somebody else");
    }

    @Test
    void aPodThatDoesNotRunIsRefusedBeforeAnythingIsMade() {
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", "Pending", "broker:1"));

        assertThatThrownBy(() -> inject(KILL, POD_0))
                .hasMessageContaining("is Pending")
                .hasMessageContaining("nothing was injected");
        assertThat(cluster.asked()).noneMatch(asked -> asked.method().equals("POST"));
    }

    @Test
    void nothingIsEverWatched() {
        var injection = delayed();
        injection.remove();

        assertThat(cluster.asked())
                .isNotEmpty()
                .noneMatch(asked -> asked.query().contains("watch"));
    }

    @Test
    void withoutAnyToolInTheImageNothingIsTakenForSeen() {
        cluster.statuses(DELAYED);

        var injection = delay(ScriptedShell.none());

        assertThat(injection.inForce()).isTrue();
        assertUnseen(injection, "cannot be seen by other means: exec");
        injection.remove();
    }
}
