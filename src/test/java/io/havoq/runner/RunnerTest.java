package io.havoq.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As a process of its own, as in the runner pod; on the scripted environment. */
class RunnerTest {
    @TempDir
    Path directory;

    private record Ended(int status, String output) {}

    @Test
    void aRunInWhichEverythingPassedEndsWithZero() throws Exception {
        var ended = run("--include=io\\.havoq\\.junit\\.HavoqExtensionTest\\$Passing");

        assertThat(ended.output()).contains("[havoq] gate: green");
        assertThat(ended.status()).isZero();
        assertThat(directory.resolve("summary.json")).content().contains("\"passed\"");
    }

    @Test
    void aFailedExperimentEndsItWithOneAndSaysWhy() throws Exception {
        var ended = run("--include=io\\.havoq\\.junit\\.HavoqExtensionTest\\$FailingBody");

        assertThat(ended.output()).contains("[havoq] gate: Havoq: 1 experiment").contains("survivors are silent");
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void aRunInWhichNothingRanIsRed() throws Exception {
        var ended = run("--include=io\\.havoq\\.junit\\.HavoqExtensionTest\\$Passing", "--tags=no-such-tag");

        assertThat(ended.output()).contains("no experiment ran");
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void aMistakeInTheCommandLineIsTold() throws Exception {
        var ended = run("--tag=P0");

        assertThat(ended.output()).contains("argument '--tag=P0' is unknown").contains("Usage: Runner");
        assertThat(ended.status()).isEqualTo(64);
    }

    @ParameterizedTest
    @CsvSource({
        "--include=.*IT,                   --scan is missing",
        "--scan=/nowhere.jar,              /nowhere.jar does not exist",
        "--scan=. --include=(,             is no regular expression",
        "--scan=. --allure=.,              --allure and --categories go together",
    })
    void whatIsWrongIsNamed(String line, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunnerArguments.parse(line.split(" ")))
                .withMessageContaining(problem);
    }

    private Ended run(String... more) throws Exception {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:TieredStopAtLevel=1",
                "-Dhavoq.environment=scripted",
                "-Dhavoq.local.max-duration=20ms",
                "-Dhavoq.results=" + directory,
                "-Dallure.results.directory=" + directory.resolve("allure-results"),
                "-cp",
                System.getProperty("java.class.path"),
                Runner.class.getName(),
                "--scan="
                        + Path.of(RunnerTest.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())));
        command.addAll(List.of(more));
        var output = directory.resolve("output");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            return new Ended(process.waitFor(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
        }
    }
}
