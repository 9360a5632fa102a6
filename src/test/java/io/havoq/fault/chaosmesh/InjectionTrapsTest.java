package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.chaosmesh.ScriptedCluster.Reply;
import io.havoq.manifest.DnsChaos;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.MemorySize;
import io.havoq.manifest.StressChaos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fault that was injected: whether it is still in force, who met it, and what is left of it. */
class InjectionTrapsTest extends InjectedFaults {
    private static final DnsChaos NO_NAMES =
            new DnsChaos("dns", DnsChaos.Action.ERROR, ONE, List.of(), List.of("broker.example"), Optional.empty());

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

    /** Whoever resets the pod's network takes the rules along, and the records go on saying Injected. */
    @Test
    void anEffectThatIsNotThereAnyMoreAtTheEndIsDoubtedWhateverTheRecordsSay() {
        cluster.statuses(DELAYED);
        var injection = delay(ScriptedShell.writing(
                ScriptedShell.ping(5, 5, "0.3"), ScriptedShell.ping(5, 5, "200.4"), ScriptedShell.ping(5, 5, "0.4")));
        awaitActed(injection);
        assertThat(injection.inForce()).isTrue();

        injection.remove();

        assertThat(injection.doubts())
                .singleElement()
                .asString()
                .startsWith("on emqx-go-0 the fault was seen after the injection and not any more before the removal")
                .contains("median 0.4 ms");
    }

