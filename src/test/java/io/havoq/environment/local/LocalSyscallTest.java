package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.broker.BrokerPresets;
import io.havoq.broker.BrokerSettings;
import io.havoq.fault.Injection;
import io.havoq.fault.Support;
import io.havoq.journal.JournalSettings;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.KernelChaos;
import io.havoq.manifest.Mode;
import io.havoq.manifest.PathPattern;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Two real processes that write, and what faults do to their system calls. */
@TestInstance(Lifecycle.PER_CLASS)
class LocalSyscallTest {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final Selection ALL = new Selection(
            new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()), new Mode.All());
    private static final IoChaos ERROR = IoChaos.fault("error", ALL, "/data", List.of("fsync"), 5);
    private static final IoChaos MISTAKE = io(new IoChaos.Effect.Mistake("zero", 1, 1), List.of("read"));
    private static final IoChaos SLOW = io(new IoChaos.Effect.Latency(Duration.ofMillis(100)), List.of("write"));
    private static final KernelChaos KERNEL = new KernelChaos(
            "kernel",
            KernelChaos.Failure.BIO,
            ALL,
            List.of(),
            List.of(KernelChaos.Frame.of("__x64_sys_fdatasync")),
            100,
            Optional.empty(),
            Optional.empty());

    @TempDir
    static Path directory;

    private final List<String> progress = new ArrayList<>();
    private LocalEnvironment environment;
    private int injections;

    private static IoChaos io(IoChaos.Effect effect, List<String> methods) {
        return new IoChaos(
                "io",
                effect,
                ALL,
                List.of(),
                "/data",
                Optional.of(new PathPattern("/data/*")),
                methods,
                100,
                Optional.empty());
    }

    @BeforeAll
    void start() {
        environment = made("state", "auto");
        environment.prepare(List.of(ERROR, KERNEL, SLOW));
        environment.start();
    }

    @AfterAll
    void nothingIsLeft() throws IOException {
        environment.close();
        assertThat(Leftover.processes(directory)).as("processes left").isEmpty();
    }

    private LocalEnvironment made(String state, String isolation) {
        return made(state, isolation, "writes");
    }

    private LocalEnvironment made(String state, String isolation, String... peculiar) {
        var settings = Settings.fromSystemProperties()
                .with(JournalSettings.STATE, directory.resolve(state).toString())
                .with(LocalSettings.NODES, "2")
                .with(LocalSettings.ISOLATION, isolation)
                .with(BrokerSettings.ENVIRONMENT, "HAVOQ_TEST='" + directory + "'")
                .with(BrokerSettings.BROKER, "command")
                .with(BrokerSettings.COMMAND, TestNode.command(peculiar));
        return new LocalEnvironment(settings, BrokerPresets.of(settings), directory.resolve("output"), progress::add);
    }

    private Injection inject(ChaosSpec spec) {
        return environment
                .faults()
                .inject(
                        "test-" + ++injections,
                        spec,
                        List.of(environment.targets().get(1)),
                        List.of());
    }

    private void assertActsAndGoes(ChaosSpec spec, String observation, String figure) {
        FaultCourse.assertActsAndGoes(inject(spec), observation, BOUND)
                .singleElement()
                .satisfies(line -> assertThat(line).startsWith("emqx-go-1: ").containsPattern(figure));
    }

    @Test
    void anErrorOfAFileSystemCallIsProvenAndGoes() {
        assertActsAndGoes(ERROR, "calls (fsync|fdatasync) .*Input/output error", "fdatasync \\d+ hit, \\d+ failed");
        assertThat(environment.logTail("emqx-go-1", 1_000)).contains("data.log: Input/output error");
        assertThat(environment.logTail("emqx-go-0", 1_000)).doesNotContain("data.log: Input/output error");
    }

    @Test
    void aSlowDiskIsProvenAndGoes() {
        assertActsAndGoes(SLOW, "calls p?write(64)? .*succeeds after 1\\d\\d", "pwrite64 \\d+ hit, \\d+ delayed");
    }

    @Test
    void aFailureInTheKernelIsProvenAndGoes() {
        assertActsAndGoes(KERNEL, "calls fdatasync .*Input/output error", "fdatasync \\d+ hit, \\d+ failed");
    }

    @Test
    @Tag("exhaustive")
    void eachFaultIsInjectedAndRemovedAHundredTimesOnANodeThatWrites() throws IOException {
        var before = environment.targets();
        // It starts the node's witness, which stays.
        assertActsAndGoes(ERROR, "calls (fsync|fdatasync) .*Input/output error", "fdatasync \\d+ hit, \\d+ failed");
        var processes = Leftover.processes(directory).size();
        for (var spec : List.of(SLOW, ERROR, KERNEL)) {
            for (int cycle = 0; cycle < 100; cycle++) {
                var injection = inject(spec);
                try {
                    await("the node's own calls were hit, and the witness sees it")
                            .pollInterval(Duration.ofMillis(5))
                            .atMost(BOUND)
                            .until(injection::acted);
                } finally {
                    injection.remove();
                }
                await("nothing of it is left")
                        .pollInterval(Duration.ofMillis(5))
                        .atMost(BOUND)
                        .until(injection::gone);
            }
        }
        assertThat(environment.targets()).as("nothing has restarted").isEqualTo(before);
        assertThat(Leftover.processes(directory)).hasSize(processes);
    }

    @Test
    void whatSystemCallsCannotDoIsUnsupportedAndSaysSo() {
        assertThat(environment.faults().supports(ERROR)).isInstanceOf(Support.Supported.class);
        assertUnsupported(environment, MISTAKE, "changes what a call returns");
        assertUnsupported(
                environment,
                io(new IoChaos.Effect.AttrOverride(Map.of("perm", 0L), Map.of(), Optional.empty()), List.of()),
                "changes what a call returns");
        assertUnsupported(
                environment,
                IoChaos.fault("locks", ALL, "/data", List.of("getlk"), 5),
                "cannot tell the methods [getlk]");
        assertUnsupported(
                environment, IoChaos.fault("unplanned", ALL, "/data", List.of("mkdir"), 5), "are not watched");
        assertUnsupported(
                environment,
                new KernelChaos(
                        "deep",
                        KernelChaos.Failure.SLAB,
                        ALL,
                        List.of(),
                        List.of(KernelChaos.Frame.of("ext4_sync_file")),
                        100,
                        Optional.empty(),
                        Optional.empty()),
                "cannot follow the callchain function ext4_sync_file");
    }

    private static void assertUnsupported(LocalEnvironment environment, ChaosSpec spec, String reason) {
        assertThat(environment.faults().supports(spec))
                .isInstanceOfSatisfying(
                        Support.Unsupported.class, no -> assertThat(no.reason()).contains(reason));
    }

    @Test
    void aFaultThatIsPlannedWhileTheClusterRunsNeedsANewOneOnlyIfNodesHaveAFilterWithoutItsCalls() throws IOException {
        var others = Leftover.nodes(directory);
        try (var other = made("other", "auto")) {
            progress.clear();
            other.start();
            assertThat(progress).noneMatch(line -> line.contains("watch"));
            var first = other.targets();
            other.prepare(List.of(MISTAKE));
            assertUnsupported(other, ERROR, "are not watched");

            other.prepare(List.of(ERROR));
            assertThat(other.faults().supports(ERROR)).isInstanceOf(Support.Supported.class);
            other.prepare(List.of(SLOW));
            assertThat(other.faults().supports(SLOW)).isInstanceOf(Support.Supported.class);
            assertThat(other.targets())
                    .as("nodes that have no filter yet get one with all")
                    .isEqualTo(first);
            assertThat(filters(others))
                    .as("nothing is done to a node before its first fault")
                    .containsExactly("0", "0");

            var injection = other.faults().inject("first", ERROR, List.of(first.get(1)), List.of());
            try {
                await("the fault is proven").atMost(BOUND).until(injection::acted);
            } finally {
                injection.remove();
            }
            await("nothing of it is left").atMost(BOUND).until(injection::gone);
            assertThat(filters(others))
                    .as("and none to another than its target")
                    .containsExactly("0", "2");
            assertThat(other.targets()).isEqualTo(first);
            other.prepare(List.of(ERROR, SLOW));
            assertThat(other.targets()).isEqualTo(first);

            other.prepare(List.of(IoChaos.fault("unplanned", ALL, "/data", List.of("mkdir"), 5)));
            assertThat(other.targets().get(0).uid()).isNotEqualTo(first.get(0).uid());
            assertThat(other.faults().supports(ERROR)).isInstanceOf(Support.Supported.class);
        } finally {
            progress.clear();
        }
    }

    /** What proc(5) tells of seccomp in each node but these, sorted. */
    private static List<String> filters(List<Long> others) throws IOException {
        var filters = new ArrayList<String>();
        for (var pid : Leftover.nodes(directory)) {
            if (!others.contains(pid)) {
                try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
                    lines.filter(line -> line.startsWith("Seccomp:"))
                            .map(line -> line.substring("Seccomp:".length()).strip())
                            .forEach(filters::add);
                }
            }
        }
        filters.sort(null);
        return filters;
    }

    @Test
    void aNodeThatEndsBecauseItCannotWriteWasEndedByTheFaultAndComesBack() {
        try (var strict = made("strict", "auto", "writes", "strict")) {
            strict.prepare(List.of(ERROR));
            strict.start();
            var before = strict.targets();
            var injection = strict.faults().inject("strict", ERROR, List.of(before.get(1)), List.of());
            try {
                assertThat(injection.targets()).containsExactly(before.get(1));
                await("the node ended, and the fault says so")
                        .atMost(BOUND)
                        .until(() -> injection.alsoEnded().equals(List.of("emqx-go-1")));
                await("the fault is proven though the node does not stay")
                        .atMost(BOUND)
                        .until(injection::acted);
                assertThat(injection.inForce()).isTrue();
            } finally {
                injection.remove();
            }
            assertThat(injection.alsoEnded()).containsExactly("emqx-go-1");
            assertThat(injection.figures())
                    .singleElement()
                    .asString()
                    .containsPattern(
                            "emqx-go-1: f.*sync \\d+ hit, \\d+ failed; its process ended by itself .*, last with"
                                    + " exit status " + TestNode.EXIT_FAILED_WRITE);
            await("nothing of it is left").atMost(BOUND).until(injection::gone);
            await("the node is back")
                    .atMost(BOUND)
                    .until(() -> strict.targets().get(1).ready());
            assertThat(strict.targets().get(1).uid()).isEqualTo(before.get(1).uid());
        } finally {
            progress.clear();
        }
    }

    @Test
    void aNodeThatIsKilledMeanwhileWasNotEndedByTheFault() {
        var injection = inject(ERROR);
        try {
            await("its calls fail").atMost(BOUND).until(injection::acted);
            var killed = environment
                    .faults()
                    .inject(
                            "kill",
                            PodChaos.containerKill("kill", ALL, List.of("emqx-go")),
                            List.of(environment.targets().get(1)),
                            List.of());
            await("the node was killed").atMost(BOUND).until(killed::acted);
            killed.remove();
            assertThat(injection.alsoEnded()).isEmpty();
        } finally {
            injection.remove();
        }
        await("nothing of it is left").atMost(BOUND).until(injection::gone);
        await("the node is back")
                .atMost(BOUND)
                .until(() -> environment.targets().get(1).ready());
    }

    @Test
    void plainProcessesAreUnsupported() {
        try (var plain = made("plain", "none")) {
            plain.prepare(List.of(ERROR));
            plain.start();
            assertUnsupported(plain, ERROR, "havoq.local.isolation=none");
        }
    }
}
