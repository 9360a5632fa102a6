package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.havoq.broker.BrokerPresets;
import io.havoq.broker.BrokerSettings;
import io.havoq.environment.Target;
import io.havoq.fault.Injection;
import io.havoq.fault.local.stress.GroupPlace;
import io.havoq.fault.local.stress.StressSettings;
import io.havoq.fault.local.stress.StressorMain;
import io.havoq.journal.JournalSettings;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.MemorySize;
import io.havoq.manifest.Mode;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.manifest.StressChaos;
import io.havoq.manifest.TimeChaos;
import io.havoq.manifest.TimeChaos.ClockId;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Faults of different kinds on one node at once: each acts, and each goes, as if it were alone. */
@TestInstance(Lifecycle.PER_CLASS)
class LocalCombinationsTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final Selection ALL = new Selection(
            new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()), new Mode.All());
    private static final TimeChaos AHEAD = clock(Duration.ofHours(1), ClockId.CLOCK_REALTIME);
    private static final StressChaos BUSY = StressChaos.cpu("busy", ALL, 1, 80);

    @TempDir
    static Path directory;

    private final List<Injection> injected = new ArrayList<>();
    private LocalEnvironment environment;
    private int injections;

    private static TimeChaos clock(Duration offset, ClockId id) {
        return new TimeChaos("clock", ALL, List.of(), offset, List.of(id), Optional.empty());
    }

    private static IoChaos slow(Duration latency) {
        return new IoChaos(
                "slow",
                new IoChaos.Effect.Latency(latency),
                ALL,
                List.of(),
                "/data",
                Optional.empty(),
                List.of("write"),
                100,
                Optional.empty());
    }

    @BeforeAll
    void start() {
        var place = GroupPlace.find("test");
        assumeTrue(!(place instanceof GroupPlace.Nowhere), place.toString());
        var settings = Settings.fromSystemProperties()
                .with(JournalSettings.STATE, directory.resolve("state").toString())
                .with(LocalSettings.NODES, "1")
                .with(LocalSettings.NOTICING, "50ms")
                .with(StressSettings.CPUS, "1.0")
                .with(StressSettings.MEMORY, "160")
                .with(BrokerSettings.ENVIRONMENT, "HAVOQ_TEST='" + directory + "'")
                .with(BrokerSettings.BROKER, "command")
                .with(BrokerSettings.COMMAND, TestNode.command("dates", "writes", "fills"));
        environment =
                new LocalEnvironment(settings, BrokerPresets.of(settings), directory.resolve("output"), line -> {});
        environment.prepare(List.of(slow(Duration.ofSeconds(1))));
        environment.start();
    }

    @AfterEach
    void allGoes() throws IOException {
        // What came last goes first, whatever became of it.
        for (int i = injected.size() - 1; i >= 0; i--) {
            injected.get(i).remove();
        }
        for (var injection : injected) {
            await("nothing of it is left").atMost(BOUND).until(() -> connects() && injection.gone());
        }
        injected.clear();
        assertThat(Leftover.programs(directory, StressorMain.class)).isEmpty();
        await("the node is ready").atMost(BOUND).until(() -> target().ready());
    }

    @AfterAll
    void nothingIsLeft() throws IOException {
        if (environment != null) {
            environment.close();
            assertThat(Leftover.processes(directory)).as("processes left").isEmpty();
        }
    }

    private Target target() {
        return environment.targets().get(0);
    }

    private Injection inject(ChaosSpec spec) {
        var injection = environment.faults().inject("test-" + ++injections, spec, List.of(target()), List.of());
        injected.add(injection);
        return injection;
    }

    /** A connection, of which the node writes a dated line. */
    private boolean connects() {
        return TestNode.answers(environment.endpoints().get(0).address());
    }

    private void assertActs(Injection injection) {
        await("the fault is proven").atMost(BOUND).until(() -> connects() && injection.acted());
        assertThat(injection.inForce()).isTrue();
    }

    private void restartTheNode() {
        var kill = inject(new PodChaos(
                "kill", PodChaos.Action.CONTAINER_KILL, ALL, Duration.ZERO, List.of("emqx-go"), Optional.empty()));
        await("it was killed and is back").atMost(BOUND).until(() -> kill.acted() && kill.gone());
    }

    @Test
    void aClockIsShiftedWhileSystemCallsAreHeld() {
        // A thread in a call that is held does not stop before it is answered.
        assertActs(inject(slow(Duration.ofSeconds(1))));
        assertActs(inject(AHEAD));
    }

    @Test
    void systemCallsAreHeldWhileAClockIsShifted() {
        assertActs(inject(AHEAD));
        assertActs(inject(slow(Duration.ofMillis(200))));
    }

    @Test
    void aNodeWhoseCallsAreWatchedIsStressedWithinItsQuota() {
        assertActs(inject(slow(Duration.ofMillis(200))));
        // So little that it gets it beside whatever else runs here.
        var stress = inject(StressChaos.cpu("busy", ALL, 1, 20));
        assertActs(stress);
        stress.remove();
        assertThat(stress.doubts()).isEmpty();
        assertThat(stress.figures()).singleElement().asString().contains("of 0.20 processors");
    }

    @Test
    void aStressorIsNotAmongThoseWhoseClockLeaps() throws IOException {
        var stress = inject(StressChaos.cpu("busy", ALL, 1, 20));
        // A worker that parked by a clock that is ahead would sleep for five minutes.
        var leap = inject(clock(Duration.ofMinutes(5), ClockId.CLOCK_MONOTONIC));
        assertThat(leap.inForce()).isTrue();
        assertActs(stress);
        assertThat(share(Leftover.programs(directory, StressorMain.class).get(0)))
                .isBetween(0.05, 0.5);
        leap.remove();
        // The node itself does not stand that: its own waits last until the clock is there again.
        restartTheNode();
    }

    /** How much of a processor a process uses within a second. */
    private static double share(long pid) {
        var process = ProcessHandle.of(pid).orElseThrow().info();
        long begun = System.nanoTime();
        var before = process.totalCpuDuration().orElseThrow();
        await("a second is over").until(() -> System.nanoTime() - begun > 1_000_000_000);
        var used = ProcessHandle.of(pid)
                .orElseThrow()
                .info()
                .totalCpuDuration()
                .orElseThrow()
                .minus(before);
        return (double) used.toNanos() / (System.nanoTime() - begun);
    }

    /** Restarts the node once more, which waits longer each time. */
    @Test
    @Tag("exhaustive")
    void stressEndsWithTheContainerAndTheClockIsShiftedAgain() throws IOException {
        var clock = inject(AHEAD);
        assertActs(clock);
        var stress = inject(BUSY);
        assertActs(stress);
        restartTheNode();
        assertThat(stress.inForce()).isFalse();
        assertThat(Leftover.programs(directory, StressorMain.class)).isEmpty();
        await("the new process is shifted").atMost(BOUND).until(clock::inForce);
        // The node has its processor to itself again, and can be stressed anew.
        assertActs(inject(StressChaos.cpu("again", ALL, 1, 80)));
    }

    @Test
    void whatTheDataDirectoryHoldsIsNotTakenOffTheNodesMemory() {
        var restarts = target().restartCount();
        // The limit is 160 MiB: 64 for the file as well would be too much.
        var stress = inject(StressChaos.memory("full", ALL, new MemorySize.Bytes(50L << 20), -1000));
        assertActs(stress);
        stress.remove();
        assertThat(stress.figures())
                .singleElement()
                .asString()
                .containsPattern("MiB of 2[2-4]\\d seen")
                .contains("oom_kill +0");
        assertThat(target().restartCount()).isEqualTo(restarts);
    }
}
