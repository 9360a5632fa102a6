package io.havoq.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.havoq.Verdict;
import io.qameta.allure.AllureLifecycle;
import io.qameta.allure.FileSystemResultsWriter;
import io.qameta.allure.model.Label;
import io.qameta.allure.model.Status;
import io.qameta.allure.model.TestResult;
import io.qameta.allure.util.ResultsUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opentest4j.TestAbortedException;

class AllureReporterTest {
    @TempDir
    Path directory;

    private AllureLifecycle lifecycle;
    private AllureReporter reporter;

    @BeforeEach
    void startWithAnEmptyDirectory() {
        lifecycle = new AllureLifecycle(new FileSystemResultsWriter(directory));
        reporter = new AllureReporter(() -> lifecycle);
    }

    @Test
    void phasesAreStepsWithTheirTrueTimes() throws IOException {
        var steps = reported(Samples.failed()).path("steps");

        assertThat(steps.path(1).path("name").asText()).isEqualTo("injected: pod-kill on emqx-go-1");
        assertThat(steps.path(1).path("start").asLong())
                .isEqualTo(Samples.START.plusSeconds(3).toEpochMilli());
        assertThat(steps.path(1).path("stop").asLong())
                .isEqualTo(Samples.START.plusMillis(3_120).toEpochMilli());
        assertThat(steps.path(1).path("status").asText()).isEqualTo("passed");
        assertThat(steps.path(2).path("status").asText()).isEqualTo("failed");
    }

    @Test
    void theChecklistIsAStepPerCheckAndWhatWasNotCheckedIsSkipped() throws IOException {
        var checklist = reported(Samples.passed()).path("steps").path(3);

        assertThat(checklist.path("name").asText()).isEqualTo("recovery checklist");
        assertThat(checklist.path("steps").path(0).path("status").asText()).isEqualTo("passed");
        assertThat(checklist.path("steps").path(1).path("status").asText()).isEqualTo("skipped");
    }

    @Test
    void manifestViolationsLedgerEventsLogsAndResultAreAttached() throws IOException {
        var attachments = attachments(reported(Samples.failed()));

        assertThat(attachments.keySet())
                .containsExactly(
                        "manifest chaos/01-pod-kill.yaml",
                        "violations",
                        "fault figures",
                        "ledger extract",
                        "events",
                        "log emqx-go-0",
                        "log emqx-go-1",
                        "result");
        assertThat(attachments.get("manifest chaos/01-pod-kill.yaml")).isEqualTo("kind: PodChaos\n");
        assertThat(attachments.get("violations")).contains("MUST no-loss: 2 acknowledged messages were lost");
        assertThat(attachments.get("log emqx-go-0")).isEqualTo("started\nready");
        assertThat(attachments.get("log emqx-go-1")).isEqualTo("(the node logged nothing)");
        assertThat(attachments.get("events")).isEqualTo("emqx-go-1 exited");
        assertThat(attachments.get("result")).contains("\"verdict\" : \"failed\"");
    }

    @Test
    void ofALongLogTheEndIsKept() throws IOException {
        start(new TestResult());
        var lines = IntStream.rangeClosed(1, AllureReporter.LOG_LINES + 5)
                .mapToObj(Integer::toString)
                .toList();

        reporter.report(Samples.passed(), Map.of("n", lines), List.of());

        assertThat(attachments(written()).get("log n"))
                .startsWith("(5 lines before these are left out)\n6\n")
                .endsWith("\n" + (AllureReporter.LOG_LINES + 5));
    }

    @Test
    void labelsGiveSeverityScenarioAndVerdict() throws IOException {
        assertThat(labels(reported(Samples.inconclusive())))
                .containsEntry("severity", "blocker")
                .containsEntry("epic", "Chaos experiments")
                .containsEntry("feature", "Container kill")
                .containsEntry("story", "kill()")
                .containsEntry("verdict", "inconclusive");
    }

    @Test
    void theAuthorsOwnLabelsAndDescriptionStay() throws IOException {
        start(new TestResult()
                .setDescription("What the author wrote.")
                .setLabels(
                        new ArrayList<>(List.of(new Label().setName("severity").setValue("trivial")))));

        reporter.report(Samples.passed(), Map.of(), List.of());

        var result = written();
        assertThat(labels(result)).containsEntry("severity", "trivial");
        assertThat(result.path("description").asText())
                .startsWith("What the author wrote.\n\n**passed**")
                .contains("**Proof** process 4711 exited with 137");
    }

    @ParameterizedTest
    @CsvSource({
        "io.havoq.scenarios.PodKillIT, Pod kill",
        "io.havoq.scenarios.BaselineIT, Baseline",
        "a.Outer$InnerTest, Inner",
        "a.IT, IT"
    })
    void scenariosAreNamedAfterTheirClasses(String testClass, String name) {
        assertThat(AllureReporter.scenario(testClass)).isEqualTo(name);
    }

    @Test
    void stepsHaveTheStatusThatAllureGivesTheVerdictsException() {
        assertThat(ResultsUtils.getStatus(new AssertionError())).contains(AllureReporter.status(Verdict.FAILED));
        assertThat(ResultsUtils.getStatus(new IllegalStateException()))
                .contains(AllureReporter.status(Verdict.INCONCLUSIVE));
        assertThat(AllureReporter.status(Verdict.UNSUPPORTED)).isEqualTo(Status.SKIPPED);
        assertThat(new TestAbortedException()).isNotInstanceOf(AssertionError.class);
    }

    @Test
    void withoutARunningAllureTestNothingIsWritten() throws IOException {
        reporter.report(Samples.passed(), Map.of(), List.of());

        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    private JsonNode reported(ExperimentResult result) throws IOException {
        start(new TestResult());
        var logs = new LinkedHashMap<String, List<String>>();
        logs.put("emqx-go-0", List.of("started", "ready"));
        logs.put("emqx-go-1", List.of());
        reporter.report(result, logs, List.of("emqx-go-1 exited"));
        return written();
    }

    private void start(TestResult result) {
        lifecycle.scheduleTestCase(result.setUuid("u").setName("test"));
        lifecycle.startTestCase("u");
    }

    private JsonNode written() throws IOException {
        lifecycle.stopTestCase("u");
        lifecycle.writeTestCase("u");
        return new ObjectMapper().readTree(directory.resolve("u-result.json").toFile());
    }

    private Map<String, String> attachments(JsonNode result) throws IOException {
        var texts = new LinkedHashMap<String, String>();
        for (var attachment : result.path("attachments")) {
            texts.put(
                    attachment.path("name").asText(),
                    Files.readString(directory.resolve(attachment.path("source").asText())));
        }
        return texts;
    }

    private static Map<String, String> labels(JsonNode result) {
        var labels = new LinkedHashMap<String, String>();
        result.path("labels")
                .forEach(label -> labels.put(
                        label.path("name").asText(), label.path("value").asText()));
        return labels;
    }
}
