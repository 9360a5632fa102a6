package io.havoq.manifest;

import io.havoq.manifest.DnsChaos.Action;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the spec of a DNSChaos (Chaos Mesh {@code api/v1alpha1/dnschaos_type.go}). */
final class DnsChaosReader {
    private static final List<String> ACTIONS =
            Arrays.stream(Action.values()).map(Action::text).toList();

    private static final Map<String, String> UNWANTED = Map.of(
            "remoteCluster", "is not supported: Havoq injects into one cluster",
            "domainNamePatterns", "is called 'patterns' by Chaos Mesh: rename it",
            "scope", "is of Chaos Mesh 1 and dropped since 2.0: expected 'patterns', or nothing for every name");

    private DnsChaosReader() {}

    static Optional<ChaosSpec> read(Fields spec, String name, String namespace) {
        spec.require("action", Words.orList(ACTIONS));
        var action = spec.text("action", TextRule.oneOf(ACTIONS)).map(DnsChaosReader::action);
        var selection = SelectionReader.read(spec, namespace);
        var containerNames = spec.texts("containerNames", TextRule.DNS_LABEL);
        var patterns = spec.texts("patterns", DnsPattern.RULE);
        var duration = spec.duration("duration");
        spec.refuseOthers(UNWANTED);
        for (var pattern : patterns) {
            // the server enters a pattern with and without the final dot, and refuses what is there already
            if (pattern.endsWith(".") && patterns.contains(pattern.substring(0, pattern.length() - 1))) {
                spec.problem(
                        "patterns",
                        "holds '" + pattern + "' with and without the final dot, which Chaos Mesh refuses: expected one"
                                + " of them");
            }
        }
        return action.flatMap(
                given -> selection.map(pods -> new DnsChaos(name, given, pods, containerNames, patterns, duration)));
    }

    private static Action action(String text) {
        return Arrays.stream(Action.values())
                .filter(action -> action.text().equals(text))
                .findFirst()
                .orElseThrow();
    }
}
