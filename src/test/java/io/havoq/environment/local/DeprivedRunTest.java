package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.havoq.environment.local.LocalSettings.IsolationMode;
import io.havoq.fault.local.sandbox.Isolation;
import io.havoq.fault.local.sandbox.SandboxProbe;
import io.havoq.fault.local.syscall.Deprivation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A whole run where something is missing that faults need: it says which of them it cannot carry out, why and what would have to change, and
 * the others work.
 */
class DeprivedRunTest {
    /** What the faults of {@link EveryFault} are told of as. */
    private static final Set<String> ALL =
            new TreeSet<>(List.of("time", "cpu", "memory", "io", "kernel", "network", "failure", "kill"));

    @TempDir
    static Path classes;

    private static String classPath;

    @TempDir
    Path directory;

    private OwnedRuns runs;

    /** What is missing, and what is said of it. */
    @SuppressWarnings("ImmutableEnumChecker") // the collections are immutable
    enum Missing {
        /** As where /sys/fs/cgroup is not mounted. Stress of the processor is emulated then. */
        CONTROL_GROUPS(
                List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "umount --recursive --lazy /sys/fs/cgroup && exec \"$@\"",
                        "sh"),
                Set.of("memory"),
                List.of(
                        "memory stress needs a limit",
                        "no control groups with processors and memory are mounted",
                        "remedy=mount -t cgroup2 none /sys/fs/cgroup")),
        /** As in a container that must not make groups. */
        WRITABLE_CONTROL_GROUPS(
                List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "for m in $(findmnt --list --noheadings --output TARGET --types cgroup,cgroup2);"
                                + " do mount -o remount,bind,ro $m || exit 1; done; exec \"$@\"",
                        "sh"),
                Set.of("memory"),
                List.of("memory stress needs a limit", "are mounted read-only", "remedy=mount -o remount,bind,rw")),
        /** As in a container without CAP_SYS_PTRACE: clocks need it for processes only that have more rights. */
        PTRACE_RIGHTS(
                List.of("setpriv", "--bounding-set=-sys_ptrace", "env", OwnerMain.DEPRIVED + "=" + Deprivation.PTRACE),
                Set.of("io", "kernel"),
                List.of("pidfd_getfd: Operation not permitted", "remedy=allow pidfd_getfd", "CAP_SYS_PTRACE")),
        /** As where the kernel lets nobody write to the memory of processes. */
        PROCESS_MEMORY(
                List.of("env", OwnerMain.DEPRIVED + "=" + Deprivation.PROCESS_MEMORY),
                Set.of("time"),
                List.of(
                        "the nodes' clocks cannot be shifted",
                        "its vdso cannot be written: Input/output error",
                        "remedy=let this user write /proc/PID/mem",
                        "proc_mem.force_override")),
        SECCOMP(
                List.of("env", OwnerMain.DEPRIVED + "=" + Deprivation.SECCOMP),
                Set.of("io", "kernel"),
                List.of("seccomp: Operation not permitted", "remedy=", "a seccomp profile that permits seccomp(2)"));

        private final List<String> words;
        private final Set<String> unsupported;
        private final List<String> said;

        Missing(List<String> words, Set<String> unsupported, List<String> said) {
            this.words = words;
            this.unsupported = unsupported;
            this.said = said;
        }
    }

    @BeforeAll
    static void packClasses() throws IOException {
        classPath = OwnedRuns.packClasses(classes);
    }

    @BeforeEach
    void makeDirectories() throws IOException {
        runs = new OwnedRuns(directory, classPath);
        assumeTrue(
                Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "needs root, to take its rights away");
        assumeTrue(
                new SandboxProbe(Files.createDirectories(directory.resolve("probe"))).probe()
                        instanceof Isolation.Namespaces,
                "needs namespaces");
    }

    @AfterEach
    void endRuns() throws IOException {
        runs.close();
    }

    /** What is missing, for one identity each. */
    static Stream<Arguments> oneIdentityEach() {
        return Stream.of(
                Arguments.of(Missing.CONTROL_GROUPS, false),
                Arguments.of(Missing.PTRACE_RIGHTS, true),
                Arguments.of(Missing.PROCESS_MEMORY, false),
                Arguments.of(Missing.SECCOMP, true));
    }

    @ParameterizedTest(name = "{0}, ordinary user: {1}")
    @MethodSource("oneIdentityEach")
    void whatIsMissingIsToldOfAndKillsWork(Missing missing, boolean ordinary) throws Exception {
        var lines = run(missing, ordinary, "kill");
        assertThat(lines).contains("carried out kill");
        assertThat(lines).anyMatch(line -> line.startsWith("proof kill: exit status 137"));
    }

    @Tag("exhaustive")
    @ParameterizedTest
    @EnumSource
    void asRootEveryOtherFaultIsCarriedOut(Missing missing) throws Exception {
        assertEveryOtherFaultIsCarriedOut(missing, false);
    }

    @Tag("exhaustive")
    @ParameterizedTest
    @EnumSource
    void asAnOrdinaryUserEveryOtherFaultIsCarriedOut(Missing missing) throws Exception {
        assertEveryOtherFaultIsCarriedOut(missing, true);
    }

    private void assertEveryOtherFaultIsCarriedOut(Missing missing, boolean ordinary) throws Exception {
        var lines = run(missing, ordinary, "every");
        var expected = new TreeSet<>(ALL);
        expected.removeAll(unsupported(missing, ordinary));
        assertThat(lines)
                .filteredOn(line -> line.startsWith("carried out "))
                .extracting(line -> line.substring("carried out ".length()))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    /** An ordinary user may not make groups as it is, where nobody has handed him any. */
    private static Set<String> unsupported(Missing missing, boolean ordinary) {
        var unsupported = new TreeSet<>(missing.unsupported);
        if (ordinary) {
            unsupported.add("memory");
        }
        return unsupported;
    }

    private List<String> run(Missing missing, boolean ordinary, String how) throws Exception {
        var before = new ArrayList<>(missing.words);
        if (ordinary) {
            before.addAll(runs.asOrdinaryUser());
        }
        var run = runs.start(before, IsolationMode.AUTO, how, "dates", "writes");
        var lines = OwnedRuns.readTo(OwnedRuns.output(run), "closed");
        assertThat(run.waitFor()).isZero();
        runs.assertNothingLeft();

        var unsupported = unsupported(missing, ordinary);
        var told = told(lines);
        assertThat(told.keySet()).isEqualTo(ALL);
        told.forEach((fault, support) -> {
            assertThat(support)
                    .as(fault)
                    .startsWith(unsupported.contains(fault) ? "Unsupported[reason=" : "Supported[");
            if (missing.unsupported.contains(fault)) {
                assertThat(support).as(fault).contains(missing.said);
            }
        });
        return lines;
    }

    private static Map<String, String> told(List<String> lines) {
        var told = new TreeMap<String, String>();
        for (var line : lines) {
            if (line.startsWith("supports ")) {
                var words = line.substring("supports ".length()).split(": ", 2);
                told.put(words[0], words[1]);
            }
        }
        return told;
    }
}
