package io.havoq.experiment;

import io.havoq.environment.Target;
import io.havoq.manifest.ManifestDocument;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A fault and the targets chosen for it.
 *
 * @param peers the other side of a fault between two sides; else nobody
 */
record PlannedFault(ManifestDocument document, List<Target> targets, List<Target> peers) {
    PlannedFault {
        targets = List.copyOf(targets);
        peers = List.copyOf(peers);
    }

    @Override
    public String toString() {
        return document.spec().kind() + " " + document.spec().action() + " on "
                + names(targets)
                + (peers.isEmpty() ? "" : " and " + names(peers));
    }

    private static String names(List<Target> targets) {
        return targets.stream().map(Target::name).collect(Collectors.joining(", "));
    }
}
