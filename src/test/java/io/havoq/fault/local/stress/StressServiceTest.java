package io.havoq.fault.local.stress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.havoq.fault.local.service.NamespaceThread;
import io.havoq.fault.local.service.ProcessTree;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs within limits that spin and allocate, and tell how far they come: before, during and after. */
class StressServiceTest {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final String NODE = "node";
    /** Little, so that the quota decides, and not what else this machine does. */
    private static final double CPUS = 0.2;

    private static final long LIMIT = 256L << 20;
    /** With the stressor's own, some 40 MiB, more than half of the limit: the program's does not fit beside it. */
    private static final long STRESS = 140L << 20;

    private static final int TAKEN_MEBIBYTES = 120;

    /** bash and dd are programs of the C library. */
    private static final String SHELL = """
            while read -r what count; do
                if [ "$what" = spin ]; then
                    end=$(( ${EPOCHREALTIME/./} + 500000 )); n=0
                    while (( ${EPOCHREALTIME/./} < end )); do (( n++ )); done
                    echo $n
                else
                    dd if=/dev/zero of=/dev/null bs=${count}M count=1 status=none
                    echo $?
                fi
            done
            """;

    private static final String GO = """
            package main

            import (
            	"bufio"
            	"fmt"
            	"os"
            	"strconv"
            	"time"
            )

            func main() {
            	lines := bufio.NewScanner(os.Stdin)
            	for lines.Scan() {
            		line := lines.Text()
            		if line == "spin" {
            			end := time.Now().Add(500 * time.Millisecond)
            			n := 0
            			for time.Now().Before(end) {
            				n++
            			}
            			fmt.Println(n)
            		} else {
            			count, _ := strconv.Atoi(line[5:])
            			block := make([]byte, count<<20)
            			for i := 0; i < len(block); i += 4096 {
            				block[i] = 1
            			}
            			fmt.Println(block[0] - 1)
            		}
            	}
            }
            """;

    @TempDir
    private Path directory;

    private final List<NamespaceThread> threads = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private final GroupPlace place = GroupPlace.find("test-" + System.nanoTime());
    private NodeGroups groups;
    private StressService service;
    private StressControl control;

    /** What a program is built of. */
    enum Kind {
        JVM,
        C_LIBRARY,
        STATIC_GO
    }

    /** A program that runs in the node's group. */
    private final class Program {
        private final Process process;
        private final BufferedReader out;
        private final Writer in;

        Program(Kind kind) throws IOException {
            var words = new ArrayList<>(service.wrapper(NODE));
            words.addAll(words(kind));
            var builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().put(ProcessTree.VARIABLE, "test/" + System.nanoTime());
            process = builder.start();
            processes.add(process);
            out = process.inputReader(StandardCharsets.UTF_8);
            in = process.outputWriter(StandardCharsets.UTF_8);
            service.started(NODE, process.pid());
        }

        /** The answer; how it ended if it gave none. */
        long ask(String what) throws IOException {
            in.write(what + "\n");
            in.flush();
            var line = out.readLine();
            return line == null ? process.onExit().join().exitValue() : Long.parseLong(line);
        }
    }

