package io.havoq.experiment;

import io.havoq.environment.Target;
import io.havoq.manifest.ManifestDocument;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

    /** How long the manifest says that it lasts. */
    Optional<Duration> duration() {
        return document.spec().duration();
    }

    /** Every node that the fault touches, on both sides. */
    List<String> touched() {
        return names(targets, others);
    }

    private static List<String> names(List<Target> one, List<Target> other) {
        return Stream.concat(one.stream(), other.stream())
                .map(Target::name)
                .distinct()
                .toList();
    }

    @Override
    public String toString() {
        return document.spec().kind() + " " + document.spec().action() + " on "
                + String.join(", ", names(targets, List.of()))
                + (others.isEmpty() ? "" : " towards " + String.join(", ", names(others, List.of())));
    }
}
