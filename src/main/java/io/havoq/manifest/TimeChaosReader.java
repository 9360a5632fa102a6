package io.havoq.manifest;

import io.havoq.manifest.TimeChaos.ClockId;
import io.havoq.time.GoDuration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the spec of a TimeChaos (Chaos Mesh {@code api/v1alpha1/timechaos_types.go}, {@code timechaos_webhook.go}). */
final class TimeChaosReader {
    private static final List<String> CLOCKS =
            Arrays.stream(ClockId.values()).map(ClockId::name).toList();

    private static final TextRule OFFSET = text -> {
        try {
            return GoDuration.parse(text).isZero()
                    ? Optional.of("shifts nothing: expected a time other than 0, e.g. 5m or -90s")
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(
                    "is no time: expected e.g. 5m, -90s or 1h30m (units ns, us, ms, s, m, h), and at most 292"
                            + " years");
        }
    };

    private static final Map<String, String> UNWANTED = Map.of(
            "remoteCluster",
            "is not supported: Havoq injects into one cluster",
            "action",
            "is unknown: a TimeChaos has none, remove it",
            "offset",
            "is called 'timeOffset' by Chaos Mesh: rename it",
            "clockIDs",
            "is written 'clockIds': rename it");

    private TimeChaosReader() {}

    static Optional<ChaosSpec> read(Fields spec, String name, String namespace) {
        spec.require("timeOffset", "how far the clocks are shifted, e.g. 5m or -90s");
        var selection = SelectionReader.read(spec, namespace);
        var containerNames = spec.texts("containerNames", TextRule.DNS_LABEL);
        var offset = spec.text("timeOffset", OFFSET).map(GoDuration::parse);
        var clocks = spec.texts("clockIds", TextRule.oneOf(CLOCKS));
        var duration = spec.duration("duration");
        spec.refuseOthers(UNWANTED);
        if (spec.hasProblems()) {
            return Optional.empty();
        }
        var ids = clocks.isEmpty()
                ? TimeChaos.DEFAULT_CLOCKS
                : clocks.stream().map(ClockId::valueOf).toList();
        return offset.flatMap(
                shift -> selection.map(pods -> new TimeChaos(name, pods, containerNames, shift, ids, duration)));
    }
}
