package io.havoq.fault.local.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.fault.local.service.NamespaceThread;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
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
}
