package io.havoq.manifest;

import io.havoq.manifest.StressChaos.Cpu;
import io.havoq.manifest.StressChaos.Memory;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the spec of a StressChaos (Chaos Mesh {@code api/v1alpha1/stresschaos_types.go}, {@code stresschaos_webhook.go}; memStress
 * {@code main.go}).
 */
final class StressChaosReader {
    private static final String STRESSORS = "cpu or memory";

    private static final Map<String, String> UNWANTED = Map.of(
            "remoteCluster", "is not supported: Havoq injects into one cluster",
            "action", "is no field of a StressChaos: remove it, 'stressors' says what is done",
            "stressngStressors",
                    "is not supported, and overrides 'stressors' in Chaos Mesh: expected stressors with " + STRESSORS,
            "cpu", "belongs below 'stressors': move it there",
            "memory", "belongs below 'stressors': move it there");

    private static final String OPTIONS = "is not supported: options of stress-ng and memStress are Chaos Mesh's own";

    private StressChaosReader() {}

    static Optional<ChaosSpec> read(Fields spec, String name, String namespace) {
        var selection = SelectionReader.read(spec, namespace);
        var containerNames = spec.texts("containerNames", TextRule.DNS_LABEL);
        spec.require("stressors", STRESSORS + ", each with its workers");
        var stressors = spec.mapping("stressors");
        var cpu = stressors.flatMap(fields -> fields.mapping("cpu")).flatMap(StressChaosReader::cpu);
        var memory = stressors.flatMap(fields -> fields.mapping("memory")).flatMap(StressChaosReader::memory);
        var duration = spec.duration("duration");
        stressors.ifPresent(fields -> {
            if (fields.isEmpty()) {
                fields.problemHere("is empty: expected " + STRESSORS);
            }
            fields.refuseOthers(Map.of("vm", "is called 'memory' by Chaos Mesh: rename it"));
        });
        spec.refuseOthers(UNWANTED);
        return spec.hasProblems() || (cpu.isEmpty() && memory.isEmpty())
                ? Optional.empty()
                : selection.map(pods -> new StressChaos(name, pods, containerNames, cpu, memory, duration));
    }

    private static Optional<Cpu> cpu(Fields fields) {
        var workers = workers(fields);
        var load = fields.number("load", 0, 100).map(Math::toIntExact);
        load.filter(given -> given == 0)
                .ifPresent(none -> fields.problem("load", "is 0: such workers sleep, expected 1 to 100"));
        fields.refuseOthers(Map.of("options", OPTIONS));
        return fields.hasProblems()
                ? Optional.empty()
                // stress-ng(1): --cpu-load defaults to 100
                : workers.map(number -> new Cpu(number, load.orElse(100)));
    }

    private static Optional<Memory> memory(Fields fields) {
        var workers = workers(fields);
        fields.require("size", "what the workers take together, e.g. 256MB or 50%: without it they take nothing");
        var size = fields.text("size", MemorySize.RULE).map(MemorySize::parse);
        var adjustment = fields.number("oomScoreAdj", -1000, 1000).map(Math::toIntExact);
        fields.refuseOthers(
                Map.of("options", OPTIONS, "time", "is an option of memStress, which are not supported: remove it"));
        return fields.hasProblems()
                ? Optional.empty()
                : workers.flatMap(number -> size.map(taken -> new Memory(number, taken, adjustment.orElse(0))));
    }

    /** Zero workers are accepted by Chaos Mesh since 2.1, which then does nothing and says Injected. */
    private static Optional<Integer> workers(Fields fields) {
        fields.require("workers", "how many there are, 1 or more");
        var workers = fields.number("workers", 0, StressChaos.MOST_WORKERS).map(Math::toIntExact);
        workers.filter(given -> given == 0)
                .ifPresent(none -> fields.problem(
                        "workers", "is 0, which stresses nothing though Chaos Mesh accepts it: expected 1 or more"));
        return workers;
    }
}
