package io.havoq.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.havoq.Level;
import io.havoq.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What was found in a run, most severe first: by verdict, then MUST before SHOULD, then in the order it was found. */
final class Findings {

    /**
     * One finding.
     *
     * @param severity {@code failed}, {@code inconclusive}, {@code unsupported} or {@code warning}
     */
    record Finding(String severity, String experiment, String check, String message) {}

    /** A finding of that verdict, or a warning. */
    private record Ranked(@Nullable Verdict verdict, Finding finding) {}

    private Findings() {}

    static List<Finding> of(ObjectNode summary) {
        var ranked = new ArrayList<Ranked>();
        for (var experiment : summary.path("experiments")) {
            collect(experiment, ranked);
        }
        return ranked.stream()
                .sorted(Comparator.comparing(Ranked::verdict, Comparator.nullsLast(Comparator.naturalOrder())))
                .map(Ranked::finding)
                .toList();
    }

    static Verdict verdict(JsonNode experiment) {
        return Verdict.valueOf(experiment.path("verdict").asText().toUpperCase(Locale.ROOT));
    }

    private static void collect(JsonNode experiment, List<Ranked> into) {
        var name = Figures.name(experiment);
        var verdict = verdict(experiment);
        var explained = false;
        for (var violation : experiment.path("violations")) {
            var decided = verdict != Verdict.PASSED
                    && violation.path("level").asText().equals(Level.MUST.name());
            explained |= decided;
            into.add(new Ranked(
                    decided ? verdict : null,
                    new Finding(
                            decided ? verdict.word() : "warning",
                            name,
                            violation.path("check").asText(),
                            violation.path("message").asText())));
        }
        // A verdict without a violation of its own still has a cause.
        if (verdict != Verdict.PASSED && !explained) {
            var reason = experiment.path("reason").asText("no reason was given");
            into.add(new Ranked(verdict, new Finding(verdict.word(), name, "", reason)));
        }
    }
}
