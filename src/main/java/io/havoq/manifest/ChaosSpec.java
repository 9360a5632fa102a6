package io.havoq.manifest;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What one manifest asks for: the fault's kind and figures, who is hit, and for how long. */
public sealed interface ChaosSpec
        permits PodChaos, NetworkChaos, DnsChaos, TimeChaos, StressChaos, IoChaos, KernelChaos {
    /** The kind as the manifest writes it, e.g. {@code PodChaos}. */
    String kind();

    /** {@code metadata.name}. */
    String name();

    /** The action in a few words for people, e.g. {@code pod-kill}. */
    String action();

    /** Who may be hit, and how many of them. */
    Selection selection();

    /** The pods on the other side of a fault between pods; empty for faults of one side, and where none are named. */
    default Optional<Selection> target() {
        return Optional.empty();
    }

    /** How long the fault stays in force if nobody removes it; empty for one-shot faults and where the manifest gives none. */
    Optional<Duration> duration();

    /** The containers that are hit; empty for the pod as a whole or, where the kind hits a container, its first one. */
    List<String> containerNames();

    /** The same fault on other pods. */
    ChaosSpec withSelection(Selection other);
}
