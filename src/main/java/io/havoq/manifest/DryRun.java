package io.havoq.manifest;

import io.havoq.time.GoDuration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Tells which targets manifests would hit with a given seed, and does nothing. */
public final class DryRun {
    private DryRun() {}

    /**
     * The lines to print.
     *
     * @throws ManifestException if manifests select nothing, for all of them at once
     */
    public static List<String> lines(
            List<ManifestDocument> documents, List<? extends Candidate> candidates, long seed) {
        var lines = new ArrayList<String>();
        var problems = new ArrayList<ManifestProblem>();
        lines.add("dry run with seed " + seed + ": nothing is injected");
        for (var document : documents) {
            try {
                lines.addAll(lines(document, candidates, seed));
            } catch (ManifestException e) {
                problems.addAll(e.problems());
            }
        }
        if (!problems.isEmpty()) {
            throw new ManifestException(problems);
        }
        return List.copyOf(lines);
    }

    private static <C extends Candidate> List<String> lines(ManifestDocument document, List<C> candidates, long seed) {
        var spec = document.spec();
        var choice = TargetSelector.select(document, candidates, seed);
        var lines = new ArrayList<String>();
        var line = document.line("kind");
        lines.add(document.source() + (line > 0 ? ":" + line : "") + ": " + spec.kind() + " " + spec.action() + " '"
                + spec.name() + "', mode " + spec.selection().mode().text() + " of " + choice.matching() + " matching"
                + direction(spec)
                + spec.duration()
                        .map(time -> ", for " + GoDuration.format(time))
                        .orElse(""));
        for (var target : choice.targets()) {
            lines.add("  would hit " + target.namespace() + "/" + target.name() + containers(spec, target));
        }
        TargetSelector.selectTarget(document, candidates, seed, choice).ifPresent(others -> {
            var selection = spec.target().orElseThrow();
            lines.add("  towards mode " + selection.mode().text() + " of " + others.matching() + " matching");
            for (var target : others.targets()) {
                lines.add("    target " + target.namespace() + "/" + target.name());
            }
        });
        if (spec instanceof NetworkChaos network) {
            network.externalTargets().forEach(external -> lines.add("    external target " + external));
        }
        if (spec instanceof DnsChaos dns) {
            lines.add("  for questions for "
                    + (dns.patterns().isEmpty() ? "every name" : String.join(", ", dns.patterns())));
        }
        if (spec instanceof TimeChaos time) {
            lines.add("  shifting " + time.clockIds().stream().map(Enum::name).collect(Collectors.joining(", ")));
        }
        if (spec instanceof StressChaos stress) {
            stress.cpu()
                    .ifPresent(cpu -> lines.add(
                            "  cpu: " + cpu.workers() + " workers of " + cpu.loadPercent() + " % of a processor"));
            stress.memory()
                    .ifPresent(memory -> lines.add("  memory: " + memory.workers() + " workers, "
                            + memory.size().text() + " together, oomScoreAdj " + memory.oomScoreAdj()));
        }
        if (spec instanceof IoChaos io) {
            lines.add("  " + io.percent() + " % of "
                    + (io.methods().isEmpty() ? "all operations" : String.join(", ", io.methods())) + " on "
                    + io.path().map(PathPattern::text).orElse(io.volumePath()));
        }
        return lines;
    }

    private static String direction(ChaosSpec spec) {
        return spec instanceof NetworkChaos network
                ? ", direction " + network.direction().text()
                : "";
    }

    private static String containers(ChaosSpec spec, Candidate target) {
        var hit = spec.containerNames().stream()
                .filter(target.containers()::contains)
                .toList();
        return hit.isEmpty() ? "" : ", container " + String.join(", ", hit);
    }
}
