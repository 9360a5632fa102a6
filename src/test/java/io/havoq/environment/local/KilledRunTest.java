package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.havoq.environment.local.LocalSettings.IsolationMode;
import io.havoq.fault.local.sandbox.Isolation;
import io.havoq.fault.local.sandbox.SandboxProbe;
import io.havoq.fault.local.stress.GroupPlace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** kill -9 of the JVM that owns the cluster: two seconds later nothing of it is there, and the next run starts. */
class KilledRunTest {
    private static final Pattern GROUP = Pattern.compile("\"kind\":\"group\".*\"path\":\"([^\"]*)\"");

    @TempDir
    static Path classes;

    private static String classPath;

    @TempDir
    Path directory;

    private OwnedRuns runs;
    private Path work;

    @BeforeAll
    static void packClasses() throws IOException {
        classPath = OwnedRuns.packClasses(classes);
    }

    @BeforeEach
    void makeDirectories() throws IOException {
        runs = new OwnedRuns(directory, classPath);
        work = runs.work();
    }

    @AfterEach
    void endOwners() throws IOException {
        runs.close();
    }

    private Process owner(IsolationMode isolation, boolean ordinary, String how, String... peculiar)
            throws IOException {
        return runs.start(ordinary ? runs.asOrdinaryUser() : List.of(), isolation, how, peculiar);
    }

    private Process owner(List<String> before, IsolationMode isolation, String how, String... peculiar)
            throws IOException {
        return runs.start(before, isolation, how, peculiar);
    }

    private boolean namespaces() throws IOException {
        return new SandboxProbe(Files.createDirectories(directory.resolve("probe"))).probe()
                instanceof Isolation.Namespaces;
    }

    private static final List<String> MOMENTS = List.of("running", "hold", "starting", "launched");

    /** Each moment, isolation and identity with each of the others. */
    static Stream<Arguments> pairs() throws IOException {
        return runs(true);
    }

    /** The triples of them that {@link #pairs()} leaves out. */
    static Stream<Arguments> remainingTriples() throws IOException {
        return runs(false);
    }

    private static Stream<Arguments> runs(boolean pairs) throws IOException {
        var root = root();
        return MOMENTS.stream()
                .flatMap(moment -> Stream.of(IsolationMode.NAMESPACES, IsolationMode.NONE)
                        .flatMap(isolation -> Stream.of(true, false)
                                // Who is not root has one identity only, and tries every moment in every isolation.
                                .filter(ordinary -> pairs == (root ? even(moment, isolation, ordinary) : !ordinary))
                                .map(ordinary -> Arguments.of(isolation, ordinary, moment))));
    }

    /** Half of the triples, with every pair of values among them. */
    private static boolean even(String moment, IsolationMode isolation, boolean ordinary) {
        return (MOMENTS.indexOf(moment) + (isolation == IsolationMode.NONE ? 1 : 0) + (ordinary ? 1 : 0)) % 2 == 0;
    }

    private static boolean root() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    @ParameterizedTest(name = "{0}, ordinary user: {1}, killed when {2}")
    @MethodSource("pairs")
    void killedRunLeavesNothingAndTheNextOneStarts(IsolationMode isolation, boolean ordinary, String moment)
            throws Exception {
        assertThatAKilledRunLeavesNothingAndTheNextOneStarts(isolation, ordinary, moment);
    }

    @Tag("exhaustive")
    @ParameterizedTest(name = "{0}, ordinary user: {1}, killed when {2}")
    @MethodSource("remainingTriples")
    void everyOtherKilledRunLeavesNothingEither(IsolationMode isolation, boolean ordinary, String moment)
            throws Exception {
        assertThatAKilledRunLeavesNothingAndTheNextOneStarts(isolation, ordinary, moment);
    }

    private void assertThatAKilledRunLeavesNothingAndTheNextOneStarts(
            IsolationMode isolation, boolean ordinary, String moment) throws Exception {
        assumeTrue(!ordinary || root(), "needs root");
        assumeTrue(isolation == IsolationMode.NONE || namespaces(), "needs namespaces");
        var killed = owner(isolation, ordinary, moment, "stubborn", "forks");
        var output = OwnedRuns.output(killed);
        switch (moment) {
            case "starting" -> OwnedRuns.readTo(output, "starting");
            // The nodes' processes are there, and not ready yet.
            case "launched" ->
                await("a node's process is there")
                        .atMost(Duration.ofSeconds(20))
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> !Leftover.nodes(directory).isEmpty());
            default -> OwnedRuns.readTo(output, "running");
        }

        killed.destroyForcibly();

