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
import io.havoq.journal.JournalSettings;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.MemorySize;
import io.havoq.manifest.Mode;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.NetworkChaos.Direction;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.manifest.StressChaos;
import io.havoq.manifest.TimeChaos;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

/** Faults that come and go again and again on a node that writes all the time leave it as it was. */
@Tag("exhaustive")
@TestInstance(Lifecycle.PER_CLASS)
class LocalCyclesTest {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final int CYCLES = 100;
    /** A node that ends and is started anew each time. */
    private static final int KILLS = 10;

    private static final Selection ALL = new Selection(
            new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()), new Mode.All());

    @TempDir
    static Path directory;

    private LocalEnvironment environment;
    private int injections;

    /**
     * What must be as it was.
     *
     * @param mappings of the node that are of files or the kernel's: its heaps grow by themselves
     * @param limits of its group, its oom_score_adj and its processors
     * @param processes that know of this run
     * @param descriptors of the sandbox
     */
    private record Traces(List<String> mappings, Map<String, String> limits, int processes, int descriptors) {}

    @BeforeAll
    void start() {
        var place = GroupPlace.find("test");
        assumeTrue(!(place instanceof GroupPlace.Nowhere), place.toString());
        var settings = Settings.fromSystemProperties()
                .with(JournalSettings.STATE, directory.resolve("state").toString())
                .with(LocalSettings.NODES, "2")
                .with(StressSettings.MEMORY, "160")
                .with(BrokerSettings.ENVIRONMENT, "HAVOQ_TEST='" + directory + "'")
                .with(BrokerSettings.BROKER, "command")
                .with(BrokerSettings.COMMAND, TestNode.command("dates", "writes"));
        environment =
                new LocalEnvironment(settings, BrokerPresets.of(settings), directory.resolve("output"), line -> {});
        environment.start();
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

    private boolean connects() {
        return TestNode.answers(environment.endpoints().get(0).address());
    }

    private Injection inject(ChaosSpec spec) {
        var others = spec instanceof NetworkChaos ? environment.targets().subList(1, 2) : List.<Target>of();
        return environment.faults().inject("test-" + ++injections, spec, List.of(target()), others);
    }

    private long node() throws IOException {
        for (long pid : Leftover.nodes(directory)) {
            if (Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
                    .contains(environment.targets().get(0).ports().get("mqtt"))) {
                return pid;
            }
        }
        throw new IOException("emqx-go-0 has no process");
    }

    private Traces traces() throws IOException {
        var node = Path.of("/proc/" + node());
        var mappings = Files.readAllLines(node.resolve("maps")).stream()
                .filter(line -> line.matches(".*(/|\\[vdso|\\[vvar|\\[stack).*"))
                .toList();
        var limits = new LinkedHashMap<String, String>();
        limits.put("oom_score_adj", Files.readString(node.resolve("oom_score_adj")));
        Files.readAllLines(node.resolve("status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list") || line.startsWith("SigBlk"))
                .forEach(line -> limits.put(line, ""));
        try (var groups = Files.walk(Path.of("/sys/fs/cgroup"))) {
            for (var group : groups.filter(file -> file.endsWith("emqx-go-0")).toList()) {
                if (!Files.readAllLines(group.resolve("cgroup.procs"))
                        .contains(node.getFileName().toString())) {
                    continue; // of another run on this machine
                }
                try (var files = Files.newDirectoryStream(
                        group,
                        "{cpu.cfs_*,cpu.max,cpu.shares,memory.limit_in_bytes,memory.memsw.limit*,memory.max,"
                                + "memory.swap.max,cgroup.procs}")) {
                    for (var file : files) {
                        limits.put(file.toString(), Files.readString(file));
                    }
                }
            }
        }
        int descriptors = 0;
        for (long sandbox : Leftover.sandboxes(directory)) {
            try (var open = Files.list(Path.of("/proc/" + sandbox + "/fd"))) {
                descriptors += (int) open.count();
            }
        }
        return new Traces(mappings, limits, Leftover.processes(directory).size(), descriptors);
    }

    private void assertLeavesNoTrace(ChaosSpec spec) throws IOException {
        // Once for what is made at first use: witnesses, and what the node's JVM loads.
        cycle(spec);
        var pid = node();
        var before = traces();
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            cycle(spec);
        }
        assertThat(node()).isEqualTo(pid);
        var after = traces();
        assertThat(after.mappings).isEqualTo(before.mappings);
        assertThat(after.limits).isEqualTo(before.limits);
        assertThat(after.processes).isEqualTo(before.processes);
        assertThat(after.descriptors).as("descriptors of the sandbox").isLessThan(before.descriptors + CYCLES / 2);
        assertTellsTheTime();
        assertThat(target().restartCount()).isZero();
    }

    private void cycle(ChaosSpec spec) {
        var injection = inject(spec);
        assertThat(injection.inForce()).isTrue();
        injection.remove();
        await("nothing of it is left").atMost(BOUND).until(injection::gone);
    }

    private void assertTellsTheTime() {
        var since = Instant.now();
        await("the node tells this machine's time").atMost(BOUND).until(() -> {
            var line = connects() ? environment.logTail("emqx-go-0", 1) : List.<String>of();
            return !line.isEmpty()
                    && line.get(0).contains(" connection")
                    && Duration.between(since, Instant.parse(line.get(0).split(" ", 2)[0]))
                                    .abs()
                                    .compareTo(BOUND)
                            < 0;
        });
    }

    @Test
    void clocks() throws IOException {
        assertLeavesNoTrace(new TimeChaos(
                "clock", ALL, List.of(), Duration.ofHours(1), TimeChaos.DEFAULT_CLOCKS, Optional.empty()));
    }

    @Test
    void processors() throws IOException {
        assertLeavesNoTrace(StressChaos.cpu("busy", ALL, 2, 100));
    }

    @Test
    void memory() throws IOException {
        assertLeavesNoTrace(StressChaos.memory("full", ALL, new MemorySize.Bytes(20L << 20), 0));
    }

    @Test
    void delays() throws IOException {
        assertLeavesNoTrace(NetworkChaos.netem(
                "slow", ALL, Direction.BOTH, Optional.of(ALL), Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(50)))));
    }

    @Test
    void partitions() throws IOException {
        assertLeavesNoTrace(NetworkChaos.partition("cut", ALL, Direction.BOTH, ALL));
    }

    @Test
    void podKills() throws IOException {
        assertComesBack(kill(PodChaos.Action.POD_KILL, false));
    }

    @Test
    void containerKills() throws IOException {
        assertComesBack(kill(PodChaos.Action.CONTAINER_KILL, false));
    }

    @Test
    void powerFailures() throws IOException {
        assertComesBack(kill(PodChaos.Action.POD_KILL, true));
    }

    private static PodChaos kill(PodChaos.Action action, boolean powerOff) {
        return new PodChaos("kill", action, ALL, Duration.ZERO, List.of("emqx-go"), Optional.empty(), powerOff);
    }

    private void assertComesBack(PodChaos spec) throws IOException {
        var before = new ArrayList<Traces>();
        for (int cycle = 0; cycle <= KILLS; cycle++) {
            environment.beginExperiment("cycle " + cycle);
            var injection = inject(spec);
            await("it acted and is over").atMost(BOUND).until(() -> injection.acted() && injection.gone());
            injection.remove();
            await("the node is ready").atMost(BOUND).until(() -> target().ready() && connects());
            if (cycle == 0) {
                before.add(traces());
            }
        }
        var after = traces();
        assertThat(after.limits.keySet()).isEqualTo(before.get(0).limits.keySet());
        assertThat(after.limits.entrySet().stream()
                        .filter(limit -> !limit.getKey().endsWith("cgroup.procs")))
                .containsExactlyElementsOf(before.get(0).limits.entrySet().stream()
                        .filter(limit -> !limit.getKey().endsWith("cgroup.procs"))
                        .toList());
        assertThat(after.processes).isEqualTo(before.get(0).processes);
        assertThat(after.descriptors)
                .as("descriptors of the sandbox")
                .isLessThan(before.get(0).descriptors + KILLS / 2);
        assertTellsTheTime();
    }
}