    private List<String> words(Kind kind) throws IOException {
        return switch (kind) {
            case JVM ->
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx16m",
                        "-XX:MaxDirectMemorySize=200m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-cp",
                        Path.of(Spender.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .getPath())
                                .toString(),
                        Spender.class.getName());
            case C_LIBRARY -> List.of("bash", "-c", SHELL);
            case STATIC_GO -> List.of(goProgram());
        };
    }

    private String goProgram() throws IOException {
        var binary = directory.resolve("spender");
        if (!Files.exists(binary)) {
            var source = Files.writeString(directory.resolve("spender.go"), GO);
            try {
                var builder = new ProcessBuilder("go", "build", "-o", binary.toString(), source.toString()).inheritIO();
                builder.environment().put("CGO_ENABLED", "0");
                assertThat(builder.start().onExit().join().exitValue()).isZero();
            } catch (IOException e) {
                assumeTrue(false, "no go here: " + e.getMessage());
            }
        }
        return binary.toString();
    }

    @BeforeEach
    void groupsCanBeMadeHere() {
        assumeTrue(!(place instanceof GroupPlace.Nowhere), place.toString());
    }

    /** @param cpus 0: all */
    private void group(double cpus) throws IOException {
        groups = NodeGroups.make(place, List.of(NODE), cpus);
        service = new StressService(
                name -> {
                    var thread = new NamespaceThread(name);
                    threads.add(thread);
                    return thread;
                },
                List.of());
        control = new StressControl(service::call);
        control.groups(NODE, groups.directories(NODE));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        if (service != null) {
            service.close();
            for (var process : processes) {
                process.destroyForcibly();
                assertThat(process.waitFor(5, TimeUnit.SECONDS)).isTrue();
            }
            for (var thread : threads) {
                thread.close();
            }
            NodeGroups.remove(place);
            assertThat(place.directories()).noneMatch(Files::exists);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"JVM", "C_LIBRARY"})
    void aProgramThatSpinsComesLessFarWhileTheProcessorIsStressed(Kind kind) throws IOException {
        assertComesLessFarWhileTheProcessorIsStressed(kind);
    }

    @Test
    @Tag("exhaustive")
    void aStaticGoProgramThatSpinsComesLessFarWhileTheProcessorIsStressed() throws IOException {
        assertComesLessFarWhileTheProcessorIsStressed(Kind.STATIC_GO);
    }

    private void assertComesLessFarWhileTheProcessorIsStressed(Kind kind) throws IOException {
        group(CPUS);
        var program = new Program(kind);
        program.ask("spin"); // warms up
        long before = program.ask("spin");

        control.startCpu("rule", NODE, 8, 100, false);
        // An eighth at most is left of what it had.
        assertThat(program.ask("spin")).isLessThan(before / 2);
        var during = groups.usage(NODE);
        assertThat(during.throttledPeriods()).isPositive();

        control.stop("rule");
        await("it comes as far as before")
                .atMost(BOUND)
                .untilAsserted(() -> assertThat(program.ask("spin")).isGreaterThan(before / 2));
        assertThat(control.states("rule")).isEmpty();
        assertThat(program.process.isAlive()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"JVM", "C_LIBRARY"})
    void aProgramThatAllocatesIsEndedWhileMemoryIsStressed(Kind kind) throws IOException {
        assertEndedWhileMemoryIsStressed(kind);
    }

    @Test
    @Tag("exhaustive")
    void aStaticGoProgramThatAllocatesIsEndedWhileMemoryIsStressed() throws IOException {
        assertEndedWhileMemoryIsStressed(Kind.STATIC_GO);
    }

    /** A process joins its group by itself, as the first thing that it does. */
    @Test
    void aProcessThatHasNotJoinedItsGroupYetIsWorthLessThanTheStressorToo() throws Exception {
        var lowered = new ProcessBuilder("sh", "-c", "echo -1000 > /proc/$$/oom_score_adj").start();
        assumeTrue(lowered.waitFor() != 0, "the stressor's own can be lowered here");
        group(0);
        groups.limitMemory(NODE, LIMIT);
        var builder = new ProcessBuilder("cat");
        builder.environment().put(ProcessTree.VARIABLE, "test/" + System.nanoTime());
        var process = builder.start();
        processes.add(process);
        service.started(NODE, process.pid());
        var score = Path.of("/proc/" + process.pid() + "/oom_score_adj");
        var before = Files.readString(score);

        assertThat(control.startMemory("rule", NODE, 1, STRESS, -1000)).isTrue();
        assertThat(Files.readString(score).strip()).isEqualTo("1000");
        control.stop("rule");
        assertThat(Files.readString(score)).isEqualTo(before);
    }

    private void assertEndedWhileMemoryIsStressed(Kind kind) throws IOException {
        group(0);
        groups.limitMemory(NODE, LIMIT);
        var program = new Program(kind);
        var take = "take " + TAKEN_MEBIBYTES;
        assertThat(program.ask(take)).as("before").isZero();
        if (kind != Kind.C_LIBRARY) {
            // It may keep what it had; dd(1) does not.
            program = new Program(kind);
            processes.get(0).destroyForcibly().onExit().join();
        }

        control.startMemory("rule", NODE, 1, STRESS, -1000);
        await("the memory is taken")
                .atMost(BOUND)
                .until(() -> control.states("rule").get(0).taken());
        assertThat(groups.usage(NODE).oomKills()).isZero();
        assertThat(program.ask(take)).as("during: ended by SIGKILL").isEqualTo(137);
        assertThat(groups.usage(NODE).oomKills()).isEqualTo(1);

        control.stop("rule");
        assertThat(new Program(kind).ask(take)).as("after").isZero();
        assertThat(groups.usage(NODE).oomKills()).isEqualTo(1);
        groups.unlimitMemory(NODE);
    }
}
