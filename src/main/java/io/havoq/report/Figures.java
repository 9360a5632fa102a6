package io.havoq.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How the table and the Markdown summary word the figures of {@code summary.json}. */
final class Figures {
    static final String NONE = "-";

    private Figures() {}

    static String name(JsonNode experiment) {
        return experiment.path("id").asText();
    }

    static String targets(JsonNode experiment) {
        return joined(experiment.path("injection").path("targets"), ", ");
    }

    static String proof(JsonNode experiment) {
        return joined(experiment.path("injection").path("proof"), "; ");
    }

    /** How long a lasting fault was in force, beside what its manifest says: {@code 15.02 s (manifest 120.00 s)}. */
    static String held(JsonNode experiment) {
        var injection = experiment.path("injection");
        if (!injection.path("heldMillis").isNumber()) {
            return NONE;
        }
        return seconds(injection.path("heldMillis").asLong()) + " (manifest "
                + (injection.path("manifestDurationMillis").isNumber()
                        ? seconds(injection.path("manifestDurationMillis").asLong())
                        : "says nothing")
                + ")";
    }

    /** A recovery time beside its objective: {@code 1.20 s (<= 10 s)}. */
    static String rto(JsonNode experiment, String field) {
        var recovery = experiment.path("recovery");
        if (recovery.isMissingNode() || recovery.isNull()) {
            return NONE;
        }
        return recovery.path(field).isNumber()
                ? seconds(recovery.path(field).asLong())
                : "not within " + seconds(recovery.path("acceptableMillis").asLong());
    }

    /** Target and acceptable limit. */
    static String objective(JsonNode experiment) {
        var recovery = experiment.path("recovery");
        if (recovery.isMissingNode() || recovery.isNull()) {
            return NONE;
        }
        return round(recovery.path("targetMillis").asLong()) + "/"
                + round(recovery.path("acceptableMillis").asLong()) + " s";
    }

    /** One count of the ledger for QoS 0, 1 and 2: {@code 400/500/100}. */
    static String byQos(JsonNode experiment, String count) {
        var ledger = experiment.path("ledger");
        if (ledger.isMissingNode() || ledger.isNull()) {
            return NONE;
        }
        var counts = new ArrayList<String>();
        for (var qos : List.of("qos0", "qos1", "qos2")) {
            var value = ledger.path(qos).path(count);
            counts.add(value.isNumber() ? value.asText() : NONE);
        }
        return String.join("/", counts);
    }

    /** An experiment's row in a table: from its verdict to what was delivered twice. */
    static String[] row(JsonNode experiment) {
        return new String[] {
            experiment.path("verdict").asText(),
            name(experiment),
            targets(experiment),
            rto(experiment, "serviceRtoMillis"),
            rto(experiment, "clusterRtoMillis"),
            objective(experiment),
            byQos(experiment, "sent"),
            byQos(experiment, "acknowledged"),
            byQos(experiment, "lost"),
            byQos(experiment, "duplicates")
        };
    }

    static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.2f s", millis / 1000.0);
    }

    private static String round(long millis) {
        return millis % 1000 == 0 ? Long.toString(millis / 1000) : Double.toString(millis / 1000.0);
    }

    private static String joined(JsonNode texts, String separator) {
        var parts = new ArrayList<String>();
        texts.forEach(text -> parts.add(text.asText()));
        return parts.isEmpty() ? NONE : String.join(separator, parts);
    }
}
