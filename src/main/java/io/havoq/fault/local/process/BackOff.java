package io.havoq.fault.local.process;

import java.time.Duration;

/**
 * How long a container waits before it is started again: at once the first time, then 10 s, doubled with every restart up to
 * 5 min, afresh after 10 min without an end. A kubelet's figures (Kubernetes, "Container restart policy").
 */
final class BackOff {
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LARGEST = Duration.ofMinutes(5);
    private static final Duration FORGIVEN = Duration.ofMinutes(10);

    private Duration next = Duration.ZERO;

    /** The wait before this restart, after the container ran for so long. */
    Duration next(Duration ran) {
        if (ran.compareTo(FORGIVEN) >= 0) {
            reset();
        }
        var wait = next;
        if (wait.isZero()) {
            next = FIRST;
        } else {
            var doubled = wait.multipliedBy(2);
            next = doubled.compareTo(LARGEST) > 0 ? LARGEST : doubled;
        }
        return wait;
    }

    void reset() {
        next = Duration.ZERO;
    }
}
