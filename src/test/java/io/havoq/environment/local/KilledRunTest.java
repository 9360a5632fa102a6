package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.havoq.broker.BrokerSettings;
import io.havoq.environment.local.LocalSettings.IsolationMode;
import io.havoq.fault.local.sandbox.Isolation;
import io.havoq.fault.local.sandbox.SandboxProbe;
import io.havoq.fault.local.stress.GroupPlace;
import io.havoq.journal.JournalSettings;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.Deflater;
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
    private static final Duration BOUND = Duration.ofSeconds(2);
    /** Nobody in particular, with no rights. */
    private static final int ORDINARY_USER = 65_534;

    /** The class path of the runs, where every user may read it: jars, so that it is a few files and not hundreds. */
    @TempDir
    static Path classes;

    private static String classPath;

    @TempDir
    Path directory;

    private final List<Process> owners = new ArrayList<>();
    private Path work;

    @BeforeAll
    static void packClasses() throws IOException {
        makeReadable(classes);
        var packed = new ArrayList<String>();
        for (var entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            var path = Path.of(entry);
            var jar = classes.resolve(packed.size() + ".jar");
            if (Files.isDirectory(path)) {
                pack(path, jar);
            } else if (path.getFileName().toString().matches("(jackson|jna|awaitility|hamcrest)-.*")) {
                Files.copy(path, jar);
            } else {
                continue;
            }
            packed.add(jar.toString());
        }
        classPath = String.join(File.pathSeparator, packed);
    }

    private static void pack(Path from, Path to) throws IOException {
        try (var jar = new JarOutputStream(Files.newOutputStream(to));
                var files = Files.walk(from)) {
            // Packed once, read by every run: not worth compressing.
            jar.setLevel(Deflater.NO_COMPRESSION);
            for (var file : files.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(from.relativize(file).toString()));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
    }

    private static void makeReadable(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @BeforeEach
    void makeDirectories() throws IOException {
        makeReadable(directory);
        work = Files.createDirectory(directory.resolve("work"));
    }

    @AfterEach
    void endOwners() throws IOException {
        owners.forEach(Process::destroyForcibly);
        // What a test found left behind is not left behind by the test.
        for (var pid : Leftover.processes(directory)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private Process owner(IsolationMode isolation, boolean ordinary, String how, String... peculiar)
            throws IOException {
        var before = new ArrayList<String>();
        if (ordinary) {
            Files.setAttribute(work, "unix:uid", ORDINARY_USER);
            before.addAll(List.of("setpriv", "--reuid=" + ORDINARY_USER, "--regid=" + ORDINARY_USER, "--clear-groups"));
        }
        return owner(before, isolation, how, peculiar);
    }

    private Process owner(List<String> before, IsolationMode isolation, String how, String... peculiar)
            throws IOException {
        var words = new ArrayList<>(before);
        words.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                classPath,
                "-D" + JournalSettings.STATE.key() + "=" + work.resolve("state"),
                "-D" + LocalSettings.ISOLATION.key() + "=" + isolation.name().toLowerCase(Locale.ROOT),
                "-D" + LocalSettings.NODES.key() + "=2",
                "-D" + BrokerSettings.COMMAND.key() + "="
                        + TestNode.command(peculiar).replaceAll("-cp '[^']*'", "-cp '" + classPath + "'"),
                "-D" + BrokerSettings.ENVIRONMENT.key() + "=HAVOQ_TEST=" + directory,
                OwnerMain.class.getName(),
                work.resolve("output").toString(),
                how));
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        owners.add(process);
        return process;
    }

    /** Reads what the run says until a line begins so. */
    private static List<String> readTo(BufferedReader output, String beginning) throws IOException {
        var lines = new ArrayList<String>();
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            lines.add(line);
            if (line.startsWith(beginning)) {
                return lines;
            }
        }
        throw new AssertionError("ended before '" + beginning + "': " + String.join("\n", lines));
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private void assertNothingLeft() {
        await("everything is gone")
                .atMost(BOUND)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> {
                    assertThat(Leftover.processes(directory)).as("processes").isEmpty();
                    assertThat(Leftover.mounts(directory)).as("mounts").isEmpty();
                    // The journal's file is what tells the next run; everything else is gone.
                    assertThat(files(work.resolve("state"))).as("files").allMatch(file -> file.contains("/journal/"));
                });
    }

    private boolean namespaces() throws IOException {
        return new SandboxProbe(Files.createDirectories(directory.resolve("probe"))).probe()
                instanceof Isolation.Namespaces;
    }

    private static List<String> files(Path root) throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (var files = Files.walk(root)) {
            return files.filter(
                            file -> !Files.isDirectory(file) || file.getParent().endsWith("data"))
                    .map(Path::toString)
                    .toList();
        }
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
        var output = output(killed);
        switch (moment) {
            case "starting" -> readTo(output, "starting");
            // The nodes' processes are there, and not ready yet.
            case "launched" ->
                await("a node's process is there")
                        .atMost(Duration.ofSeconds(20))
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> !Leftover.nodes(directory).isEmpty());
            default -> readTo(output, "running");
        }

        killed.destroyForcibly();

        assertThat(killed.waitFor()).isEqualTo(137);
        assertNothingLeft();
        var next = owner(isolation, ordinary, "end");
        var lines = readTo(output(next), "closed");
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
        assertNothingLeft();
        assertThat(files(work.resolve("state"))).as("journals").isEmpty();
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
        var lines = readTo(output(owner(IsolationMode.NAMESPACES, false, "end")), "closed");
        assertThat(lines).anyMatch(line -> line.contains("left by an earlier run: removed the control group"));
        assertThat(groups).noneMatch(Files::exists);
        assertThat(files(work.resolve("state"))).as("journals").isEmpty();
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
        readTo(output(killed), "running");
        var groups = recordedGroups();
        assertThat(groups).isNotEmpty().allMatch(Files::isDirectory);

        first.strike(groups.get(0));
        killed.destroyForcibly();

        assertThat(killed.waitFor()).isEqualTo(137);
        assertNothingLeft();
        await("who removes the groups ends, too")
                .atMost(Duration.ofSeconds(2))
                .until(() -> Leftover.processes(groups.get(0)).isEmpty());
        return groups;
    }

    /** The control groups that the journal names. */
    private List<Path> recordedGroups() throws IOException {
        var found = new ArrayList<Path>();
        for (var file : files(work.resolve("state/journal"))) {
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
        var lines = readTo(output(run), "running");
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
        readTo(output(owner), "running");

        owner.destroy(); // SIGTERM runs the same hooks as Ctrl-C's SIGINT

        assertThat(owner.waitFor()).isEqualTo(143);
        assertNothingLeft();
        assertThat(files(work.resolve("state"))).as("journals").isEmpty();
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
        var lines = readTo(output(run), "closed");
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

        var lines = readTo(output(run), "running");
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
        assertNothingLeft();
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
        assertThat(files(work.resolve("state"))).isEmpty();
    }

    @Test
    void aSandboxThatIsStoppedDiesWithTheRunAllTheSame() throws Exception {
        assumeTrue(namespaces(), "needs namespaces");
        var owner = owner(IsolationMode.NAMESPACES, false, "running", "stubborn");
        readTo(output(owner), "running");
        for (var pid : Leftover.sandboxes(directory)) {
            assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(pid))
                            .start()
                            .waitFor())
                    .isZero();
        }

        owner.destroyForcibly();

        assertNothingLeft();
    }

    @Test
    void whatAKilledSandboxLeavesTheNextRunEnds() throws Exception {
        var owner = owner(IsolationMode.NONE, false, "running", "forks");
        readTo(output(owner), "running");
        // Both at once: nobody is left to look after the nodes' own children.
        for (var pid : Leftover.sandboxes(directory)) {
            assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(pid))
                            .start()
                            .waitFor())
                    .isZero();
        }
        owner.destroyForcibly();
        for (var pid : Leftover.sandboxes(directory)) {
            assertThat(new ProcessBuilder("kill", "-KILL", Long.toString(pid))
                            .start()
                            .waitFor())
                    .isZero();
        }
        await("nodes die with the sandbox")
                .atMost(BOUND)
                .until(() -> Leftover.nodes(directory).isEmpty());
        assertThat(Leftover.commands(directory, "sleep"))
                .as("children of nodes")
                .isNotEmpty();
        assertThat(files(work.resolve("state/data"))).isNotEmpty();

        var lines = readTo(output(owner(IsolationMode.NONE, false, "end")), "closed");

        assertThat(lines).anyMatch(line -> line.contains("left by an earlier run: killed processes"));
        assertNothingLeft();
        assertThat(Arrays.asList(work.resolve("state/journal").toFile().list())).isEmpty();
    }
}