        assertThat(killed.waitFor()).isEqualTo(137);
        runs.assertNothingLeft();
        var next = owner(isolation, ordinary, "end");
        var lines = OwnedRuns.readTo(OwnedRuns.output(next), "closed");
        assertThat(lines).as("the next run").contains("running");
        assertThat(lines)
                .filteredOn(line -> line.startsWith("description"))
                .singleElement()
                .asString()
                .contains(
                        isolation == IsolationMode.NONE
                                ? "plain child processes"
                                : ordinary ? "user, mount" : "mount and pid")
                .contains(isolation == IsolationMode.NONE ? "plain" : "a network namespace each");
        assertThat(next.waitFor()).isZero();
        runs.assertNothingLeft();
        assertThat(OwnedRuns.files(work.resolve("state"))).as("journals").isEmpty();
    }

    @Test
    void ofARunThatIsKilledUnderStressNothingIsLeftAndNoGroupEither() throws Exception {
        var groups = groupsOfAKilledRun(group -> {});
        await("the control groups are gone")
                .atMost(Duration.ofSeconds(2))
                .untilAsserted(() -> assertThat(groups).noneMatch(Files::exists));
    }

    @Test
    void ofARunThatIsKilledWithAllThatItStartedTheNextOneRemovesTheGroups() throws Exception {
        var groups = groupsOfAKilledRun(KilledRunTest::killKeeper);
        assertThat(groups).as("what only another run can remove").allMatch(Files::isDirectory);
        assertThat(groups).as("what only another run can remove").allMatch(Files::isDirectory);
        var lines = OwnedRuns.readTo(OwnedRuns.output(owner(IsolationMode.NAMESPACES, false, "end")), "closed");
        assertThat(lines).anyMatch(line -> line.contains("left by an earlier run: removed the control group"));
        assertThat(groups).noneMatch(Files::exists);
        assertThat(OwnedRuns.files(work.resolve("state"))).as("journals").isEmpty();
    }

    private static void killKeeper(Path group) throws IOException {
        var keepers = Leftover.commands(group, "sh");
        assertThat(keepers).isNotEmpty();
        keepers.forEach(keeper -> ProcessHandle.of(keeper).ifPresent(ProcessHandle::destroyForcibly));
    }

    /** What is done before. */
    private interface Blow {
        void strike(Path group) throws IOException;
    }

    private List<Path> groupsOfAKilledRun(Blow first) throws Exception {
        assumeTrue(namespaces(), "needs namespaces");
        assumeTrue(!(GroupPlace.find("test") instanceof GroupPlace.Nowhere), "needs control groups");
        var killed = owner(IsolationMode.NAMESPACES, false, "stress");
        OwnedRuns.readTo(OwnedRuns.output(killed), "running");
        var groups = recordedGroups();
        assertThat(groups).isNotEmpty().allMatch(Files::isDirectory);

        first.strike(groups.get(0));
        killed.destroyForcibly();

        assertThat(killed.waitFor()).isEqualTo(137);
        runs.assertNothingLeft();
        await("who removes the groups ends, too")
                .atMost(Duration.ofSeconds(2))
                .until(() -> Leftover.processes(groups.get(0)).isEmpty());
        return groups;
    }

    /** The control groups that the journal names. */
    private List<Path> recordedGroups() throws IOException {
        var found = new ArrayList<Path>();
        for (var file : OwnedRuns.files(work.resolve("state/journal"))) {
            for (var line : Files.readAllLines(Path.of(file), StandardCharsets.UTF_8)) {
                var matcher = GROUP.matcher(line);
                if (matcher.find()) {
                    found.add(Path.of(matcher.group(1)));
                }
            }
        }
        return found;
    }

    @Test
    void withoutTheRightToControlGroupsProcessorStressIsEmulatedAndMemoryStressRefusedWithTheReason() throws Exception {
        assumeTrue(root(), "needs root, to take its rights away");
        var run = owner(IsolationMode.AUTO, true, "stress");
        var lines = OwnedRuns.readTo(OwnedRuns.output(run), "running");
        assertThat(lines)
                .filteredOn(line -> line.startsWith("memory "))
                .singleElement()
                .asString()
                .contains("Unsupported", "memory stress needs a limit", "remedy=run as root");
        assertThat(lines)
                .filteredOn(line -> line.startsWith("cpu "))
                .singleElement()
                .asString()
                .contains("Supported");
        assertThat(lines)
                .anyMatch(line ->
                        line.startsWith("proof cpu: emulated, the node and the stressor are kept to one processor"))
                .anyMatch(line -> line.startsWith("proof cpu: the stressor (pid "));
    }

    @Test
    void aRunThatIsInterruptedAtTheTerminalClosesInOrder() throws Exception {
        var owner = owner(IsolationMode.AUTO, false, "running", "forks");
        OwnedRuns.readTo(OwnedRuns.output(owner), "running");

        owner.destroy(); // SIGTERM runs the same hooks as Ctrl-C's SIGINT

        assertThat(owner.waitFor()).isEqualTo(143);
        runs.assertNothingLeft();
        assertThat(OwnedRuns.files(work.resolve("state"))).as("journals").isEmpty();
    }

    /** The words before a command that leave it no way to make namespaces. */
    private static final List<String> WITHOUT_NAMESPACES = List.of(
            "unshare",
            "--user",
            "--map-root-user",
            "sh",
            "-c",
            "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all \"$@\"",
            "without-namespaces");

    @Test
    void whereNamespacesAreForbiddenARunFallsBackToPlainProcessesAndSaysWhy() throws Exception {
        assumeTrue(namespaces(), "needs namespaces, to forbid them in");
        var run = owner(WITHOUT_NAMESPACES, IsolationMode.AUTO, "end");
        var lines = OwnedRuns.readTo(OwnedRuns.output(run), "closed");
        assertThat(lines)
                .filteredOn(line -> line.contains("WARNING") && line.contains("plain child processes"))
                .singleElement()
                .asString()
                .contains("user.max_user_namespaces=0", "Remedy: sudo sysctl user.max_user_namespaces=15000");
        assertThat(lines).anyMatch(line -> line.startsWith("description") && line.contains("plain child processes"));
    }

    @Test
    void whereNoNetworkInterfaceCanBeMadeNetworkFaultsAreUnsupportedAndKillsWork() throws Exception {
        assumeTrue(root() && namespaces(), "needs root and namespaces, to take the devices away in");
        var programs = Files.createDirectory(directory.resolve("bin"));
        // The last two are for who removes the control groups of a killed run.
        for (var program : List.of("sh", "mount", "unshare", "setpriv", "setsid", "rmdir", "sleep")) {
            Files.createSymbolicLink(programs.resolve(program), Path.of("/usr/bin", program));
        }
        var without = List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs none /dev/net && export PATH=\"$1\" && shift && exec \"$@\"",
                "sh",
                programs.toString());

        var run = owner(without, IsolationMode.AUTO, "hold");

        var lines = OwnedRuns.readTo(OwnedRuns.output(run), "running");
        assertThat(lines)
                .filteredOn(line -> line.startsWith("description"))
                .singleElement()
                .asString()
                .contains("mount and pid namespaces", "on this machine's network (", "TUN: ", "VETH: ");
        assertThat(lines)
                .filteredOn(line -> line.startsWith("partition"))
                .singleElement()
                .asString()
                .contains("Unsupported", "the nodes have no network of their own", "/dev/net/tun", "modprobe tun");
        run.destroyForcibly();
        runs.assertNothingLeft();
    }

    @Test
    void whereNamespacesAreForbiddenARunThatInsistsOnThemIsRefused() throws Exception {
        assumeTrue(namespaces(), "needs namespaces, to forbid them in");
        var run = owner(WITHOUT_NAMESPACES, IsolationMode.NAMESPACES, "end");
        var said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(run.waitFor()).isEqualTo(1);
        assertThat(said)
                .contains("havoq.local.isolation=namespaces, but there are none here")
                .contains("user.max_user_namespaces=0");
        assertThat(OwnedRuns.files(work.resolve("state"))).isEmpty();
    }

    private void signalSandboxes(String signal) throws Exception {
        for (var pid : Leftover.sandboxes(directory)) {
            assertThat(new ProcessBuilder("kill", signal, Long.toString(pid))
                            .start()
                            .waitFor())
                    .isZero();
        }
    }

    @Test
    void aSandboxThatIsStoppedDiesWithTheRunAllTheSame() throws Exception {
        assumeTrue(namespaces(), "needs namespaces");
        var owner = owner(IsolationMode.NAMESPACES, false, "running", "stubborn");
        OwnedRuns.readTo(OwnedRuns.output(owner), "running");
        signalSandboxes("-STOP");

        owner.destroyForcibly();

        runs.assertNothingLeft();
    }

    @Test
    void whatAKilledSandboxLeavesTheNextRunEnds() throws Exception {
        var owner = owner(IsolationMode.NONE, false, "running", "forks");
        OwnedRuns.readTo(OwnedRuns.output(owner), "running");
        // Both at once: nobody is left to look after the nodes' own children.
        signalSandboxes("-STOP");
        owner.destroyForcibly();
        signalSandboxes("-KILL");
        await("nodes die with the sandbox")
                .atMost(OwnedRuns.BOUND)
                .until(() -> Leftover.nodes(directory).isEmpty());
        assertThat(Leftover.commands(directory, "sleep"))
                .as("children of nodes")
                .isNotEmpty();
        assertThat(OwnedRuns.files(work.resolve("state/data"))).isNotEmpty();

        var lines = OwnedRuns.readTo(OwnedRuns.output(owner(IsolationMode.NONE, false, "end")), "closed");

        assertThat(lines).anyMatch(line -> line.contains("left by an earlier run: killed processes"));
        runs.assertNothingLeft();
        assertThat(Arrays.asList(work.resolve("state/journal").toFile().list())).isEmpty();
    }
}
