package io.havoq.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.havoq.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The table that ends a run on the console: one line per experiment, its proof below it, then the findings. */
final class FinalTable {

    private FinalTable() {}

    static List<String> lines(ObjectNode summary) {
        var lines = new ArrayList<String>();
        lines.add("Havoq: environment " + summary.path("environment").asText() + ", broker "
                + summary.path("broker").asText() + ", seed "
                + summary.path("seed").asText() + ", "
                + Figures.seconds(summary.path("durationMillis").asLong()));
        var table = new TextTable()
                .row(
                        "verdict",
                        "experiment",
                        "targets",
                        "service RTO",
                        "cluster RTO",
                        "objective",
                        "sent q0/1/2",
                        "acked",
                        "lost",
                        "dup");
        for (var experiment : summary.path("experiments")) {
            table.row(Figures.row(experiment));
        }
        lines.addAll(table.lines());
        for (var experiment : summary.path("experiments")) {
            lines.add("proof of " + Figures.name(experiment) + ": " + Figures.proof(experiment));
        }
        for (var finding : Findings.of(summary)) {
            lines.add(finding.severity() + ": " + finding.experiment() + ": "
                    + (finding.check().isEmpty() ? "" : finding.check() + ": ")
                    + finding.message().lines().findFirst().orElse(""));
        }
        lines.add(totals(summary));
        return lines.stream().map(Ascii::of).toList();
    }

    /** {@code 3 experiments: 2 passed, 1 failed, ...}. */
    static String totals(ObjectNode summary) {
        var experiments = summary.path("experiments");
        return experiments.size()
                + (experiments.size() == 1 ? " experiment: " : " experiments: ")
                + Arrays.stream(Verdict.values())
                        .map(verdict -> count(summary, verdict) + " " + verdict.word())
                        .collect(Collectors.joining(", "));
    }

    static long count(ObjectNode summary, Verdict verdict) {
        long count = 0;
        for (var experiment : summary.path("experiments")) {
            count += Findings.verdict(experiment) == verdict ? 1 : 0;
        }
        return count;
    }
}
