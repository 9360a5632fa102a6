package io.havoq.fault.local.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.havoq.fault.FaultException;
import io.havoq.fault.Support;
import io.havoq.manifest.TimeChaos.ClockId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that read their own clocks: before, during and after. */
class ClockServiceTest {
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
    /** What the programs cut off or round, and what the coarse clocks of two processes may differ by. */
    private static final Duration CUT_OFF = Duration.ofMillis(10);

    private static final List<ClockId> WALL = List.of(ClockId.CLOCK_REALTIME);

    /** bash asks gettimeofday(2) and time(2) of the C library, and has no other clock. */
    private static final List<String> BASH =
            List.of("bash", "-c", "while read -r line; do printf '%s %(%s)T\\n' \"$EPOCHREALTIME\" -1; done");

    /** A process that is none of a node's never becomes one: what races settles in milliseconds. */
    private static final Duration SETTLING = Duration.ofSeconds(1);

    private final ClockService service = new ClockService(System.getProperty("os.arch"), SETTLING);
    private final ClockControl control = new ClockControl(service::call);
    private final List<Program> programs = new ArrayList<>();

    @BeforeEach
    void itCanBeDoneHere() {
        assumeTrue(
                control.probe() instanceof Support.Supported,
                () -> "clocks cannot be shifted here: " + control.probe());
    }

    @AfterEach
    void endAll() {
        service.close();
        programs.forEach(Program::close);
    }

    private Program node(String name, Program program) throws IOException {
        programs.add(program);
        program.ask();
        service.started(name, program.pid());
        return program;
    }

    private static void assertAhead(Program program, Duration offset) throws IOException {
        var earliest = Instant.now().plus(offset).minus(CUT_OFF);
        var told = program.time();
        assertThat(told).isBetween(earliest, Instant.now().plus(offset).plus(CUT_OFF));
    }

    private void assertShiftedAndRestored(Program program, Duration offset) throws IOException {
        assertAhead(program, Duration.ZERO);
        control.impose("rule", "node", offset, WALL);
        assertAhead(program, offset);
        assertThat(control.state("rule").get("node").complete()).isTrue();
        control.lift("rule");
        assertAhead(program, Duration.ZERO);
        assertThat(control.state("rule")).isEmpty();
    }

    @Test
    void aJvmIsShiftedAndRestored() throws IOException {
        assertShiftedAndRestored(node("node", Program.java()), FIVE_MINUTES);
    }

    @Test
    void aProgramOfTheCLibraryIsShiftedAndRestored() throws IOException {
        var program = node("node", Program.start(BASH));
        assertShiftedAndRestored(program, FIVE_MINUTES);
        // time(2), whole seconds
        control.impose("rule", "node", FIVE_MINUTES, WALL);
        var told = program.ask();
        assertThat(Double.parseDouble(told.get(0)) - Double.parseDouble(told.get(1)))
                .isBetween(-0.1, 2.0);
    }

    @Test
    void aStaticGoProgramIsShiftedAndRestored(@TempDir Path directory) throws Exception {
        var source = Files.writeString(directory.resolve("teller.go"), """
                package main

                import (
                	"bufio"
                	"fmt"
                	"os"
                	"time"
                )

                func main() {
                	lines := bufio.NewScanner(os.Stdin)
                	for lines.Scan() {
                		fmt.Printf("%.6f\\n", float64(time.Now().UnixNano())/1e9)
                	}
                }
                """);
        var binary = directory.resolve("teller");
        try {
            var builder = new ProcessBuilder("go", "build", "-o", binary.toString(), source.toString()).inheritIO();
            builder.environment().put("CGO_ENABLED", "0");
            assertThat(builder.start().waitFor()).isZero();
        } catch (IOException e) {
            assumeTrue(false, "no go here: " + e.getMessage());
        }
        assertShiftedAndRestored(node("node", Program.start(List.of(binary.toString()))), FIVE_MINUTES);
    }

    @Test
    void thePastAndFractionsOfASecondAreCarriedRightly() throws IOException {
        var program = node("node", Program.java());
        for (var offset : List.of(Duration.ofMillis(-90_700), Duration.ofMillis(-100), Duration.ofMillis(1_900))) {
            control.impose("rule", "node", offset, WALL);
            // Several readings, since only some of them carry into the next second.
            for (int i = 0; i < 20; i++) {
                assertAhead(program, offset);
            }
            control.lift("rule");
        }
    }

    @Test
    void theMonotonicClockGoesOn() throws IOException {
        var program = node("node", Program.java());
        double before = Double.parseDouble(program.ask().get(1));
        control.impose("rule", "node", FIVE_MINUTES, WALL);
        double during = Double.parseDouble(program.ask().get(1));
        control.lift("rule");
        double after = Double.parseDouble(program.ask().get(1));
        assertThat(during - before).isBetween(0.0, 60.0);
        assertThat(after - during).isBetween(0.0, 60.0);
    }

