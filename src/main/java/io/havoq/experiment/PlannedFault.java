package io.havoq.experiment;

import io.havoq.environment.Target;
import io.havoq.manifest.ManifestDocument;
import java.util.List;
import java.util.stream.Collectors;

/** A fault and the targets chosen for it. */
record PlannedFault(ManifestDocument document, List<Target> targets) {
    PlannedFault {
        targets = List.copyOf(targets);
    }

    @Override
    public String toString() {
        return document.spec().kind() + " " + document.spec().action() + " on "
                + targets.stream().map(Target::name).collect(Collectors.joining(", "));
    }
}
