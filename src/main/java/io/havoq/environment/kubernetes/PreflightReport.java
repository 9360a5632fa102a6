package io.havoq.environment.kubernetes;

import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is there for experiments, what is missing, and what to do about it.
 *
 * @param chaosMesh the version of Chaos Mesh; empty where it is not known
 */
record PreflightReport(List<PreflightRow> rows, String chaosMesh) {
    PreflightReport {
        rows = List.copyOf(rows);
    }

    /** What makes every experiment impossible. */
    Optional<String> impossible() {
        var missing = rows.stream()
                .filter(PreflightRow::everything)
                .map(row -> row.what() + ": " + row.found() + (row.remedy().isEmpty() ? "" : "; " + row.remedy()))
                .toList();
        return missing.isEmpty() ? Optional.empty() : Optional.of(String.join(" | ", missing));
    }

    /** What makes a fault impossible: the first line of the table that does. */
    Optional<Support.Unsupported> unsupported(ChaosSpec spec) {
        return rows.stream()
                .filter(row ->
                        row.state() == PreflightRow.State.MISSING && row.needs().test(spec))
                .findFirst()
                .map(row -> new Support.Unsupported("preflight: " + row.what() + ": " + row.found(), row.remedy()));
    }

    /** Whether nothing at all is missing. */
    boolean complete() {
        return rows.stream().noneMatch(row -> row.state() == PreflightRow.State.MISSING);
    }

    /** The lines of a table, the remedies below the lines that they are for. */
    List<String> table() {
        var width = rows.stream().mapToInt(row -> row.what().length()).max().orElse(0);
        var lines = new ArrayList<String>();
        for (var row : rows) {
            lines.add(word(row.state()) + "  " + row.what()
                    + " ".repeat(width - row.what().length()) + "  " + row.found());
            if (!row.remedy().isEmpty()) {
                lines.add(" ".repeat(9 + width) + "  -> " + row.remedy());
            }
        }
        return lines;
    }

    private static String word(PreflightRow.State state) {
        return switch (state) {
            case OK -> "ok     ";
            case MISSING -> "MISSING";
            case WARNING -> "warning";
        };
    }

    @Override
    public String toString() {
        return table().stream().collect(Collectors.joining("\n"));
    }
}