    @Test
    void aClockThatIsNamedIsShiftedAndNoOther() throws IOException {
        var program = node("node", Program.java());
        double before = Double.parseDouble(program.ask().get(1));
        control.impose("rule", "node", FIVE_MINUTES, List.of(ClockId.CLOCK_MONOTONIC));
        assertAhead(program, Duration.ZERO);
        assertThat(Double.parseDouble(program.ask().get(1)) - before).isBetween(300.0, 360.0);
        control.lift("rule");
        assertThat(Double.parseDouble(program.ask().get(1)) - before).isBetween(0.0, 60.0);
    }

    @Test
    void severalRulesAddUp() throws IOException {
        var program = node("node", Program.start(BASH));
        control.impose("one", "node", FIVE_MINUTES, WALL);
        control.impose("two", "node", Duration.ofHours(-1), WALL);
        assertAhead(program, Duration.ofMinutes(-55));
        control.lift("one");
        assertAhead(program, Duration.ofHours(-1));
        assertThat(control.state("two").get("node").complete()).isTrue();
        control.lift("two");
        assertAhead(program, Duration.ZERO);
    }

    @Test
    void rulesOfDifferentClocksAreRefused() throws IOException {
        var program = node("node", Program.start(BASH));
        control.impose("one", "node", FIVE_MINUTES, WALL);
        assertThatThrownBy(() -> control.impose("two", "node", FIVE_MINUTES, List.of(ClockId.CLOCK_MONOTONIC)))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("CLOCK_REALTIME")
                .hasMessageContaining("expected the same clocks");
        assertAhead(program, FIVE_MINUTES);
    }

    @Test
    void onlyTheNodeOfTheRuleIsShifted() throws IOException {
        var one = node("one", Program.start(BASH));
        var other = node("other", Program.start(BASH));
        control.impose("rule", "one", FIVE_MINUTES, WALL);
        assertAhead(one, FIVE_MINUTES);
        assertAhead(other, Duration.ZERO);
    }

