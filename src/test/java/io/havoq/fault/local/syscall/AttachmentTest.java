package io.havoq.fault.local.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.environment.OwnJvm;
import io.havoq.fault.local.service.NamespaceThread;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that run are had watched, and notice nothing of it. */
@TestInstance(Lifecycle.PER_CLASS)
class AttachmentTest {
    private static final int EIO = 5;
    private static final int SIGSTOP = 19;
    private static final Duration DELAY = Duration.ofMillis(300);
    private static final Set<SystemCall> CALLS = SystemCall.of(Set.of("fsync", "read", "write"));

    @TempDir
    static Path directory;

    private final Map<String, NamespaceThread> threads = new ConcurrentHashMap<>();
    private SyscallService service;
    private SyscallControl control;

    @BeforeAll
    void open() throws IOException {
        service = new SyscallService(
                node -> threads.computeIfAbsent(node, NamespaceThread::new), directory.resolve("service"));
        control = new SyscallControl(service::call);
        assertThat(control.open(CALLS.stream().map(SystemCall::text).toList())).isEmpty();
        assertThat(control.attaching()).as(control.notAttaching()).isTrue();
    }

    @AfterEach
    void lift() {
        control.lift("rule");
    }

    @AfterAll
    void close() throws IOException {
        service.close();
        threads.values().forEach(NamespaceThread::close);
    }

    private static CallRule failing(String method) {
        return new CallRule(
                SystemCall.of(Set.of(method)),
                Set.of(method),
                Optional.of(directory.toString()),
                "/data",
                Optional.empty(),
                100,
                Duration.ZERO,
                EIO,
                Optional.empty());
    }

    private static String status(long pid, String field) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .map(line -> line.substring(field.length() + 1).strip())
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** A program that makes one call without looking whether it was interrupted, and says what came of it. */
    private static List<String> perl(String call) {
        return List.of("perl", "-e", "$| = 1; " + call);
    }

    private static final String READY = "print \"ready\\n\"; ";
    private static final String TOLD = " print 0, ' ', $n < 0 ? $! : $n, \"\\n\"";
    /** With the numbers of x86_64. */
    private static final Map<String, String> LONG_CALLS = Map.of(
            "read", "my $n = sysread(STDIN, my $bytes, 9); $n = -1 if !defined $n;",
            "select", "my $n = select(undef, undef, undef, 8);",
            "nanosleep", "my $t = pack('q2', 8, 0); my $n = syscall(35, $t, 0);",
            "epoll_wait", "my $e = \"\\0\" x 16; my $n = syscall(232, syscall(291, 0), $e, 1, 8000);",
            "futex", "my $w = pack('l', 0); my $t = pack('q2', 8, 0); my $n = syscall(202, $w, 0, 0, $t, 0, 0);");

    @Test
    void callsThatAreUnderWayGoOn() throws IOException {
        var programs = new TreeMap<String, Watched>();
        try {
            for (var call : LONG_CALLS.entrySet()) {
                programs.put(call.getKey(), new Watched(service, call.getKey(), perl(READY + call.getValue() + TOLD)));
            }
            for (var program : programs.values()) {
                await("it waits in the kernel")
                        .until(() -> status(program.process().pid(), "State").startsWith("S"));
            }
            control.attach(programs.keySet());
            for (var program : programs.values()) {
                assertThat(status(program.process().pid(), "Seccomp")).isEqualTo("2");
            }
            var results = new TreeMap<String, String>();
            for (var program : programs.entrySet()) {
                var outcome = program.getKey().equals("read")
                        ? program.getValue().call("four")
                        : program.getValue().answer();
                results.put(program.getKey(), outcome.result());
            }
            assertThat(results)
                    .isEqualTo(Map.of(
                            "read", "5",
                            "select", "0",
                            "nanosleep", "0",
                            "epoll_wait", "0",
                            "futex", "Connection timed out"));
        } finally {
            for (var program : programs.values()) {
                program.close();
            }
        }
    }

    @Test
    void signalsThatComeMeanwhileAreDelivered() throws Exception {
        var count = 2_000;
        try (var program = new Watched(
                service,
                "signals",
                perl("use POSIX; my $got = 0;"
                        // not the handlers of %SIG: they run once for many
                        + " sigaction(SIGRTMIN, POSIX::SigAction->new(sub { $got++ })); "
                        + READY
                        + " while (1) { my $n = sysread(STDIN, my $bytes, 9); last if defined $n }"
                        + " print 0, ' ', $got, \"\\n\""))) {
            var sender = new ProcessBuilder(
                            "perl",
                            "-e",
                            "for (1.." + count + ") { kill 'RTMIN', $ARGV[0]; select(undef, undef, undef, 0.001) }",
                            Long.toString(program.process().pid()))
                    .start();
            control.attach(List.of("signals"));
            assertThat(sender.waitFor()).isZero();
            assertThat(status(program.process().pid(), "Seccomp")).isEqualTo("2");
            assertThat(program.call("four").result()).isEqualTo(Integer.toString(count));
        }
    }

