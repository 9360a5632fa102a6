package io.havoq.fault.local.syscall;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
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
