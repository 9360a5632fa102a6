package io.havoq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/run.sh} with a kubectl that answers as one of 1.34 was seen to, and writes down what it is asked. */
@EnabledOnOs(OS.LINUX)
class RunScriptTest {
    @TempDir
    private Path directory;

    private Path asked;
    private Path said;
    private Path complained;

    /** Answers in the order in which the script asks; the runner's phases are in a file, one a line, the last one for ever. */
    @BeforeEach
    void kubectl() throws IOException {
        asked = directory.resolve("asked");
        said = directory.resolve("said");
        complained = directory.resolve("complained");
        var kubectl = directory.resolve("kubectl");
        Files.writeString(kubectl, """
                        #!/usr/bin/env bash
                        cd "${0%/*}"
                        echo "$*" >> asked
                        case "$*" in
                            *status.phase*) phase=$(head -n 1 phases); [[ $(wc -l < phases) -gt 1 ]] && sed -i 1d phases
                                [[ -n $phase ]] || exit 1
                                echo "$phase" ;;
                            *'@.type=="Ready"'*) [[ $(head -n 1 phases) == Running ]] && echo -n True ;;
                            *'@.status=="False"'*) echo "PodScheduled: Unschedulable 0/1 nodes are available" ;;
                            *'get events'*) echo "the events cannot be had" >&2; exit 1 ;;
                            *waiting.reason*) echo ContainerCreating ;;
                            *'set env'*) echo "kind: Pod" ;;
                            *' cp '*) mkdir -p "${@: -1}"; echo 3 > "${@: -1}/exit-status" ;;
                            *-f*-) cat > /dev/null ;;
                        esac
                        exit 0
                        """);
        assertThat(kubectl.toFile().setExecutable(true)).isTrue();
    }

    private int run(List<String> phases, String... arguments) throws IOException, InterruptedException {
        Files.write(directory.resolve("phases"), phases);
        var command = new ArrayList<>(List.of("deploy/run.sh", "-c", "mock", "-o", directory + "/results"));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectOutput(said.toFile()).redirectError(complained.toFile());
        builder.environment().merge("PATH", directory.toString(), (path, first) -> first + ":" + path);
        var process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ended").isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aRunnerThatStaysPendingIsToldWithTheReasonAndRemoved() throws Exception {
        assertThat(run(List.of("Pending"), "-w", "1", "-D", "havoq.broker.password=hidden"))
                .isEqualTo(69);

        assertThat(complained)
                .content()
                .contains("the runner pod was not started within 1 s (-w SECONDS):")
                .contains("PodScheduled: Unschedulable 0/1 nodes are available")
                .contains("the events cannot be had")
                .contains("kubectl --context=mock --namespace=default get nodes,events");
        assertThat(said).content().doesNotContain("hidden");
        assertThat(complained).content().doesNotContain("hidden");
        assertThat(Files.readAllLines(asked)).last().asString().contains("delete pod havoq-runner --ignore-not-found");
    }

    @Test
    void aRunnerThatIsStartedInTimeRuns() throws Exception {
        assertThat(run(List.of("Pending", "Running"), "-w", "2")).isEqualTo(3);

        assertThat(said).content().contains("ContainerCreating", "(exit status 3)");
        assertThat(complained).content().doesNotContain("was not started");
        assertThat(Files.readAllLines(asked)).last().asString().contains("delete pod havoq-runner --ignore-not-found");
    }

    @Test
    void aBoundThatIsNoNumberIsToldBeforeAnythingIsDone() throws Exception {
        assertThat(run(List.of("Pending"), "-w", "5m")).isEqualTo(64);

        assertThat(complained).content().contains("-w 5m: expected a number of seconds");
        assertThat(asked).doesNotExist();
    }

    @Test
    void aBoundWithALeadingZeroIsDecimal() throws Exception {
        assertThat(run(List.of("Pending", "Running"), "-w", "08")).isEqualTo(3);
    }

    /** A kubeconfig that names no context of its own. */
    @Test
    void whoeverNamesAContextNeedsNoCurrentOne() throws Exception {
        assertThat(run(List.of("Running"))).isEqualTo(3);

        assertThat(asked).content().doesNotContain("current-context");
    }

    /** An API server that does not answer for once says nothing of the runner. */
    @Test
    void aRunnerIsNotGivenUpBecauseOfAnAnswerThatGotLost() throws Exception {
        assertThat(run(List.of("", "Pending", "", "Running"), "-w", "20")).isEqualTo(3);

        assertThat(complained).content().doesNotContain("ended without results");
    }
}