    private static List<String> words(String kind) {
        return kind.equals("java")
                ? Watched.java(directory.resolve("attached"))
                : Watched.dd(directory.resolve("attached"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"java", "dd"})
    void aProgramHasNoFilterBeforeItsFirstFaultAndIsWatchedFromThereOn(String kind) throws IOException {
        try (var program = new Watched(service, kind, words(kind))) {
            long pid = program.process().pid();
            var before = status(pid, "Seccomp");
            assertThat(before).isEqualTo("0");
            assertThat(program.call("fsync").result()).isEqualTo("ok");
            for (int round = 0; round < 3; round++) {
                control.impose("rule", kind, 1, failing("fsync"));
                assertThat(status(pid, "Seccomp")).isEqualTo("2");
                assertThat(status(pid, "Seccomp_filters")).isEqualTo("1");
                assertThat(status(pid, "TracerPid")).isEqualTo("0");
                assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
                control.lift("rule");
                assertThat(program.call("fsync").result()).isEqualTo("ok");
            }
        }
    }

    private static List<String> program(String kind, Path file) throws IOException {
        return switch (kind) {
            case "go" -> NativeCalls.go(directory, file);
            case "c" -> NativeCalls.c(directory, file, "threads");
            default -> NativeCalls.perl(file);
        };
    }

    private static CallRule slow(String method) {
        var failing = failing(method);
        return new CallRule(
                failing.calls(),
                failing.methods(),
                failing.volume(),
                failing.mountPath(),
                failing.pattern(),
                100,
                DELAY,
                0,
                Optional.empty());
    }

    /** Threads and processes of theirs begin and end meanwhile. */
    @ParameterizedTest
    @ValueSource(strings = {"go", "c", "perl"})
    void aNativeProgramMeasuresTheFaultItselfAndThatItHasGone(String kind) throws IOException {
        try (var program = new Watched(service, kind, program(kind, directory.resolve("native-" + kind)))) {
            for (var call : List.of("write", "fsync")) {
                assertUsual(program, call);
            }
            for (int round = 0; round < 2; round++) {
                control.impose("rule", kind, 1, failing("fsync"));
                assertThat(program.call("fsync").result()).isEqualToIgnoringCase("Input/output error");
                assertUsual(program, "write");
                control.lift("rule");
                control.impose("rule", kind, 1, slow("write"));
                assertThat(program.call("write").millis()).isBetween(DELAY.toMillis(), 3 * DELAY.toMillis());
                assertUsual(program, "fsync");
                control.lift("rule");
                for (var call : List.of("write", "fsync")) {
                    assertUsual(program, call);
                }
            }
            assertWatched(program);
        }
    }

    private static void assertUsual(Watched program, String call) throws IOException {
        var outcome = program.call(call);
        assertThat(outcome.result()).isEqualTo("ok");
        assertThat(outcome.millis()).isLessThan(DELAY.toMillis());
    }

    private static String statusUnlessEnded(Path thread) throws IOException {
        try {
            return Files.readString(thread.resolve("status"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            if (Files.exists(thread)) {
                throw e;
            }
            return "";
        }
    }

    private static void assertWatched(Watched program) throws IOException {
        var pids = new ArrayList<>(List.of(program.process().pid()));
        program.process().descendants().forEach(child -> pids.add(child.pid()));
        for (var pid : pids) {
            try (var threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
                for (var thread : threads) {
                    assertThat(statusUnlessEnded(thread))
                            .containsPattern("Seccomp:\t2\nSeccomp_filters:\t1\n|^$")
                            .containsPattern("TracerPid:\t0\n|^$");
                }
            } catch (NoSuchFileException e) {
                assertThat(pid)
                        .as("one that ends")
                        .isNotEqualTo(program.process().pid());
            }
        }
    }

    @Test
    @Tag("exhaustive")
    void aHundredProgramsWhoseThreadsAndProcessesComeAndGoAreAttachedTo() throws IOException {
        for (int run = 0; run < 50; run++) {
            for (var kind : List.of("c", "perl")) {
                try (var program = new Watched(service, kind, program(kind, directory.resolve("churn-" + kind)))) {
                    control.impose("rule", kind, run, failing("fsync"));
                    assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
                    control.lift("rule");
                    assertUsual(program, "fsync");
                    assertWatched(program);
                }
            }
        }
    }

    /** Where its memory is, and what its descriptors are. */
    private static List<String> belongings(long pid) throws IOException {
        var belongings = new ArrayList<String>();
        for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"), StandardCharsets.ISO_8859_1)) {
            belongings.add(line);
        }
        try (var files = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (var file : files) {
                belongings.add(file.getFileName() + " " + Files.readSymbolicLink(file));
            }
        }
        return belongings;
    }

    @Test
    void memoryAndDescriptorsAreAsBeforeAfterAHundredTimes() throws IOException {
        try (var program = new Watched(service, "quiet", NativeCalls.perl(directory.resolve("quiet")))) {
            assertUsual(program, "write");
            assertUsual(program, "fsync");
            var before = belongings(program.process().pid());
            for (int cycle = 0; cycle < 100; cycle++) {
                control.impose("rule", "quiet", cycle, failing("fsync"));
                assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
                control.lift("rule");
                assertUsual(program, "fsync");
            }
            assertThat(belongings(program.process().pid())).isEqualTo(before);
        }
    }

    @Test
    void whereTheFirstThreadCannotBeInterruptedAnotherOneIsHadInstallIt() throws IOException {
        try (var program =
                new Watched(service, "vfork", NativeCalls.c(directory, directory.resolve("vfork"), "vfork"))) {
            await("its first thread waits for its child")
                    .until(() -> status(program.process().pid(), "State").startsWith("D"));
            control.impose("rule", "vfork", 1, failing("fsync"));
            assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
            assertWatched(program);
            control.lift("rule");
            assertUsual(program, "fsync");
        }
    }

    @Test
    void aProcessThatGoesOnWithoutItsFirstThreadIsRefused() throws IOException {
        try (var program = new Watched(service, "exit", NativeCalls.c(directory, directory.resolve("exit"), "exit"))) {
            await("its first thread has ended")
                    .until(() -> status(program.process().pid(), "State").startsWith("Z"));
            assertThatThrownBy(() -> control.impose("rule", "exit", 1, failing("fsync")))
                    .hasMessageContaining("goes on though its first thread has ended");
            control.lift("rule");
            assertUsual(program, "fsync");
        }
    }

    @Test
    @Tag("exhaustive")
    void aProcessThatCannotBeInterruptedIsToldOf() throws IOException {
        // vfork(2), then pause(2) in the child, with the numbers of x86_64
        try (var program = new Watched(
                service,
                "stuck",
                perl(READY + "if (syscall(58) == 0) { syscall(157, 1, 9); while (1) { syscall(34) } }"))) {
            await("it waits for its child")
                    .until(() -> status(program.process().pid(), "State").startsWith("D"));
            assertThatThrownBy(() -> control.attach(List.of("stuck")))
                    .hasMessageContaining("did not stop after PTRACE_INTERRUPT within 5 s: its state is D, in ");
            assertThat(status(program.process().pid(), "TracerPid")).isEqualTo("0");
        }
    }

    private static boolean isTracer(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"), StandardCharsets.ISO_8859_1)
                    .contains("\0" + Attachment.class.getName() + "\0");
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    private static Process tracer(Watched program, String what) throws IOException {
        var words = new ArrayList<>(OwnJvm.words());
        words.addAll(List.of(
                "-Xmx32m",
                "-cp",
                System.getProperty("java.class.path"),
                RemoteThreadMain.class.getName(),
                Long.toString(program.process().pid()),
                what));
        return new ProcessBuilder(words).redirectErrorStream(true).start();
    }

    @Test
    @Tag("exhaustive")
    void aCallThatTakesTooLongIsGivenUpAndItsThreadGoesOnWhereItWas() throws Exception {
        try (var program = new Watched(service, "interrupted", perl(READY + LONG_CALLS.get("read") + TOLD))) {
            var tracer = tracer(program, "interrupted");
            try (var said = tracer.inputReader(StandardCharsets.UTF_8)) {
                assertThat(said.readLine()).contains("did not stop after a system call within 5 s: its state is S");
                assertThat(said.readLine()).isEqualTo("let go");
                assertThat(status(program.process().pid(), "TracerPid")).isEqualTo("0");
                assertThat(program.call("four").result()).isEqualTo("5");
            } finally {
                tracer.destroyForcibly();
            }
        }
    }

    /** It would have registers that are not its own. */
    @Test
    void aProcessWhoseTracerIsKilledIsNotLeftStopped() throws Exception {
        try (var program = new Watched(service, "orphan", perl(READY + LONG_CALLS.get("read") + TOLD))) {
            var tracer = tracer(program, "hold");
            try (var said = tracer.inputReader(StandardCharsets.UTF_8)) {
                assertThat(said.readLine())
                        .isEqualTo("holds " + program.process().pid());
                assertThat(status(program.process().pid(), "State")).startsWith("t");
            } finally {
                tracer.destroyForcibly();
            }
            assertThat(program.process().waitFor()).isEqualTo(137);
        }
    }

    @Test
    @Tag("exhaustive")
    void aTracerThatHangsIsKilledAndItsProcessGoesOn() throws Exception {
        try (var program = new Watched(service, "hangs", NativeCalls.perl(directory.resolve("hangs")))) {
            var attaching = CompletableFuture.runAsync(() -> control.attach(List.of("hangs")));
            var tracer = await().pollInterval(Duration.ofMillis(1))
                    .until(
                            () -> ProcessHandle.current()
                                    .children()
                                    .filter(AttachmentTest::isTracer)
                                    .findFirst(),
                            Optional::isPresent)
                    .orElseThrow();
            assertThat(Kernel.kill(Math.toIntExact(tracer.pid()), SIGSTOP)).isZero();
            assertThat(attaching)
                    .failsWithin(Duration.ofMinutes(1))
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("the tracer was killed, since it did not end within");
            assertUsual(program, "fsync");
            control.impose("rule", "hangs", 1, failing("fsync"));
            assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
        }
    }
}