    @Test
    void aLastLookThatFailsAndOneThatMissesItOnceCastNoDoubt() {
        cluster.statuses(DELAYED);
        for (var last : List.of("ping: not permitted\n", ScriptedShell.ping(5, 0, "0"))) {
            var injection = delay(ScriptedShell.writing(
                    ScriptedShell.ping(5, 5, "0.3"),
                    ScriptedShell.ping(5, 5, "200.4"),
                    ScriptedShell.ping(5, 5, "0.4"),
                    last));
            awaitActed(injection);
            injection.remove();
            assertThat(injection.doubts()).isEmpty();
        }
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
        cluster.statuses(Recorded.injected("default/emqx-go-0/broker"));
        var injection = new Setup(cluster, ScriptedShell.writing(lookUps))
                .engine.inject("exp-1", NO_NAMES, List.of(POD_0), List.of());
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

    /** A pod whose resolv.conf is a file here, and whose look-ups are answered by the server that the file names. */
    private record NamesByFile(Path resolvConf, AtomicInteger written, AtomicBoolean answers) implements Shell {
        NamesByFile(Path resolvConf) {
            this(resolvConf, new AtomicInteger(), new AtomicBoolean(true));
        }

        @Override
        public Output run(PodView pod, String container, String script) {
            try {
                if (script.contains(">$f")) {
                    written.incrementAndGet();
                    var process = new ProcessBuilder(
                                    "sh", "-c", script.replace("/etc/resolv.conf", resolvConf.toString()))
                            .redirectErrorStream(true)
                            .start();
                    return new Output(
                            true, new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                }
                var server = Files.readAllLines(resolvConf).stream()
                        .filter(line -> line.startsWith("nameserver "))
                        .toList();
                return new Output(
                        true,
                        "havoq " + server.get(0) + "\n"
                                + (answers.get() && server.equals(List.of("nameserver 10.0.0.10"))
                                        ? "10.1.0.7 STREAM broker.example\nhavoq dns 0\n"
                                        : "havoq dns 2\n"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Seen with Chaos Mesh 2.8.3: its name server was still in the pod's resolv.conf after the removal, since the copy had gone with the container.
     */
    @Test
    void theNameServersOfARestartedContainerAreGivenBack(@TempDir Path folder) throws Exception {
        var search = "search default.svc.cluster.local svc.cluster.local";
        var file = folder.resolve("resolv.conf");
        Files.writeString(file, search + "\nnameserver 10.0.0.10\noptions ndots:5\n");
        var shell = new NamesByFile(file);
        cluster.statuses(Recorded.injected("default/emqx-go-0/broker"));
        var injection = new Setup(cluster, shell).engine.inject("exp-1", NO_NAMES, List.of(POD_0), List.of());
        Files.writeString(file, search + "\nnameserver 10.0.0.99\noptions ndots:5\n");
        awaitActed(injection);
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 1));

        injection.remove();
        await().atMost(5, TimeUnit.SECONDS).until(injection::gone);

        assertThat(Files.readAllLines(file)).containsExactly("nameserver 10.0.0.10", search, "options ndots:5");
        assertThat(injection.figures())
                .anyMatch(line -> line.contains("emqx-go-0: Chaos Mesh could not give its resolv.conf back"));
    }

    /** The name may be that of a pod which is not ready: what was given back is not left, and is not given back again and again. */
    @Test
    void nameServersAreGivenBackOnceThoughTheNameIsNotAnswered(@TempDir Path folder) throws Exception {
        var file = folder.resolve("resolv.conf");
        Files.writeString(file, "nameserver 10.0.0.10\n");
        var shell = new NamesByFile(file);
        cluster.statuses(Recorded.injected("default/emqx-go-0/broker"));
        var injection = new Setup(cluster, shell).engine.inject("exp-1", NO_NAMES, List.of(POD_0), List.of());
        Files.writeString(file, "nameserver 10.0.0.99\n");
        awaitActed(injection);
        shell.answers.set(false);

        injection.remove();
        await("it is looked at often enough")
                .during(500, TimeUnit.MILLISECONDS)
                .atMost(5, TimeUnit.SECONDS)
                .until(() -> !injection.gone());

        assertThat(shell.written).hasValue(1);
        assertThat(injection.left()).isEmpty();
        assertThat(injection.untold()).singleElement().asString().contains("not answered");
        assertThat(injection.figures())
                .filteredOn(line -> line.contains("resolv.conf"))
                .hasSize(1);

        shell.answers.set(true);
        await().atMost(5, TimeUnit.SECONDS).until(injection::gone);
    }

    /** Whoever wrote the file may have left out the last end of line. */
    @Test
    void theLastLineOfResolvConfIsKeptThoughItDoesNotEnd(@TempDir Path folder) throws Exception {
        var file = folder.resolve("resolv.conf");
        Files.writeString(file, "nameserver 10.0.0.10\noptions ndots:5");
        cluster.statuses(Recorded.injected("default/emqx-go-0/broker"));
        var injection =
                new Setup(cluster, new NamesByFile(file)).engine.inject("exp-1", NO_NAMES, List.of(POD_0), List.of());
        Files.writeString(file, "nameserver 10.0.0.99\noptions ndots:5");
        awaitActed(injection);

        injection.remove();
        await().atMost(5, TimeUnit.SECONDS).until(injection::gone);

        assertThat(Files.readAllLines(file)).containsExactly("nameserver 10.0.0.10", "options ndots:5");
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
        waitsToBeStartedAgain(1);

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

        waitsToBeStartedAgain(70);

        await().atMost(5, TimeUnit.SECONDS).until(() -> injection.left().isEmpty() || injection.gone());
        assertThat(injection.left()).isEmpty();
    }

    @Test
    void aContainerThatEndedItselfBeforeAnybodyLookedIsProofIfItNamedTheError() {
        cluster.object(LOG, "panic: write /data/log: input/output error\n");
        cluster.pod(
                "emqx-go-0",
                Recorded.pod("emqx-go-0", "u1", 0),
                Recorded.pod("emqx-go-0", "u1", 0),
                Recorded.ended("emqx-go-0", "u1", 1, 2, "Error"));

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
        cluster.pod(
                "emqx-go-0",
                Recorded.pod("emqx-go-0", "u1", 0),
                Recorded.pod("emqx-go-0", "u1", 0),
                Recorded.ended("emqx-go-0", "u1", 1, 70, "Error"));

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
                "emqx-go-0",
                Recorded.pod("emqx-go-0", "u1", 0),
                Recorded.pod("emqx-go-0", "u1", 0),
                Recorded.ended("emqx-go-0", "u1", 1, 137, "Error"));

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

    /** The pod's container has ended, and the kubelet keeps it down. */
    private void waitsToBeStartedAgain(int exitCode) {
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
                                "{\"terminated\":{\"exitCode\":" + exitCode + ",\"reason\":\"Error\"}}")));
    }
}
