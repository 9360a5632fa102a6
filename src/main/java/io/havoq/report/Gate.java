package io.havoq.report;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.havoq.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides a build's run from {@code summary.json}: red if anything failed or was inconclusive, and red if nothing was
 * shown at all. It reads every invocation, so a rerun that passed cannot make a run green in which the same experiment failed.
 */
public final class Gate {
    private final Path file;
    private final String run;
    private final boolean unsupportedFails;

    Gate(Path file, String run, boolean unsupportedFails) {
        this.file = file;
        this.run = run;
        this.unsupportedFails = unsupportedFails;
    }

    /**
     * Called by the build at {@code verify}.
     *
     * @param arguments {@code summary.json}, the run's name, then {@code name=value} of every switch that skips experiments
     * @throws RedRunException if the run is red; its message says why and what to do
     */
    public static void main(String... arguments) {
        decide(System.out::println, arguments);
    }

    static void decide(Consumer<String> out, String... arguments) {
        if (arguments.length < 2) {
            throw new IllegalArgumentException(
                    "expected: <summary.json> <run> [skipITs=false ...], got " + Arrays.toString(arguments));
        }
        var skip = Skips.of(List.of(arguments).subList(2, arguments.length));
        if (skip.isPresent()) {
            out.accept("[havoq] gate: skipped, experiments were not asked for (" + skip.get() + ")");
            return;
        }
        var gate = new Gate(
                Path.of(arguments[0]),
                arguments[1],
                unsupportedFails(System.getProperty("havoq.unsupported"), System.getenv()));
        var problem = gate.problem();
        if (problem.isPresent()) {
            throw new RedRunException("Havoq: " + problem.get());
        }
        out.accept("[havoq] gate: green");
    }

    /** As the extension has it: a setting, and without it red in CI, where nobody reads a skip. */
    static boolean unsupportedFails(@Nullable String setting, Map<String, String> environment) {
        return (setting == null || setting.isBlank())
                ? environment.containsKey("CI")
                : setting.strip().equals("fail");
    }

    /** Why the run is red; empty when it is green. */
    Optional<String> problem() {
        if (!Files.exists(file)) {
            return Optional.of("no experiment ran: " + file + " was not written. Expected at least one experiment "
                    + "(a test *IT with @ChaosExperiment) to match the selection (-Dgroups, -DexcludedGroups, -Dit.test); "
                    + "to build without experiments say -DskipITs");
        }
        ObjectNode summary;
        try {
            if (!(SummaryWriter.MAPPER.readTree(file.toFile()) instanceof ObjectNode node)) {
                return Optional.of(file + " is not a JSON object: expected a summary of schema " + SummaryJson.SCHEMA);
            }
            summary = node;
        } catch (JacksonException e) {
            return Optional.of(file + " cannot be read as JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            return Optional.of(file + " cannot be read: " + e);
        }
        return judge(summary);
    }

    private Optional<String> judge(ObjectNode summary) {
        if (summary.path("schema").asInt() != SummaryJson.SCHEMA) {
            return Optional.of(file + " has schema " + summary.path("schema") + ": expected " + SummaryJson.SCHEMA);
        }
        if (!summary.path("run").asText().equals(run)) {
            return Optional.of("no experiment ran: " + file + " is of run '"
                    + summary.path("run").asText() + "', this is run '" + run + "'");
        }
        var experiments = summary.path("experiments");
        if (experiments.isEmpty()) {
            return Optional.of("no experiment ran: " + file + " lists none");
        }
        for (var experiment : experiments) {
            var word = experiment.path("verdict").asText();
            if (Arrays.stream(Verdict.values())
                    .noneMatch(verdict -> verdict.word().equals(word))) {
                return Optional.of(file + ": " + Figures.name(experiment) + " has the verdict '" + word
                        + "': expected failed, inconclusive, unsupported or passed");
            }
        }
        if (FinalTable.count(summary, Verdict.UNSUPPORTED) == experiments.size()) {
            return Optional.of("nothing was shown: " + FinalTable.totals(summary)
                    + ". This environment cannot carry out any of them"
                    + offenders(summary, Set.of(Verdict.UNSUPPORTED)));
        }
        var red = EnumSet.of(Verdict.FAILED, Verdict.INCONCLUSIVE);
        if (unsupportedFails) {
            red.add(Verdict.UNSUPPORTED);
        }
        return red.stream().anyMatch(verdict -> FinalTable.count(summary, verdict) > 0)
                ? Optional.of(FinalTable.totals(summary) + offenders(summary, red))
                : Optional.empty();
    }

    private static String offenders(ObjectNode summary, Set<Verdict> verdicts) {
        var lines = new ArrayList<String>();
        for (var experiment : summary.path("experiments")) {
            if (verdicts.contains(Findings.verdict(experiment))) {
                lines.add("\n  " + experiment.path("verdict").asText() + "  "
                        + experiment.path("id").asText() + ": "
                        + Ascii.of(experiment.path("reason").asText("no reason was given")));
            }
        }
        return String.join("", lines);
    }

    /** The run is red. Without a stack trace: the build prints the exception, and only its message is for the reader. */
    static final class RedRunException extends RuntimeException {
        private static final long serialVersionUID = 1;

        RedRunException(String message) {
            super(message, null, false, false);
        }
    }
}
