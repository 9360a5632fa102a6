package io.havoq.recovery;

import io.havoq.Level;
import io.havoq.manifest.ChaosSpec;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * Within which time the cluster must be whole again. Between target and acceptable is a warning, past acceptable a failure.
 *
 * @param target the time aimed at; longer is a {@link Level#SHOULD} violation
 * @param acceptable the longest time that passes; longer, or never, is a {@link Level#MUST} violation
 */
public record Objective(Duration target, Duration acceptable) {
    /** A pod killed: it comes back as a new pod. */
    public static final Objective POD_KILL = ofSeconds(10, 30);

    /** A container killed: it restarts in its pod. */
    public static final Objective CONTAINER_KILL = ofSeconds(5, 15);

    /** A partition, from its healing. */
    public static final Objective NETWORK_PARTITION = ofSeconds(30, 60);

    /** A whole node lost. */
    public static final Objective NODE_FAILURE = ofSeconds(60, 120);

    /** What has no row of its own: the general "recovers within 30 s", with the partition's acceptable time. */
    public static final Objective GENERAL = ofSeconds(30, 60);

    /** Checks the order of the two. */
    public Objective {
        if (target.isNegative() || acceptable.compareTo(target) < 0) {
            throw new IllegalArgumentException("recovery objective: target " + target + " and acceptable " + acceptable
                    + ": expected 0 <= target <= acceptable");
        }
    }

    private static Objective ofSeconds(long target, long acceptable) {
        return new Objective(Duration.ofSeconds(target), Duration.ofSeconds(acceptable));
    }

    /** The default for one fault. */
    public static Objective of(ChaosSpec spec) {
        return of(spec.kind(), spec.action());
    }

    /** The default for a combination: the most time that one of its parts is given. */
    public static Objective of(Collection<? extends ChaosSpec> specs) {
        return specs.stream()
                .map(Objective::of)
                .max(Comparator.comparing(Objective::acceptable).thenComparing(Objective::target))
                .orElse(GENERAL);
    }

    static Objective of(String kind, String action) {
        return switch (kind + "/" + action) {
            // After pod-failure the container starts anew in its pod, as after a pod kill.
            case "PodChaos/pod-kill", "PodChaos/pod-failure" -> POD_KILL;
            case "PodChaos/container-kill" -> CONTAINER_KILL;
            case "NetworkChaos/partition" -> NETWORK_PARTITION;
            default -> GENERAL;
        };
    }

    /** How serious a recovery time is; empty if it met the target. An absent time is one that did not come within the bound. */
    public Optional<Level> judge(Optional<Duration> recovery) {
        if (recovery.isEmpty() || recovery.get().compareTo(acceptable) > 0) {
            return Optional.of(Level.MUST);
        }
        return recovery.get().compareTo(target) > 0 ? Optional.of(Level.SHOULD) : Optional.empty();
    }
}
