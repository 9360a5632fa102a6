package io.havoq.experiment;

import io.havoq.Invariant;
import io.havoq.environment.Role;
import io.havoq.recovery.Objective;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One experiment as its test declares it.
 *
 * @param invocation the test's identity in its engine, the same when it is run again
 * @param label for people and for the results' id, e.g. {@code PodKillIT.leader}
 * @param manifests locations, none for a baseline
 */
public record ExperimentDefinition(
        String invocation,
        String label,
        String testClass,
        String testName,
        List<String> tags,
        List<String> manifests,
        Optional<Objective> objective,
        Map<Invariant, String> tolerated,
        Optional<Role> victim,
        boolean measuresThroughput) {

    /** Copies the collections. */
    public ExperimentDefinition {
        tags = List.copyOf(tags);
        manifests = List.copyOf(manifests);
        tolerated = Map.copyOf(tolerated);
    }

    /** No fault: load, checks and judgement only. */
    public boolean baseline() {
        return manifests.isEmpty();
    }
}
