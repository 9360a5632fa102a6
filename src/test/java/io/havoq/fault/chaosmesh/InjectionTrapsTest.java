package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_0;
import static io.havoq.fault.chaosmesh.Setup.POD_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.chaosmesh.ScriptedCluster.Reply;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.DnsChaos;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.MemorySize;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.StressChaos;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Chaos Mesh's status says wrongly or too early is never taken for an injection. */
class InjectionTrapsTest {
    private static final PodChaos KILL = PodChaos.podKill("kill", ONE);
    private static final NetworkChaos DELAY = NetworkChaos.netem(
            "delay",
            ONE,
            NetworkChaos.Direction.TO,
            Optional.of(ONE),
            Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(200))));
    private static final String DELAYED = Recorded.status(
            true,
            "Run",
            Recorded.record("default/emqx-go-0", ".", "Injected", 1),
            Recorded.record("default/emqx-go-1", ".Target", "Injected", 1));

    private ScriptedCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new ScriptedCluster();
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 0));
        cluster.pod("emqx-go-1", Recorded.pod("emqx-go-1", "u2", 0));
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private Injection inject(ChaosSpec spec, Target... targets) {
        return new Setup(cluster).engine.inject("exp-1", spec, List.of(targets), List.of());
    }

    private Injection delay(Shell shell) {
        return new Setup(cluster, shell).engine.inject("exp-1", DELAY, List.of(POD_0), List.of(POD_1));
    }

    /** A delay that is in force, that the records tell of and whose effect was seen. */
    private Injection delayed() {
        cluster.statuses(DELAYED);
        return seenDelay();
    }

    /** A delay whose effect was seen, whatever the statuses are meanwhile. */
    private Injection seenDelay() {
        var injection =
                delay(ScriptedShell.writing(ScriptedShell.ping(5, 5, "0.3"), ScriptedShell.ping(5, 5, "200.4")));
        awaitActed(injection);
        return injection;
    }

    private static void awaitActed(Injection injection) {
        await("the effect is seen").atMost(5, TimeUnit.SECONDS).until(injection::acted);
    }

    /** What the records alone tell of has not acted. */
    private static void assertUnseen(Injection injection, String why) {
        assertThat(injection.acted()).isFalse();
        assertThat(injection.effect()).noneMatch(Proof::independent);
        assertThat(injection.effect()).extracting(Proof::observation).anyMatch(text -> text.contains(why));
    }

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
                .hasMessageContaining("modprobe sch_netem");
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
    void aReplacedPodIsWithoutTheFaultWhateverTheRecordsSay() {
        var injection = delayed();
        assertThat(injection.inForce()).isTrue();

        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u9", 0));

        await().atMost(5, TimeUnit.SECONDS).until(() -> !injection.inForce());
        assertThat(injection.alsoEnded()).containsExactly("emqx-go-0");
        injection.remove();
        assertThat(injection.doubts()).anyMatch(doubt -> doubt.contains("pod emqx-go-0 was replaced"));
    }

    /** The rules name the other side by the address that it had. */
    @Test
    void aReplacedPodOnTheOtherSideIsOutOfTheFaultsReach() {
        var injection = delayed();
        assertThat(injection.inForce()).isTrue();
        cluster.pod("emqx-go-1", Recorded.pod("emqx-go-1", "u3", 0));

        await().atMost(5, TimeUnit.SECONDS).until(() -> !injection.inForce());
        injection.remove();
        assertThat(injection.doubts()).anyMatch(doubt -> doubt.contains("emqx-go-1 on the other side was replaced"));
    }

    @Test
    void whereNobodyAnswersItIsToldThatNothingCanBeToldOfWhatIsLeft() {
        cluster.statuses(DELAYED);
        var injection = delay(ScriptedShell.writing(
                ScriptedShell.ping(5, 5, "0.3"), ScriptedShell.ping(5, 5, "200.4"), ScriptedShell.ping(5, 0, "0")));
        awaitActed(injection);

        injection.remove();

        await().atMost(5, TimeUnit.SECONDS)
                .until(() -> !injection.gone() && !injection.untold().isEmpty());
        assertThat(injection.left()).isEmpty();
        assertThat(injection.untold())
                .singleElement()
                .asString()
                .startsWith("emqx-go-0: round trips to emqx-go-1: 0 of 5 pings answered")
                .endsWith("the fault cannot be told from another failure");
    }

    @Test
    void aReplacementThatNobodyAskedForIsNoticedAtTheRemoval() {
        var injection = delayed();
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u9", 0));

        injection.remove();

        assertThat(injection.doubts()).hasSize(1);
    }

    @Test
    void aRestartedContainerKeepsItsNetworkFault() {
        var injection = delayed();
        cluster.pod("emqx-go-0", Recorded.ended("emqx-go-0", "u1", 1, 137, "Error"));

        await().atMost(5, TimeUnit.SECONDS).until(() -> {
            assertThat(injection.inForce()).isTrue();
            return !injection.alsoEnded().isEmpty();
        });
        injection.remove();
        assertThat(injection.doubts()).isEmpty();
        assertThat(injection.figures()).anyMatch(line -> line.contains("emqx-go-0 was restarted"));
    }

    @Test
    void aContainerThatRestartedIsWithoutItsStress() {
        var stress = StressChaos.cpu("cpu", ONE, 1, 80);
        cluster.statuses(Recorded.injected("default/emqx-go-0/broker"));
        var injection = inject(stress, POD_0);
        cluster.pod("emqx-go-0", Recorded.ended("emqx-go-0", "u1", 1, 1, "Error"));

        await().atMost(5, TimeUnit.SECONDS).until(() -> !injection.inForce());
        injection.remove();
        assertThat(injection.doubts()).anyMatch(doubt -> doubt.contains("a container of pod emqx-go-0 restarted"));
    }

    /** Names are not answered in one pod; the shell's look-ups tell this, the first before and the second under it. */
    private Injection seenDnsError(String... lookUps) {
        var dns =
                new DnsChaos("dns", DnsChaos.Action.ERROR, ONE, List.of(), List.of("broker.example"), Optional.empty());
        cluster.statuses(Recorded.injected("default/emqx-go-0/broker"));
        var injection = new Setup(cluster, ScriptedShell.writing(lookUps))
                .engine.inject("exp-1", dns, List.of(POD_0), List.of());
        awaitActed(injection);
        return injection;
    }

    /** Seen with Chaos Mesh 2.8.3: its name server was still in the pod's resolv.conf after the removal. */
    @Test
    void aRestartedContainerMayKeepItsDnsFaultAfterTheRemoval() {
        var injection = seenDnsError("10.1.0.7 STREAM broker.example\nhavoq dns 0\n", "havoq dns 2\n");
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 1));

        injection.remove();

        await("it is looked at often enough")
                .during(500, TimeUnit.MILLISECONDS)
                .atMost(5, TimeUnit.SECONDS)
                .until(() -> !injection.gone());
    }

    /** Seen with Chaos Mesh 2.8.3 beside the other way: a container that restarts under the fault asks its name server still. */
    @Test
    void aDnsFaultThatARestartedContainerStillSeesIsInForceAndWhatIsLeftOfItIsTold() {
        var injection = seenDnsError("10.1.0.7 STREAM broker.example\nhavoq dns 0\n", "havoq dns 2\n");
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 1));

        await().atMost(5, TimeUnit.SECONDS).until(() -> {
            assertThat(injection.inForce()).isTrue();
            return injection.alsoEnded().contains("emqx-go-0");
        });
        injection.remove();

        assertThat(injection.doubts()).isEmpty();
        await().atMost(5, TimeUnit.SECONDS)
                .until(() -> !injection.gone() && !injection.left().isEmpty());
        assertThat(injection.left())
                .singleElement()
                .asString()
                .contains("emqx-go-0: broker.example is not answered")
                .contains("kubectl -n default delete pod emqx-go-0");
    }

    /** Seen with Chaos Mesh 2.8.3: its copy of the file goes with the container, and its server answers rightly without a fault. */
    @Test
    void aNameServerThatStaysInResolvConfIsLeftThoughItAnswersRightly() {
        var injection = seenDnsError(
                "havoq nameserver 10.0.0.10\n10.1.0.7 STREAM broker.example\nhavoq dns 0\n",
                "havoq nameserver 10.0.0.99\nhavoq dns 2\n",
                "havoq nameserver 10.0.0.99\n10.1.0.7 STREAM broker.example\nhavoq dns 0\n");

        injection.remove();

        await().atMost(5, TimeUnit.SECONDS)
                .until(() -> !injection.gone() && !injection.left().isEmpty());
        assertThat(injection.left())
                .singleElement()
                .asString()
                .contains("emqx-go-0: its resolv.conf names [10.0.0.99], before [10.0.0.10]")
                .contains("kubectl -n default delete pod emqx-go-0");
    }

    /** The name of another broker's pod that does not come back, for instance. */
    @Test
    void aNameThatIsNotAnsweredByTheServerFromBeforeTheFaultIsNothingLeftOfIt() {
        var injection = seenDnsError(
                "havoq nameserver 10.0.0.10\n10.1.0.7 STREAM broker.example\nhavoq dns 0\n",
                "havoq nameserver 10.0.0.99\nhavoq dns 2\n",
                "havoq nameserver 10.0.0.10\nhavoq dns 2\n");

        injection.remove();

        assertThat(injection.gone()).isFalse();
        assertThat(injection.left()).isEmpty();
    }

    @Test
    void aDnsFaultThatARestartedContainerDoesNotSeeIsLost() {
        var injection = seenDnsError(
                "10.1.0.7 STREAM broker.example\nhavoq dns 0\n",
                "havoq dns 2\n",
                "10.1.0.7 STREAM broker.example\nhavoq dns 0\n");
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 1));

        await().atMost(5, TimeUnit.SECONDS).until(() -> !injection.inForce());
        injection.remove();
        assertThat(injection.doubts()).anyMatch(doubt -> doubt.contains("restarted and is without the fault"));
    }

    /** While it waits to be started again nobody can look; that is no word for its being in force. */
    @Test
    void aDnsFaultOfAContainerThatDoesNotComeBackDoesNotCountAsInForceForEver() {
        var injection = seenDnsError("10.1.0.7 STREAM broker.example\nhavoq dns 0\n", "havoq dns 2\n");
        cluster.pod(
                "emqx-go-0",
                Recorded.pod(
                        "emqx-go-0",
                        "u1",
                        "Running",
                        "broker:1",
                        Recorded.container(
                                "broker",
                                1,
                                "{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}",
                                "{\"terminated\":{\"exitCode\":1,\"reason\":\"Error\"}}")));

        assertThat(injection.inForce())
                .as("a container may take a moment to start")
                .isTrue();
        await().atMost(5, TimeUnit.SECONDS).until(() -> !injection.inForce());
        injection.remove();
        assertThat(injection.doubts()).anyMatch(doubt -> doubt.contains("pod emqx-go-0 has not run for"));
    }

    private static final String LOG = "/api/v1/namespaces/default/pods/emqx-go-0/log";
    private static final String WORKS = "havoq io 20 0 1.00 1.04\nerror: \nfile: /data/.havoq-probe\n";
    private static final String FAILS =
            "havoq io 20 20 1.00 1.04\nerror: sh: echo: I/O error\nfile: /data/.havoq-probe\n";

    private Injection failingWrites(Shell shell) {
        cluster.statuses(Recorded.injected("default/emqx-go-0/broker"));
        return new Setup(cluster, shell)
                .engine.inject(
                        "exp-1", IoChaos.fault("io", ONE, "/data", List.of("write"), 5), List.of(POD_0), List.of());
    }

    @Test
    void aContainerThatEndsItselfBecauseItCannotWriteHasMetTheFaultWhichIsThenSpent() {
        cluster.object(LOG, "2026 INFO at work\njava.io.IOException: Input/output error\n  at x\n");
        var injection = failingWrites(ScriptedShell.writing(WORKS, FAILS, WORKS));
        awaitActed(injection);
        cluster.pod("emqx-go-0", Recorded.ended("emqx-go-0", "u1", 1, 70, "Error"));

        await().atMost(5, TimeUnit.SECONDS).until(() -> {
            assertThat(injection.inForce()).isTrue();
            return injection.alsoEnded().contains("emqx-go-0");
        });
        injection.remove();

        assertThat(injection.doubts()).isEmpty();
        assertThat(injection.figures())
                .anyMatch(line -> line.contains("the fault is spent")
                        && line.contains("exit code 70")
                        && line.contains("Input/output error"));
    }

    @Test
    void aContainerThatDoesNotComeBackAfterItEndedItselfIsNothingLeftOfTheFault() {
        cluster.object(LOG, "java.io.IOException: Input/output error\n");
        var injection = failingWrites(ScriptedShell.writing(WORKS, FAILS, FAILS));
        awaitActed(injection);
        injection.remove();
        await().atMost(5, TimeUnit.SECONDS)
                .until(() -> !injection.gone() && !injection.left().isEmpty());
        assertThat(injection.left())
                .singleElement()
                .asString()
                .contains("emqx-go-0: file operations in /data: 20 of 20 failed");

        cluster.pod(
                "emqx-go-0",
                Recorded.pod(
                        "emqx-go-0",
                        "u1",
                        "Running",
                        "broker:1",
                        Recorded.container(
                                "broker",
                                1,
                                "{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}",
                                "{\"terminated\":{\"exitCode\":70,\"reason\":\"Error\"}}")));

        await().atMost(5, TimeUnit.SECONDS).until(() -> injection.left().isEmpty() || injection.gone());
        assertThat(injection.left()).isEmpty();
    }

    @Test
    void aContainerThatEndedItselfBeforeAnybodyLookedIsProofIfItNamedTheError() {
        cluster.object(LOG, "panic: write /data/log: input/output error\n");
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 0), Recorded.ended("emqx-go-0", "u1", 1, 2, "Error"));

        var injection = failingWrites(ScriptedShell.writing(WORKS, WORKS));
        awaitActed(injection);

        assertThat(injection.effect())
                .filteredOn(Proof::independent)
                .singleElement()
                .extracting(Proof::observation)
                .asString()
                .contains("ended itself, exit code 2 (Error), 1 restarts, before 0")
                .contains("panic: write /data/log: input/output error");
        assertThat(injection.alsoEnded()).containsExactly("emqx-go-0");
        assertThat(injection.inForce()).isTrue();
        injection.remove();
        assertThat(injection.doubts()).isEmpty();
    }

    /** The fault that keeps a file from being removed goes with the container, and the file stays. */
    @Test
    void aFileOfItsOwnThatCouldNotBeRemovedUnderTheFaultIsRemovedAfterIt() {
        cluster.object(LOG, "java.io.IOException: Input/output error\n");
        var shell = ScriptedShell.writing(WORKS, FAILS + "stays: /data/.havoq-probe\n", "rm: I/O error", "removed\n");
        var injection = failingWrites(shell);
        awaitActed(injection);
        cluster.pod("emqx-go-0", Recorded.ended("emqx-go-0", "u1", 1, 70, "Error"));
        injection.remove();

        await().atMost(5, TimeUnit.SECONDS)
                .until(() -> !injection.gone() && !injection.untold().isEmpty());
        assertThat(injection.untold()).singleElement().asString().contains("Havoq's own file /data/.havoq-probe");
        await().atMost(5, TimeUnit.SECONDS).until(injection::gone);

        assertThat(injection.untold()).isEmpty();
        assertThat(shell.scripts()).last().asString().startsWith("rm -f '/data/.havoq-probe'");
    }

    @Test
    void aContainerThatEndedItselfAndDidNotSayWhyProvesNothing() {
        cluster.object(LOG, "bye\n");
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 0), Recorded.ended("emqx-go-0", "u1", 1, 70, "Error"));

        var injection = failingWrites(ScriptedShell.writing(WORKS, WORKS));

        assertThat(injection.acted()).isFalse();
        assertThat(injection.effect())
                .extracting(Proof::observation)
                .anyMatch(text -> text.contains("ended itself, exit code 70")
                        && text.contains("its log does not name the error"));
        injection.remove();
        assertThat(injection.doubts()).anyMatch(doubt -> doubt.contains("restarted and is without the fault"));
    }

    @Test
    void aLookThatWasCutShortDoesNotHideWhatTheOneBeforeSaw() {
        var looks = new AtomicInteger();
        var injection = failingWrites((pod, container, script) -> {
            if (looks.incrementAndGet() <= 2) {
                return new Shell.Output(true, WORKS);
            }
            Thread.currentThread().interrupt();
            return new Shell.Output(false, "interrupted during exec");
        });
        assertThat(injection.acted()).isFalse();

        await().atMost(5, TimeUnit.SECONDS).pollInSameThread().until(() -> {
            assertThat(injection.acted()).isFalse();
            return Thread.interrupted();
        });

        assertThat(injection.effect())
                .extracting(Proof::observation)
                .anyMatch(text -> text.contains("not seen so far: file operations in /data: 0 of 20 failed"));
        injection.remove();
    }

    @Test
    void aContainerThatSomebodyElseEndedHasNotMetTheFaultWhateverItSaid() {
        cluster.object(LOG, "java.io.IOException: Input/output error\n");
        cluster.pod(
                "emqx-go-0", Recorded.pod("emqx-go-0", "u1", 0), Recorded.ended("emqx-go-0", "u1", 1, 137, "Error"));

        var injection = failingWrites(ScriptedShell.writing(WORKS, WORKS));

        assertThat(injection.acted()).isFalse();
        injection.remove();
        assertThat(injection.doubts()).isNotEmpty();
    }

    @Test
    void aContainerThatEndedForWantOfMemoryIsWhatMemoryStressIsFor() {
        var stress = StressChaos.memory("memory", ONE, MemorySize.parse("1200MB"), -1000);
        cluster.statuses(Recorded.injected("default/emqx-go-0/broker"));
        var injection = inject(stress, POD_0);
        assertThat(injection.acted()).isFalse();
        cluster.pod("emqx-go-0", Recorded.ended("emqx-go-0", "u1", 1, 137, "OOMKilled"));

        awaitActed(injection);

        await().atMost(5, TimeUnit.SECONDS).until(() -> {
            assertThat(injection.inForce()).isTrue();
            return injection.alsoEnded().contains("emqx-go-0");
        });
        assertThat(injection.effect())
                .filteredOn(Proof::independent)
                .extracting(Proof::observation)
                .allMatch(text -> text.contains("exit code 137 (OOMKilled)"));
        injection.remove();
        assertThat(injection.doubts()).isEmpty();
    }

    @Test
    void aFaultThatChaosMeshEndedIsNoLongerInForce() {
        var injection = delayed();
        cluster.statuses(Recorded.status(false, "Stop", Recorded.record("default/emqx-go-0", ".", "Not Injected", 1)));

        await().atMost(5, TimeUnit.SECONDS).until(() -> !injection.inForce());
        injection.remove();
        assertThat(injection.doubts()).anyMatch(doubt -> doubt.contains("its duration of 10m passed"));
    }

    @Test
    void aSilentApiServerDoesNotKeepAFaultInForce() {
        var injection = delayed();
        var silent = new Reply[200];
        java.util.Arrays.fill(silent, Reply.status(503, "ServiceUnavailable", "apiserver is shutting down"));
        cluster.next(asked -> asked.method().equals("GET"), silent);

        await().atMost(5, TimeUnit.SECONDS).until(() -> !injection.inForce());
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