    @Test
    void aNodeThatRestartsIsShiftedAgain() throws IOException {
        var first = node("node", Program.start(BASH));
        control.impose("rule", "node", FIVE_MINUTES, WALL);
        assertAhead(first, FIVE_MINUTES);
        first.close();
        service.ended("node");
        assertThat(control.state("rule").get("node").pid()).isZero();

        var second = node("node", Program.start(BASH));
        await("the new process is shifted")
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertAhead(second, FIVE_MINUTES));
        control.lift("rule");
        assertAhead(second, Duration.ZERO);
    }

    @Test
    void aNodeThatDiesIsNoHindranceToLifting() throws Exception {
        for (int i = 0; i < 5; i++) {
            var program = node("node", Program.start(BASH));
            control.impose("rule", "node", FIVE_MINUTES, WALL);
            signal("KILL", program.pid());
            // Nobody has been told of its end, and it may still be there as a zombie.
            control.lift("rule");
            assertThat(control.state("rule")).isEmpty();
        }
    }

    @Test
    void childrenAreShiftedWhetherTheyForkOrExecuteAndRestored() throws IOException {
        // The outer shell answers by a fork of itself in a session of its own (the copy is as its parent was), or by a
        // new program.
        for (var child : List.of("( %s )", "setsid bash -c '%s'")) {
            var loop = "while read -r line; do echo \\$EPOCHREALTIME; done".replace("\\$", "$");
            var program = node("node", Program.start(List.of("bash", "-c", child.formatted(loop) + "; true")));
            control.impose("rule", "node", FIVE_MINUTES, WALL);
            assertAhead(program, FIVE_MINUTES);
            assertThat(control.state("rule").get("node").shifted()).isGreaterThanOrEqualTo(2);
            control.lift("rule");
            assertAhead(program, Duration.ZERO);
            program.close();
            service.ended("node");
        }
    }

    @Test
    void childrenThatStartUnderTheRuleAreShiftedAndRestored() throws IOException {
        var program = node(
                "node",
                Program.start(List.of(
                        "bash",
                        "-c",
                        "read -r line; echo $EPOCHREALTIME; read -r line; echo $EPOCHREALTIME; "
                                + "bash -c 'while read -r line; do echo $EPOCHREALTIME; done'; true")));
        control.impose("rule", "node", FIVE_MINUTES, WALL);
        // The last answer of the parent, which then starts its child.
        assertAhead(program, FIVE_MINUTES);
        await("the child is shifted")
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertAhead(program, FIVE_MINUTES));
        control.lift("rule");
        assertAhead(program, Duration.ZERO);
    }

    @Test
    void whatIsStoppedStaysStopped() throws Exception {
        var program = node("node", Program.start(BASH));
        signal("STOP", program.pid());
        control.impose("rule", "node", FIVE_MINUTES, WALL);
        assertThat(state(program.pid())).isEqualTo("T");
        signal("CONT", program.pid());
        assertAhead(program, FIVE_MINUTES);
    }

    private static void signal(String name, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static String state(long pid) throws IOException {
        var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
    }

    @Test
    void aProcessThatIsNoNodesIsNeverTouched() throws Exception {
        var stranger = new ProcessBuilder("cat").start();
        try {
            service.started("node", stranger.pid());
            assertThatThrownBy(() -> control.impose("rule", "node", FIVE_MINUTES, WALL))
                    .isInstanceOf(FaultException.class)
                    .hasMessageContaining("is not a node's: it has no HAVOQ_NODE");
            assertThat(control.state("rule")).isEmpty();
        } finally {
            stranger.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        }
        assertThatThrownBy(() -> io.havoq.fault.local.service.ProcessTree.of(1))
                .hasMessageContaining("was not started by this process");
    }

    @Test
    void cyclesOnABusyProcessLeaveItAsItWas() throws IOException {
        assertCyclesLeaveItAsItWas(10);
    }

    @Test
    @Tag("exhaustive")
    void aHundredCyclesOnABusyProcessLeaveItAsItWas() throws IOException {
        assertCyclesLeaveItAsItWas(100);
    }

    private void assertCyclesLeaveItAsItWas(int cycles) throws IOException {
        var program = node("node", Program.busyJava(3));
        var before = vdso(program.pid());
        var mapped = mapped(program.pid());
        for (int i = 0; i < cycles; i++) {
            control.impose("rule", "node", FIVE_MINUTES, WALL);
            if (i % 10 == 0) {
                assertAhead(program, FIVE_MINUTES);
            }
            control.lift("rule");
        }
        assertThat(program.alive()).isTrue();
        assertAhead(program, Duration.ZERO);
        var told = program.ask();
        assertThat(Long.parseLong(told.get(2))).as("readings").isPositive();
        assertThat(Long.parseLong(told.get(3)))
                .as("times that the monotonic clock went back")
                .isZero();
        assertThat(mapped(program.pid())).isEqualTo(mapped);
        var patch = VdsoPatch.of(Architecture.of(System.getProperty("os.arch")).orElseThrow(), OwnVdso.read());
        for (var entry : patch.restore()) {
            assertThat(vdso(program.pid())).containsSubsequence(entry.bytes());
        }
        int differing = 0;
        var after = vdso(program.pid());
        for (int i = 0; i < after.length; i++) {
            differing += after[i] == before[i] ? 0 : 1;
        }
        // Nothing but the replacement, to which nothing leads any more.
        assertThat(differing).isLessThanOrEqualTo(224);
        assertThat(patch.state(after)).isEqualTo(patch.state(before));
    }

    private static byte[] vdso(long pid) throws IOException {
        try (var process = NodeProcess.hold(pid, io.havoq.fault.local.service.ProcessTree.of(pid))
                .orElseThrow()) {
            return process.image(OwnVdso.read().size());
        }
    }

    private static List<String> mapped(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/maps")).stream()
                .filter(line -> line.matches(".*(vdso|vvar|stack|\\.so).*"))
                .map(line -> line.replaceAll(" +", " "))
                .toList();
    }

    @Test
    void anotherProcessorIsRefused() throws IOException {
        try (var other = new ClockService("riscv64", Duration.ZERO)) {
            assertThat(new ClockControl(other::call).probe())
                    .isEqualTo(new Support.Unsupported(
                            "the nodes' clocks cannot be shifted: no code is known for processor riscv64",
                            String.join("; ", ClockProbe.remedies())));
        }
        try (var other = new ClockService("aarch64", Duration.ZERO)) {
            assumeTrue(System.getProperty("os.arch").equals("amd64"));
            assertThat(other.call("clock.probe", List.of()).get(0))
                    .contains("the vdso is of ELF machine 62, expected 183");
        }
    }

    @Test
    void withoutTheRightToWriteItSaysSo() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var process = new ProcessBuilder(
                        "unshare",
                        "--user",
                        "--map-root-user",
                        "--mount",
                        "--pid",
                        "--fork",
                        "--mount-proc",
                        "--kill-child",
                        "sh",
                        "-c",
                        "mount -o remount,bind,ro /proc && exec \"$@\"",
                        "sh",
                        java,
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ProbeMain.class.getName())
                .redirectErrorStream(true)
                .start();
        try (var out = Program.reader(process)) {
            var lines = out.lines().toList();
            assumeTrue(process.waitFor() == 0, () -> "no user namespaces here: " + lines);
            assertThat(String.join("\n", lines)).contains("cannot be shifted", "/mem", "ptrace_scope");
        } finally {
            process.destroyForcibly();
        }
    }

    /** Tells whether clocks can be shifted where it runs. */
    static final class ProbeMain {
        private ProbeMain() {}

        public static void main(String[] arguments) throws IOException {
            try (var service = new ClockService()) {
                System.out.println(new ClockControl(service::call).probe());
            }
        }
    }
}
