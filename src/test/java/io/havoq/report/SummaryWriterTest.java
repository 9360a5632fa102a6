package io.havoq.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryWriterTest {
    @TempDir
    Path directory;

    private SummaryWriter writer;

    @BeforeEach
    void createWriter() {
        writer = new SummaryWriter(directory, "run-1", 100);
    }

    @Test
    void everyDocumentedFieldIsThereUnderItsNameAndNoOther() throws IOException {
        writer.write(Samples.run(Samples.failed()));

        var summary = read();
        assertNames(
                summary,
                "schema",
                "run",
                "environment",
                "broker",
                "description",
                "seed",
                "startedAt",
                "durationMillis",
                "host",
                "experiments");
        assertNames(summary.path("host"), "java", "os", "kernel", "processors");
        var experiment = summary.path("experiments").path(0);
        assertNames(
                experiment,
                "id",
                "testClass",
                "testName",
                "tags",
                "process",
                "verdict",
                "reason",
                "startedAt",
                "durationMillis",
                "violations",
                "injection",
                "recovery",
                "ledger",
                "acknowledgedInWindow",
                "throughput",
                "latencyMillis",
                "checklist",
                "phases",
                "manifests",
                "notes");
        assertNames(experiment.path("violations").path(0), "check", "level", "message");
        assertNames(
                experiment.path("injection"),
                "requestedAt",
                "injectedAt",
                "effectObservedAt",
                "removedAt",
                "effectGoneAt",
                "targets",
                "proof",
                "manifestDurationMillis",
                "heldMillis",
                "figures");
        assertNames(
                experiment.path("recovery"),
                "serviceRtoMillis",
                "clusterRtoMillis",
                "targetMillis",
                "acceptableMillis",
                "clientReconnectMillis",
                "outages");
        assertNames(experiment.path("recovery").path("outages").path(0), "from", "until", "durationMillis");
        assertNames(experiment.path("ledger"), "qos0", "qos1", "qos2");
        assertNames(
                experiment.path("ledger").path("qos1"),
                "sent",
                "acknowledged",
                "unknown",
                "refused",
                "delivered",
                "lost",
                "duplicates",
                "outOfOrder",
                "phantom",
                "corrupted",
                "unknownArrived");
        assertNames(experiment.path("throughput"), "before", "during", "after");
        assertNames(experiment.path("latencyMillis"), "before", "during", "after");
        assertNames(experiment.path("latencyMillis").path("during"), "p50", "p95", "p99", "max");
        assertNames(experiment.path("checklist").path(0), "level", "check", "state", "detail");
        assertNames(experiment.path("phases").path(0), "name", "startedAt", "durationMillis", "ok", "detail");
    }

    @Test
    void everyFigureStandsUnderItsOwnName() throws IOException {
        writer.write(Samples.run(Samples.failed()));

        var summary = read();
        assertThat(summary.path("schema").numberValue()).isEqualTo(1);
        assertThat(summary.path("seed").asLong()).isEqualTo(42);
        assertThat(summary.path("startedAt").asText()).isEqualTo("2026-01-02T03:04:05.006Z");
        var experiment = summary.path("experiments").path(0);
        assertThat(experiment.path("verdict").asText()).isEqualTo("failed");
        assertThat(experiment.path("violations").path(1).path("level").asText()).isEqualTo("MUST");
        var counts = experiment.path("ledger").path("qos1");
        assertThat(List.of(
                        counts.path("sent").asLong(),
                        counts.path("acknowledged").asLong(),
                        counts.path("unknown").asLong(),
                        counts.path("refused").asLong(),
                        counts.path("delivered").asLong(),
                        counts.path("lost").asLong(),
                        counts.path("duplicates").asLong(),
                        counts.path("outOfOrder").asLong(),
                        counts.path("phantom").asLong(),
                        counts.path("corrupted").asLong(),
                        counts.path("unknownArrived").asLong()))
                .containsExactly(5_000L, 4_990L, 10L, 0L, 49_980L, 2L, 7L, 1L, 2L, 3L, 4L);
        assertThat(experiment.path("injection").path("effectObservedAt").asText())
                .isEqualTo("2026-01-02T03:04:08.126Z");
        assertThat(experiment.path("latencyMillis").path("during").path("p99").asDouble())
                .isEqualTo(700);
        assertThat(experiment.path("recovery").path("serviceRtoMillis").asLong())
                .isEqualTo(1_200);
    }

    @Test
    void whatIsNotKnownIsNullAndNeverZeroOrAbsent() throws IOException {
        writer.write(Samples.run(Samples.failed(), Samples.unsupported()));

        var failed = read().path("experiments").path(0);
        assertThat(failed.path("recovery").path("clusterRtoMillis").isNull()).isTrue();
        assertThat(failed.path("injection").path("effectGoneAt").isNull()).isTrue();
        assertThat(failed.path("latencyMillis").path("after").isNull()).isTrue();
        var unsupported = read().path("experiments").path(1);
        for (var field : List.of("injection", "recovery", "ledger", "throughput")) {
            assertThat(unsupported.path(field).isNull()).as(field).isTrue();
        }
    }

    @Test
    void everyVerdictIsWrittenAsItsWord() throws IOException {
        writer.write(Samples.run(Samples.passed(), Samples.failed(), Samples.inconclusive(), Samples.unsupported()));

        assertThat(verdicts()).containsExactly("passed", "failed", "inconclusive", "unsupported");
    }

    @Test
    void aLaterWriteOfTheSameJvmReplacesItsExperimentsAndLeavesNoTemporaryFile() throws IOException {
        writer.write(Samples.run(Samples.passed()));
        writer.write(Samples.run(Samples.passed(), Samples.failed()));

        assertThat(verdicts()).containsExactly("passed", "failed");
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("summary.json", "summary.md", ".summary.lock");
        }
    }

    @Test
    void aRerunInAnotherJvmOfTheRunDoesNotHideTheFailure() throws IOException {
        writer.write(Samples.run(Samples.failed()));
        new SummaryWriter(directory, "run-1", 200).write(Samples.run(Samples.passed()));

        assertThat(verdicts()).containsExactly("failed", "passed");
    }

    @Test
    void theResultsOfAnEarlierRunAreReplaced() throws IOException {
        writer.write(Samples.run(Samples.failed()));
        new SummaryWriter(directory, "run-2", 200).write(Samples.run(Samples.passed()));

        assertThat(verdicts()).containsExactly("passed");
    }

    @Test
    void aWriteThatFailsLeavesTheFilesOfBefore() throws IOException {
        writer.write(Samples.run(Samples.passed()));
        // A directory where the temporary file goes: what a full or read-only disk does, for root too.
        Files.createDirectory(directory.resolve(".summary.json.new"));

        assertThatThrownBy(() -> writer.write(Samples.run(Samples.passed(), Samples.failed())))
                .isInstanceOf(IOException.class);

        assertThat(verdicts()).containsExactly("passed");
    }

    @Test
    void theDirectoryAndTheRunComeFromTheSettings() throws IOException {
        var settings = Settings.fromSystemProperties()
                .with(ReportSettings.RESULTS, directory.resolve("elsewhere").toString())
                .with(ReportSettings.RUN, "named");

        SummaryWriter.of(settings).write(Samples.run(Samples.passed()));

        var written = SummaryWriter.MAPPER.readTree(
                directory.resolve("elsewhere/summary.json").toFile());
        assertThat(written.path("run").asText()).isEqualTo("named");
        assertThat(written.path("experiments").path(0).path("process").asLong())
                .isEqualTo(ProcessHandle.current().pid());
    }

    @Test
    void markdownListsFindingsMostSevereFirst() throws IOException {
        writer.write(Samples.run(Samples.passed(), Samples.unsupported(), Samples.inconclusive(), Samples.failed()));

        assertThat(Files.readString(directory.resolve("summary.md")))
                .containsSubsequence(
                        "1 failed, 1 inconclusive, 1 unsupported, 1 passed",
                        "- **failed** PodKillIT.follower: `no-loss`: 2 acknowledged messages were lost; first: p17",
                        "- **inconclusive** ContainerKillIT.kill: the victim had no client connected",
                        "- **unsupported** TimeSkewIT.skew: TimeChaos needs Linux: run it there",
                        "- **warning** PodKillIT.follower: `p99-latency`",
                        "| passed | PodKillIT.leader | emqx-go-1 | 1.20 s | 6.40 s | 10/30 s |")
                .contains("| failed | PodKillIT.follower | emqx-go-1 | 1.20 s | not within 30.00 s |");
    }

    private JsonNode read() throws IOException {
        return SummaryWriter.MAPPER.readTree(directory.resolve("summary.json").toFile());
    }

    private List<String> verdicts() throws IOException {
        var words = new ArrayList<String>();
        read().path("experiments")
                .forEach(experiment -> words.add(experiment.path("verdict").asText()));
        return words;
    }

    private static void assertNames(JsonNode node, String... names) {
        assertThat(node.properties().stream().map(Map.Entry::getKey)).containsExactly(names);
    }
}
