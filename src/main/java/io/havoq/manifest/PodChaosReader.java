package io.havoq.manifest;

import io.havoq.manifest.PodChaos.Action;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the spec of a PodChaos (Chaos Mesh {@code api/v1alpha1/podchaos_types.go}, {@code podchaos_webhook.go}). */
final class PodChaosReader {
    private static final List<String> ACTIONS =
            Arrays.stream(Action.values()).map(Action::text).toList();

    private PodChaosReader() {}

    static Optional<PodChaos> read(Fields spec, String name, String namespace) {
        spec.require("action", Words.orList(ACTIONS));
        var action = spec.text("action", TextRule.oneOf(ACTIONS)).map(PodChaosReader::action);
        var selection = SelectionReader.read(spec, namespace);
        var containerNames = spec.texts("containerNames", TextRule.DNS_LABEL);
        var duration = spec.duration("duration");
        var gracePeriod = spec.count("gracePeriod").map(Duration::ofSeconds).orElse(Duration.ZERO);
        spec.refuseOthers(Map.of("remoteCluster", "is not supported: Havoq injects into one cluster"));
        action.ifPresent(given -> refuseIgnored(spec, given));
        return action.flatMap(
                given -> selection.map(pods -> new PodChaos(name, given, pods, gracePeriod, containerNames, duration)));
    }

    private static void refuseIgnored(Fields spec, Action action) {
        var ignored = "is ignored by Chaos Mesh with action " + action.text();
        if (action != Action.POD_FAILURE && spec.has("duration")) {
            spec.problem("duration", ignored + ", a kill happens once: remove it");
        }
        if (action != Action.POD_KILL && spec.has("gracePeriod")) {
            spec.problem("gracePeriod", ignored + ", only pod-kill has it: remove it");
        }
        if (action == Action.CONTAINER_KILL) {
            spec.require("containerNames", "the containers to kill with action container-kill");
        } else if (spec.has("containerNames")) {
            spec.problem("containerNames", ignored + ", it hits whole pods: remove it");
        }
    }

    private static Action action(String text) {
        return Arrays.stream(Action.values())
                .filter(action -> action.text().equals(text))
                .findFirst()
                .orElseThrow();
    }
}
