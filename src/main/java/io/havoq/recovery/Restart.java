package io.havoq.recovery;

import io.havoq.environment.Target;
import io.havoq.manifest.ChaosSpec;

/** What a fault is expected to have done to a target's pod and container, as uid and restart count show it. */
public enum Restart {
    /** Same pod, no restart. */
    NONE,
    /** A new pod: another uid, restart count 0. */
    NEW_POD,
    /** A new pod, whose container may have been restarted since. */
    REPLACED,
    /** The same pod, its container restarted exactly once. */
    ONCE,
    /** The same pod, its container restarted once or more. */
    SOME,
    /** The same pod; its container may have been restarted, or not: by its own choice or by the kernel's. */
    PERHAPS;

    /** What a fault does to the targets that it hits. */
    public static Restart of(ChaosSpec spec) {
        return switch (spec.kind() + "/" + spec.action()) {
            case "PodChaos/pod-kill" -> NEW_POD;
            case "PodChaos/container-kill" -> ONCE;
            // Chaos Mesh replaces the image and puts it back: the container restarts for each.
            case "PodChaos/pod-failure" -> SOME;
            // Past its memory limit a container is ended by the kernel and starts anew; below it, it runs on.
            case "StressChaos/memory", "StressChaos/cpu+memory" -> PERHAPS;
            // A broker that cannot write may end, or run on.
            case "IOChaos/fault", "KernelChaos/slab", "KernelChaos/page", "KernelChaos/bio" -> PERHAPS;
            default -> NONE;
        };
    }

    /** What two faults do to a target that both hit, in whatever order. */
    public Restart and(Restart other) {
        if (this == NONE || other == NONE) {
            return this == NONE ? other : this;
        }
        if (replaces() || other.replaces()) {
            return this == NEW_POD && other == NEW_POD ? NEW_POD : REPLACED;
        }
        return this == PERHAPS && other == PERHAPS ? PERHAPS : SOME;
    }

    /** Whether the same container may have been started again, in its pod. */
    public boolean inItsPod() {
        return this == ONCE || this == SOME || this == PERHAPS;
    }

    private boolean replaces() {
        return this == NEW_POD || this == REPLACED;
    }

    boolean matches(Target before, Target now) {
        var samePod = before.uid().equals(now.uid());
        var restarts = now.restartCount() - before.restartCount();
        return switch (this) {
            case NONE -> samePod && restarts == 0;
            case NEW_POD -> !samePod && now.restartCount() == 0;
            case REPLACED -> !samePod;
            case ONCE -> samePod && restarts == 1;
            case SOME -> samePod && restarts >= 1;
            case PERHAPS -> samePod && restarts >= 0;
        };
    }

    String expectation(Target before) {
        return switch (this) {
            case NONE -> "uid " + before.uid() + " and restart count " + before.restartCount();
            case NEW_POD -> "another uid than " + before.uid() + " and restart count 0";
            case REPLACED -> "another uid than " + before.uid();
            case ONCE -> "uid " + before.uid() + " and restart count " + (before.restartCount() + 1);
            case SOME -> "uid " + before.uid() + " and a restart count above " + before.restartCount();
            case PERHAPS -> "uid " + before.uid() + " and a restart count of " + before.restartCount() + " or more";
        };
    }
}
