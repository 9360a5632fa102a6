package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.havoq.broker.BrokerPresets;
import io.havoq.broker.BrokerSettings;
import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.Support;
import io.havoq.fault.local.stress.GroupPlace;
import io.havoq.fault.local.stress.StressSettings;
import io.havoq.fault.local.stress.StressorMain;
import io.havoq.journal.JournalSettings;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.MemorySize;
import io.havoq.manifest.Mode;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.manifest.StressChaos;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Two real processes within limits of their own, and what stress does to them. */
@TestInstance(Lifecycle.PER_CLASS)
class LocalStressTest {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final int LIMIT_MEBIBYTES = 160;
    private static final Pattern RUN = Pattern.compile("havoq-[0-9a-f-]+");
    private static final Selection ALL = new Selection(
            new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()), new Mode.All());

    @TempDir
    static Path directory;

    private final List<String> progress = new ArrayList<>();
    private LocalEnvironment environment;
    private int injections;

    @BeforeAll
    void start() {
        var place = GroupPlace.find("test");
        assumeTrue(!(place instanceof GroupPlace.Nowhere), place.toString());
        environment = started(settings());
    }

    @AfterAll
    void nothingIsLeft() throws IOException {
        if (environment != null) {
            var groups = groups();
            assertThat(groups).isNotEmpty();
            environment.close();
            assertThat(Leftover.processes(directory)).as("processes left").isEmpty();
            assertThat(groups).as("control groups left").noneMatch(Files::exists);
            assertThat(directory.resolve("state/journal")).isEmptyDirectory();
        }
    }

    private static Settings settings() {
        return Settings.fromSystemProperties()
                .with(JournalSettings.STATE, directory.resolve("state").toString())
                .with(LocalSettings.NODES, "2")
                .with(LocalSettings.NOTICING, "50ms")
                .with(StressSettings.CPUS, "0.3")
                .with(StressSettings.MEMORY, Integer.toString(LIMIT_MEBIBYTES))
                .with(BrokerSettings.ENVIRONMENT, "HAVOQ_TEST='" + directory + "'")
                .with(BrokerSettings.BROKER, "command")
                .with(BrokerSettings.COMMAND, TestNode.command());
    }

    private LocalEnvironment started(Settings settings) {
        var made =
                new LocalEnvironment(settings, BrokerPresets.of(settings), directory.resolve("output"), progress::add);
        made.start();
        return made;
    }

    /** The groups of this test's nodes, found without the code under test. */
    private static List<Path> groups() throws IOException {
        var found = new ArrayList<Path>();
        for (var node : Leftover.nodes(directory)) {
            for (var line : Files.readAllLines(Path.of("/proc/" + node + "/cgroup"))) {
                var run = RUN.matcher(line);
                // Not by a walk of our own: other runs' groups go away meanwhile.
                var find = run.find() ? List.of("find", "/sys/fs/cgroup", "-name", run.group()) : List.of("true");
                var process = new ProcessBuilder(find)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .map(Path::of)
                        .forEach(found::add);
            }
        }
        return found;
    }

    private Target target(int index) {
        return environment.targets().get(index);
    }

    private Injection inject(ChaosSpec spec, int index) {
        return environment.faults().inject("test-" + ++injections, spec, List.of(target(index)), List.of());
    }

    private static StressChaos memory(long mebibytes, int oomScoreAdj) {
        return StressChaos.memory("full", ALL, new MemorySize.Bytes(mebibytes << 20), oomScoreAdj);
    }

    private void removed(Injection injection) {
        injection.remove();
        assertThat(injection.inForce()).isFalse();
        await("nothing of it is left").atMost(BOUND).until(injection::gone);
    }

    @Test
    void processorTimeIsTakenAndGivenBack() {
        var injection = inject(StressChaos.cpu("busy", ALL, 1, 80), 0);
        try {
            await("the fault is proven").atMost(BOUND).until(injection::acted);
            assertThat(injection.inForce()).isTrue();
            assertThat(injection.gone()).isFalse();
            assertThat(injection.effect())
                    .filteredOn(Proof::independent)
                    .singleElement()
                    .extracting(Proof::observation)
                    .asString()
                    // A quarter of the 0.3 that it may have is proof, on a busy machine too; never more than it may
                    // have.
                    .containsPattern("the stressor \\(pid \\d+\\) used 0\\.(0[89]|[1-4]\\d) of a processor");
            assertThat(injection.effect())
                    .filteredOn(proof -> !proof.independent())
                    .singleElement()
                    .extracting(Proof::observation)
                    .asString()
                    .containsPattern("quota was used up in [1-9]\\d* of");
        } finally {
            removed(injection);
        }
        assertThat(injection.doubts()).isEmpty();
        assertThat(injection.figures()).singleElement().asString().contains("of 0.30 processors");
    }

    @Test
    void memoryBelowTheLimitIsTakenAndGivenBack() {
        var restarts = target(1).restartCount();
        var injection = inject(memory(40, 0), 1);
        try {
            await("the fault is proven").atMost(BOUND).until(injection::acted);
            assertThat(injection.inForce()).isTrue();
        } finally {
            removed(injection);
        }
        assertThat(injection.figures()).singleElement().asString().contains("oom_kill +0");
        assertThat(target(1).restartCount()).isEqualTo(restarts);
    }

    @Test
    void pastTheLimitTheKernelEndsTheNodeWhichIsToldAndStartsAnew() {
        environment.beginExperiment("oom");
        var before = target(1);
        var injection = inject(memory(600, -1000), 1);
        try {
            await("the fault is proven").atMost(BOUND).until(injection::acted);
            assertThat(injection.effect())
                    .extracting(Proof::observation)
                    .contains("memory: exit status 137 (OOMKilled)")
                    .anySatisfy(seen ->
                            assertThat(seen).containsPattern("to 1[56]\\d MiB of 16\\d, the kernel's oom_kill from"));
            await("the node is back").atMost(BOUND).until(() -> target(1).ready());
            assertThat(injection.inForce()).as("what it did cannot be lost").isTrue();
        } finally {
            removed(injection);
        }
        assertThat(target(1).uid()).isEqualTo(before.uid());
        assertThat(target(1).restartCount()).isEqualTo(before.restartCount() + 1);
        assertThat(injection.figures()).singleElement().asString().contains("ended with the container");
    }

    @Test
    void whereTheStressorIsWorthLessThanTheNodeItIsEndedAndStartedAgain() {
        var restarts = target(0).restartCount();
        var injection = inject(memory(600, 1000), 0);
        try {
            await("the fault is proven").atMost(BOUND).until(injection::acted);
            await("it was started again")
                    .atMost(BOUND)
                    .until(() -> injection.inForce() && !injection.effect().isEmpty());
        } finally {
            removed(injection);
        }
        assertThat(target(0).restartCount()).isEqualTo(restarts);
    }

    @Test
    void whatTheMachineCannotSpareIsRefusedBeforeAnythingStarts() {
        var other = started(settings()
                .with(JournalSettings.STATE, directory.resolve("other").toString())
                .with(LocalSettings.NODES, "1")
                .with(StressSettings.MEMORY, "1000000"));
        try {
            assertThatThrownBy(() -> other.faults().inject("big", memory(600, -1000), other.targets(), List.of()))
                    .isInstanceOf(FaultException.class)
                    .hasMessageContaining("this machine has")
                    .hasMessageContaining("nothing was injected; lower havoq.local.memory");
        } finally {
            other.close();
        }
    }

    @Test
    void containersThatAreNotThereAndTooManyWorkersAreRefused() {
        var elsewhere = new StressChaos(
                "busy",
                ALL,
                List.of("sidecar"),
                Optional.of(new StressChaos.Cpu(1, 10)),
                Optional.empty(),
                Optional.empty());
        assertThatThrownBy(() -> inject(elsewhere, 0)).hasMessageContaining("[sidecar]");
        assertThat(environment.faults().supports(StressChaos.cpu("busy", ALL, 65, 10)))
                .isInstanceOf(Support.Unsupported.class);
    }

    @Test
    void injectedAndRemovedAgainAndAgain() throws IOException {
        cycles(10);
    }

    @Test
    @Tag("exhaustive")
    void injectedAndRemovedAHundredTimes() throws IOException {
        cycles(100);
    }

    private void cycles(int count) throws IOException {
        await("nothing of other tests is left").atMost(BOUND).until(() -> stressors() == 0);
        var before = Leftover.processes(directory).size();
        for (int cycle = 0; cycle < count; cycle++) {
            var injection = inject(StressChaos.cpu("busy", ALL, 2, 100), cycle % 2);
            assertThat(injection.inForce()).isTrue();
            assertThat(stressors()).isEqualTo(1);
            removed(injection);
            assertThat(stressors()).isZero();
        }
        assertThat(Leftover.processes(directory)).hasSize(before);
    }

    private static int stressors() throws IOException {
        return Leftover.programs(directory, StressorMain.class).size();
    }
}
