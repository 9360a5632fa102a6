package io.havoq.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The head of an experiment's page in the report, in Markdown: verdict, fault and proof, recovery, ledger, notes. */
final class AllureDescription {
    private AllureDescription() {}

    static String of(ExperimentResult result) {
        var json = SummaryJson.experiment(result, 0);
        var lines = new ArrayList<String>();
        lines.add("**" + result.verdict().word() + "**"
                + result.reason()
                        .map(reason -> ": " + inline(VerdictLine.plain(reason)))
                        .orElse(""));
        result.injection().ifPresent(injection -> {
            lines.add("**Fault** on " + inline(Figures.targets(json)));
            injection.heldMillis().ifPresent(held -> lines.add("**In force** " + Figures.held(json)));
            injection.proof().forEach(proof -> lines.add("**Proof** " + inline(proof)));
        });
        result.recovery()
                .ifPresent(recovery -> lines.add("**Recovery** service RTO " + Figures.rto(json, "serviceRtoMillis")
                        + ", cluster RTO " + Figures.rto(json, "clusterRtoMillis") + ", objective "
                        + Figures.objective(json) + " (target/acceptable), outages: "
                        + recovery.outages().size()));
        if (!result.ledger().isEmpty()) {
            var counts = new ArrayList<String>();
            for (var count : List.of("sent", "acknowledged", "unknown", "lost", "duplicates")) {
                counts.add(count + " " + Figures.byQos(json, count));
            }
            lines.add("**Ledger** (QoS 0/1/2) " + String.join(", ", counts) + "; " + result.acknowledgedInWindow()
                    + " acknowledged inside the fault or outage window");
            lines.add(String.format(
                    Locale.ROOT,
                    "**Deliveries per second** %.0f before, %.0f during, %.0f after",
                    result.throughput().before(),
                    result.throughput().during(),
                    result.throughput().after()));
        }
        result.notes().forEach(note -> lines.add("**Note** " + inline(note)));
        return String.join("\n\n", lines);
    }

    private static String inline(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ").replace("<", "&lt;");
    }
}
