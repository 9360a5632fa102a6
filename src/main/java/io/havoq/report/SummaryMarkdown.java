package io.havoq.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** {@code summary.md}: the findings, most severe first, and the table of experiments, for people. */
final class SummaryMarkdown {
    private SummaryMarkdown() {}

    static String of(ObjectNode summary) {
        var text = new StringBuilder("# Havoq: ")
                .append(FinalTable.totals(summary))
                .append("\n\n");
        text.append(row("environment", "broker", "seed", "started", "duration"));
        text.append(rule(5));
        text.append(row(
                summary.path("environment").asText(),
                summary.path("broker").asText(),
                summary.path("seed").asText(),
                summary.path("startedAt").asText(),
                Figures.seconds(summary.path("durationMillis").asLong())));
        text.append('\n')
                .append(cell(summary.path("description").asText()))
                .append("\n\n")
                .append("## Findings\n\n");
        findings(summary, text);
        text.append("\n## Experiments\n\n");
        experiments(summary, text);
        for (var experiment : summary.path("experiments")) {
            details(experiment, text);
        }
        return text.toString();
    }

    private static void findings(ObjectNode summary, StringBuilder text) {
        var findings = Findings.of(summary);
        if (findings.isEmpty()) {
            text.append(summary.path("experiments").isEmpty() ? "No experiment ran.\n" : "None.\n");
        }
        for (var finding : findings) {
            text.append("- **")
                    .append(finding.severity())
                    .append("** ")
                    .append(cell(finding.experiment()))
                    .append(": ")
                    .append(finding.check().isEmpty() ? "" : "`" + finding.check() + "`: ")
                    .append(cell(finding.message()))
                    .append('\n');
        }
    }

    private static void experiments(ObjectNode summary, StringBuilder text) {
        var head = List.of(
                "verdict",
                "experiment",
                "targets",
                "service RTO",
                "cluster RTO",
                "objective",
                "sent (QoS 0/1/2)",
                "acknowledged",
                "lost",
                "duplicates");
        text.append(row(head.toArray(String[]::new))).append(rule(head.size()));
        for (var experiment : summary.path("experiments")) {
            text.append(row(Figures.row(experiment)));
        }
    }

    private static void details(JsonNode experiment, StringBuilder text) {
        text.append("\n### ").append(cell(Figures.name(experiment))).append("\n\n");
        bullet(text, "proof", Figures.proof(experiment));
        if (!Figures.held(experiment).equals(Figures.NONE)) {
            bullet(text, "in force", Figures.held(experiment));
        }
        experiment.path("injection").path("figures").forEach(figure -> bullet(text, "engine", figure.asText()));
        for (var outage : experiment.path("recovery").path("outages")) {
            bullet(
                    text,
                    "outage",
                    outage.path("from").asText() + ", "
                            + Figures.seconds(outage.path("durationMillis").asLong()));
        }
        bullet(
                text,
                "acknowledged inside the fault or outage window",
                experiment.path("acknowledgedInWindow").asText());
        for (var check : experiment.path("checklist")) {
            bullet(
                    text,
                    check.path("state").asText(),
                    check.path("level").asText() + ": " + check.path("check").asText() + ": "
                            + check.path("detail").asText());
        }
        experiment.path("notes").forEach(note -> bullet(text, "note", note.asText()));
    }

    private static void bullet(StringBuilder text, String name, String value) {
        text.append("- ").append(name).append(": ").append(cell(value)).append('\n');
    }

    private static String row(String... cells) {
        return Arrays.stream(cells).map(SummaryMarkdown::cell).collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static String rule(int columns) {
        return "|" + " --- |".repeat(columns) + "\n";
    }

    /** One line, with what would break a table made harmless. */
    private static String cell(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ").replace("|", "\\|").replace("<", "&lt;");
    }
}
