package io.havoq.experiment;

import io.havoq.environment.Target;
import io.havoq.fault.Aim;
import io.havoq.manifest.ManifestDocument;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A fault and the targets chosen for it.
 *
 * @param others the nodes on the other side of a fault between nodes; empty for faults of one side
 */
record PlannedFault(ManifestDocument document, List<Target> targets, List<Target> others) {
    PlannedFault {
        targets = List.copyOf(targets);
        others = List.copyOf(others);
    }

    Aim aim() {
        return new Aim(document.spec(), targets, others);
    }

    /** How long the manifest says that it lasts. */
    Optional<Duration> duration() {
        return document.spec().duration();
    }

    /** Every node that the fault touches, on both sides. */
    List<String> touched() {
        return Stream.concat(targets.stream(), others.stream())
                .map(Target::name)
                .distinct()
                .toList();
    }

    private static String names(List<Target> nodes) {
        return nodes.stream().map(Target::name).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return document.spec().kind() + " " + document.spec().action() + " on " + names(targets)
                + (others.isEmpty() ? "" : " towards " + names(others));
    }
}
