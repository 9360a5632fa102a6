package io.havoq.manifest;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Kills a pod or its container, or makes it unavailable for a while.
 *
 * @param gracePeriod between the termination signal and the kill ({@code spec.gracePeriod}, seconds; 0 kills at once)
 * @param containerNames required for container-kill
 * @param powerOff the machine loses its power: its links are cut before its processes end, so that nobody is told
 *     ({@link #POWER_OFF}); the local engine alone does it
 */
public record PodChaos(
        String name,
        Action podAction,
        Selection selection,
        Duration gracePeriod,
        List<String> containerNames,
        Optional<Duration> duration,
        boolean powerOff)
        implements ChaosSpec {

    /** The annotation of the manifest that makes it a power-off; Chaos Mesh ignores it. */
    public static final String POWER_OFF = "havoq.io/power-off";

    /** Copies the names. */
    public PodChaos {
        containerNames = List.copyOf(containerNames);
    }

    /** Without a power-off. */
    public PodChaos(
            String name,
            Action podAction,
            Selection selection,
            Duration gracePeriod,
            List<String> containerNames,
            Optional<Duration> duration) {
        this(name, podAction, selection, gracePeriod, containerNames, duration, false);
    }

    /** The same, with the machine losing its power. */
    public PodChaos withPowerOff() {
        return new PodChaos(name, podAction, selection, gracePeriod, containerNames, duration, true);
    }

    /** A pod-kill without grace. */
    public static PodChaos podKill(String name, Selection selection) {
        return new PodChaos(name, Action.POD_KILL, selection, Duration.ZERO, List.of(), Optional.empty());
    }

    /** A container-kill of the named containers. */
    public static PodChaos containerKill(String name, Selection selection, List<String> containerNames) {
        return new PodChaos(name, Action.CONTAINER_KILL, selection, Duration.ZERO, containerNames, Optional.empty());
    }

    /** A pod-failure that lasts until it is removed, at the latest for this long. */
    public static PodChaos podFailure(String name, Selection selection, Duration duration) {
        return new PodChaos(name, Action.POD_FAILURE, selection, Duration.ZERO, List.of(), Optional.of(duration));
    }

    /** {@code spec.action}. */
    public enum Action {
        POD_KILL("pod-kill"),
        POD_FAILURE("pod-failure"),
        CONTAINER_KILL("container-kill");

        private final String text;

        Action(String text) {
            this.text = text;
        }

        /** As a manifest writes it. */
        public String text() {
            return text;
        }
    }

    @Override
    public String kind() {
        return "PodChaos";
    }

    @Override
    public String action() {
        return podAction.text();
    }

    @Override
    public PodChaos withSelection(Selection other) {
        return new PodChaos(name, podAction, other, gracePeriod, containerNames, duration, powerOff);
    }
}
