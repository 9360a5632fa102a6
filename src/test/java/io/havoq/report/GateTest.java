package io.havoq.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GateTest {
    @TempDir
    Path directory;

    @Test
    void passedExperimentsAreGreen() throws IOException {
        write(Samples.passed());

        assertThat(problem()).isEmpty();
    }

    @Test
    void aMissingSummaryIsRed() {
        assertThat(problem())
                .hasValueSatisfying(problem -> assertThat(problem)
                        .startsWith("no experiment ran: ")
                        .contains("was not written", "-Dgroups", "-DskipITs"));
    }

    @Test
    void aRunWithoutExperimentsIsRed() throws IOException {
        write();

        assertThat(problem()).hasValueSatisfying(problem -> assertThat(problem).startsWith("no experiment ran: "));
    }

    @Test
    void theSummaryOfAnEarlierRunIsRed() throws IOException {
        new SummaryWriter(directory, "yesterday", 1).write(Samples.run(Samples.passed()));

        assertThat(problem()).hasValueSatisfying(problem -> assertThat(problem).contains("'yesterday'", "'today'"));
    }

    @Test
    void aFailedExperimentIsRedAndNamedWithItsReason() throws IOException {
        write(Samples.passed(), Samples.failed());

        assertThat(problem())
                .hasValueSatisfying(problem -> assertThat(problem)
                        .startsWith("2 experiments: 1 failed, 0 inconclusive, 0 unsupported, 1 passed")
                        .contains("failed  PodKillIT.follower: 2 acknowledged messages were lost")
                        .doesNotContain("PodKillIT.leader"));
    }

    @Test
    void anInconclusiveExperimentIsRed() throws IOException {
        write(Samples.passed(), Samples.inconclusive());

        assertThat(problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("inconclusive  ContainerKillIT.kill"));
    }

    @Test
    void anUnsupportedExperimentAmongOthersIsGreenUnlessItMustFail() throws IOException {
        write(Samples.passed(), Samples.unsupported());

        assertThat(gate(false).problem()).isEmpty();
        assertThat(gate(true).problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("unsupported  TimeSkewIT.skew"));
    }

    @Test
    void aRunInWhichEveryExperimentWasUnsupportedIsRedWhateverTheSetting() throws IOException {
        write(Samples.unsupported(), Samples.unsupported());

        assertThat(gate(false).problem())
                .hasValueSatisfying(problem -> assertThat(problem).startsWith("nothing was shown"));
    }

    @Test
    void aRerunThatPassedDoesNotMakeItGreen() throws IOException {
        write(Samples.failed(), Samples.passed());
        new SummaryWriter(directory, "today", 2).write(Samples.run(Samples.passed()));

        assertThat(problem()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"schema\": 2, \"run\": \"today\", \"experiments\": [{\"verdict\": \"passed\"}]}",
                "{\"schema\": 1, \"run\": \"today\", \"experiments\": [{\"verdict\": \"green\"}]}",
                "{\"schema\": 1, \"run\": \"today\"}"
            })
    void aSummaryThatSaysNothingReadableIsRed(String text) throws IOException {
        Files.writeString(directory.resolve("summary.json"), text);

        assertThat(problem()).isPresent();
    }

    @Test
    void mainThrowsWhatTheBuildPrints() {
        assertThatThrownBy(() -> Gate.main(file(), "today", "skipITs=false", "skipTests=${skipTests}"))
                .isInstanceOf(Gate.RedRunException.class)
                .hasMessageStartingWith("Havoq: no experiment ran");
    }

    @ParameterizedTest
    @ValueSource(strings = {"skipITs=true", "skipTests=true", "maven.test.skip=true"})
    void aBuildThatAskedForNoExperimentsIsNotJudged(String skip) {
        var said = new ArrayList<String>();

        Gate.decide(said::add, file(), "today", "other=false", skip);

        assertThat(said).containsExactly("[havoq] gate: skipped, experiments were not asked for (" + skip + ")");
    }

    @Test
    void unsupportedFailsInCiUnlessTheSettingSaysOtherwise() {
        assertThat(Gate.unsupportedFails(null, Map.of())).isFalse();
        assertThat(Gate.unsupportedFails(null, Map.of("CI", "true"))).isTrue();
        assertThat(Gate.unsupportedFails("abort", Map.of("CI", "true"))).isFalse();
        assertThat(Gate.unsupportedFails("fail", Map.of())).isTrue();
    }

    private Optional<String> problem() {
        return gate(false).problem();
    }

    private Gate gate(boolean unsupportedFails) {
        return new Gate(Path.of(file()), "today", unsupportedFails);
    }

    private String file() {
        return directory.resolve("summary.json").toString();
    }

    private void write(ExperimentResult... experiments) throws IOException {
        new SummaryWriter(directory, "today", 1).write(Samples.run(experiments));
    }
}
