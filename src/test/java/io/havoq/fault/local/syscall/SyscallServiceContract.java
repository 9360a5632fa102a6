package io.havoq.fault.local.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.fault.local.service.NamespaceThread;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.KernelChaos;
import io.havoq.manifest.Mode;
import io.havoq.manifest.PathPattern;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

/** Real programs, whose system calls this JVM answers: before, during and after. The same however they come to be watched. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class SyscallServiceContract {
    static final int EIO = 5;
    private static final int ENOSPC = 28;
    private static final Selection ALL = new Selection(
            new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()), new Mode.All());
    private static final List<String> WATCHED =
            SystemCall.of(Set.of("fsync", "read", "write", "open", "create")).stream()
                    .map(SystemCall::text)
                    .toList();

    @TempDir
    static Path directory;

    private final Map<String, NamespaceThread> threads = new ConcurrentHashMap<>();
    private final boolean attaching;
    SyscallService service;
    SyscallControl control;
    Path volume;

    /** @param attaching whether programs are attached to while they run */
    SyscallServiceContract(boolean attaching) {
        this.attaching = attaching;
    }

    @BeforeAll
    void open() throws IOException {
        // longer than the address of a socket may be
        service = new SyscallService(
                node -> threads.computeIfAbsent(node, NamespaceThread::new),
                directory.resolve("a".repeat(120)),
                attaching);
        control = new SyscallControl(service::call);
        volume = Files.createDirectory(directory.resolve("volume"));
        assertThat(control.open(WATCHED)).isEmpty();
        assertThat(control.attaching()).as(control.notAttaching()).isEqualTo(attaching);
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

    CallRule rule(String method, int percent, Duration delay, int errno) {
        return new CallRule(
                SystemCall.of(Set.of(method)),
                Set.of(method),
                Optional.of(volume.toString()),
                "/data",
                Optional.empty(),
                percent,
                delay,
                errno,
                Optional.empty());
    }

    private CallRule times(int times) {
        return new CallRule(
                SystemCall.of(Set.of("fsync")),
                Set.of(),
                Optional.empty(),
                "",
                Optional.empty(),
                100,
                Duration.ZERO,
                EIO,
                Optional.of(times));
    }

    private CallRule on(String pattern) {
        var all = rule("fsync", 100, Duration.ZERO, EIO);
        return new CallRule(
                all.calls(),
                all.methods(),
                all.volume(),
                all.mountPath(),
                Optional.of(new PathPattern(pattern)),
                100,
                Duration.ZERO,
                EIO,
                Optional.empty());
    }

    @Test
    void aCallOfAJvmFailsWhileItIsInForceAndOnlyThen() throws IOException {
        try (var program = new Watched(service, "n0", Watched.java(volume.resolve("jvm")))) {
            assertThat(program.call("fsync").result()).isEqualTo("ok");
            control.impose("rule", "n0", 1, rule("fsync", 100, Duration.ZERO, EIO));
            assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
            assertThat(program.call("fdatasync").result()).isEqualTo("Input/output error");
            assertThat(program.call("write").result()).isEqualTo("ok");
            assertThat(control.lift("rule").get("n0"))
                    .containsEntry("fsync", new CallCounters(1, 0, 1))
                    .containsEntry("fdatasync", new CallCounters(1, 0, 1));
            assertThat(program.call("fsync").result()).isEqualTo("ok");
            assertThat(control.counters("rule")).isEmpty();
        }
    }

    @Test
    void aCallOfANativeProgramAndItsChildrenFails() throws IOException {
        try (var program = new Watched(service, "n0", Watched.dd(volume.resolve("dd")))) {
            assertThat(program.call("write").result()).isEqualTo("ok");
            control.impose("rule", "n0", 1, rule("write", 100, Duration.ZERO, ENOSPC));
            assertThat(program.call("write").result()).isEqualTo("No space left on device");
            assertThat(program.call("read").result()).isEqualTo("ok");
            control.lift("rule");
            assertThat(program.call("fsync").result()).isEqualTo("ok");
        }
    }

    @Test
    void aDelayIsAddedToEachCallAndToNoOther() throws IOException {
        try (var program = new Watched(service, "n0", Watched.java(volume.resolve("slow")))) {
            program.call("write");
            control.impose("rule", "n0", 1, rule("write", 100, Duration.ofMillis(150), 0));
            assertThat(program.call("write").millis()).isBetween(150L, 600L);
            assertThat(program.call("fsync").millis()).isLessThan(150);
            control.lift("rule");
            assertThat(program.call("write").millis()).isLessThan(150);
        }
    }

    @Test
    void aHeldCallGoesOnWhenItsRuleIsLifted() throws Exception {
        try (var program = new Watched(service, "n0", Watched.java(volume.resolve("held")))) {
            control.impose("rule", "n0", 1, rule("fsync", 100, Duration.ofMinutes(5), 0));
            var held = CompletableFuture.supplyAsync(() -> {
                try {
                    return program.call("fsync").result();
                } catch (IOException e) {
                    return e.toString();
                }
            });
            await().until(() -> !control.counters("rule").get("n0").isEmpty());
            assertThat(held).isNotDone();
            control.lift("rule");
            assertThat(held).succeedsWithin(Duration.ofSeconds(5)).isEqualTo("ok");
        }
    }

    @Test
    void onlyTheNodeThatTheRuleIsForIsHit() throws IOException {
        try (var one = new Watched(service, "n0", Watched.java(volume.resolve("one")));
                var other = new Watched(service, "n1", Watched.java(volume.resolve("other")))) {
            control.impose("rule", "n1", 1, rule("fsync", 100, Duration.ZERO, EIO));
            assertThat(one.call("fsync").result()).isEqualTo("ok");
            assertThat(other.call("fsync").result()).isEqualTo("Input/output error");
        }
    }

    @Test
    void onlyFilesBelowTheVolumeThatThePatternMatchesAreHit() throws IOException {
        try (var log = new Watched(service, "n0", Watched.java(volume.resolve("a.log")));
                var text = new Watched(service, "n1", Watched.java(volume.resolve("a.txt")));
                var outside = new Watched(service, "n2", Watched.java(directory.resolve("a.log")))) {
            for (var node : List.of("n0", "n1", "n2")) {
                control.impose("rule", node, 1, on("/data/**/*.log"));
            }
            assertThat(log.call("fsync").result()).isEqualTo("Input/output error");
            assertThat(text.call("fsync").result()).isEqualTo("ok");
            assertThat(outside.call("fsync").result()).isEqualTo("ok");
        }
    }

    @Test
    void aShareOfTheCallsIsHit() throws IOException {
        try (var program = new Watched(service, "n0", Watched.java(volume.resolve("share")))) {
            control.impose("rule", "n0", 7, rule("write", 30, Duration.ZERO, EIO));
            int failed = 0;
            for (int i = 0; i < 500; i++) {
                failed += program.call("write").result().equals("ok") ? 0 : 1;
            }
            // Four standard deviations of 10.2 around 150.
            assertThat(failed).isBetween(109, 191);
            assertThat(control.lift("rule").get("n0")).containsEntry("pwrite64", new CallCounters(500, 0, failed));
        }
    }

    @Test
    void itFailsSoManyTimesAndNoMore() throws IOException {
        try (var program = new Watched(service, "n0", Watched.java(volume.resolve("times")))) {
            control.impose("rule", "n0", 1, times(2));
            assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
            assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
            assertThat(program.call("fsync").result()).isEqualTo("ok");
        }
    }

    @Test
    void aHundredTimesInAndOutOfForce() throws IOException {
        try (var program = new Watched(service, "n0", Watched.java(volume.resolve("cycles")))) {
            for (int i = 0; i < 100; i++) {
                control.impose("rule", "n0", i, rule("fsync", 100, Duration.ZERO, EIO));
                assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
                control.lift("rule");
                assertThat(program.call("fsync").result()).isEqualTo("ok");
            }
        }
    }

    /** A program that makes calls as fast as it can, until it is told to stop. */
    private static final class Busy implements AutoCloseable {
        private final Watched program;
        private final AtomicBoolean stop = new AtomicBoolean();
        private final CompletableFuture<Integer> made;

        Busy(Watched program) {
            this.program = program;
            this.made = CompletableFuture.supplyAsync(this::work, task -> new Thread(task, "busy").start());
        }

        private int work() {
            int calls = 0;
            try {
                for (; !stop.get(); calls++) {
                    // both kinds, whatever came of them
                    program.call(calls % 2 == 0 ? "write" : "fsync");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return calls;
        }

        /** How many calls it made. */
        int stopped() throws Exception {
            stop.set(true);
            return made.get(30, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            stop.set(true);
        }
    }

    private static long medianMillis(Watched program, String call) throws IOException {
        var millis = new ArrayList<Long>();
        for (int i = 0; i < 51; i++) {
            var outcome = program.call(call);
            assertThat(outcome.result()).isEqualTo("ok");
            millis.add(outcome.millis());
        }
        return millis.stream().sorted().skip(25).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"latency", "fault", "kernel"})
    @Tag("exhaustive")
    void aHundredTimesInAndOutOfForceOnBusyProgramsLeavesNothing(String kind) throws Exception {
        var spec =
                switch (kind) {
                    case "latency" ->
                        new IoChaos(
                                kind,
                                new IoChaos.Effect.Latency(Duration.ofMillis(200)),
                                ALL,
                                List.of(),
                                "/data",
                                Optional.empty(),
                                List.of("write", "fsync"),
                                100,
                                Optional.empty());
                    case "fault" -> IoChaos.fault(kind, ALL, "/data", List.of("write", "fsync"), EIO);
                    default ->
                        new KernelChaos(
                                kind,
                                KernelChaos.Failure.BIO,
                                ALL,
                                List.of(),
                                List.of(),
                                100,
                                Optional.empty(),
                                Optional.empty());
                };
        var rule = CallRules.rule(spec, volume);
        startWitnesses("jvm", "dd");
        long before = listeners();
        try (var jvm = new Watched(service, "jvm", Watched.java(volume.resolve("busy-jvm-" + kind)));
                var dd = new Watched(service, "dd", Watched.dd(volume.resolve("busy-dd-" + kind)))) {
            long jvmMillis = medianMillis(jvm, "fsync");
            long ddMillis = medianMillis(dd, "fsync");
            try (var busyJvm = new Busy(jvm);
                    var busyDd = new Busy(dd)) {
                for (int cycle = 0; cycle < 100; cycle++) {
                    control.impose("rule", "jvm", cycle, rule);
                    control.impose("rule", "dd", cycle, rule);
                    await("both were hit")
                            .pollInterval(Duration.ofMillis(2))
                            .until(() -> control.counters("rule").values().stream()
                                    .allMatch(calls -> calls.values().stream().anyMatch(call -> call.affected() > 0)));
                    long lifting = System.nanoTime();
                    control.lift("rule");
                    assertThat(Duration.ofNanos(System.nanoTime() - lifting))
                            .as("what is held does not hold up the lifting")
                            .isLessThan(Duration.ofMillis(150));
                }
                // One call in each cycle at least, of which dd makes two at a time.
                assertThat(busyJvm.stopped()).isGreaterThanOrEqualTo(100);
                assertThat(busyDd.stopped()).isGreaterThanOrEqualTo(50);
            }
            assertThat(control.counters("rule")).isEmpty();
            // As before, but for what a machine that others use may add.
            assertThat(medianMillis(jvm, "fsync")).isLessThanOrEqualTo(jvmMillis + 20);
            assertThat(medianMillis(dd, "fsync")).isLessThanOrEqualTo(ddMillis + 20);
        }
        await("no listener is left").untilAsserted(() -> assertThat(listeners()).isEqualTo(before));
    }

    @Test
    void aKilledProgramLeavesNoListener() throws Exception {
        startWitnesses("n0");
        long before = listeners();
        var program = new Watched(service, "n0", Watched.java(volume.resolve("killed")));
        control.impose("rule", "n0", 1, rule("fsync", 100, Duration.ZERO, EIO));
        assertThat(listeners()).isEqualTo(before + 1);
        program.process().destroyForcibly().waitFor();
        await().untilAsserted(() -> assertThat(listeners()).isEqualTo(before));
    }

    /** They stay, and have listeners of their own. */
    private void startWitnesses(String... nodes) {
        for (var node : nodes) {
            assertThat(control.look(node, volume.resolve("witness").toString(), false, Set.of("fsync")))
                    .isNotEmpty();
        }
    }

    private static long listeners() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).toString().contains("seccomp notify");
                        } catch (IOException e) {
                            return false; // closed meanwhile
                        }
                    })
                    .count();
        }
    }

    @Test
    void aCallThatIsNotWatchedIsRefused() {
        assertThatThrownBy(() -> control.impose("rule", "n0", 1, rule("mkdir", 100, Duration.ZERO, EIO)))
                .hasMessageContaining("these calls are not watched in the nodes: [mkdir, mkdirat]");
    }

    @Test
    void aWitnessSeesAnErrorAndADelayAndThatTheyAreGone() {
        for (var rule : List.of(
                rule("fsync", 50, Duration.ZERO, EIO),
                rule("write", 50, Duration.ofMillis(100), 0),
                on("/data/*/[ab]*.log"))) {
            var witness = new CallWitness(control, "n0", rule, volume.toString());
            assertThat(witness.problem()).isEmpty();
            assertThat(witness.able()).isTrue();
            assertThat(witness.sees()).isEmpty();
            control.impose("rule", "n0", 3, rule);
            assertThat(witness.sees()).isPresent();
            assertThat(control.lift("rule").get("n0"))
                    .as("the witness' calls are not the node's")
                    .isEmpty();
            assertThat(witness.asBefore()).isTrue();
        }
        assertThat(volume.resolve(".havoq-witness")).doesNotExist();
    }
}
