package io.havoq.fault.chaosmesh;

import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * How often the cluster is asked, and how long one answer may take.
 *
 * @param poll between two looks at an object or a pod
 * @param request until one answer of the API server
 * @param retries how long a request is repeated that failed for a reason that may pass
 * @param exec until a command in a container has ended
 * @param finalizer how long a new object may be without Chaos Mesh's finalizer before it is deleted nevertheless
 * @param silence how long the API server may be silent before a fault no longer counts as in force
 */
record Pace(Duration poll, Duration request, Duration retries, Duration exec, Duration finalizer, Duration silence) {
    static final Pace USUAL = new Pace(
            Duration.ofMillis(500),
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            Duration.ofSeconds(20),
            Duration.ofSeconds(2),
            Duration.ofSeconds(30));

    /** Lets a while pass; returns early when the thread is interrupted. */
    static void rest(Duration span) {
        var until = RunClock.now() + span.toNanos();
        for (var left = span.toNanos();
                left > 0 && !Thread.currentThread().isInterrupted();
                left = until - RunClock.now()) {
            LockSupport.parkNanos(left);
        }
    }

    /** The same, whatever interrupts; the thread's flag is kept. */
    static void restUndisturbed(Duration span) {
        var until = RunClock.now() + span.toNanos();
        var interrupted = false;
        for (var left = span.toNanos(); left > 0; left = until - RunClock.now()) {
            interrupted |= Thread.interrupted();
            LockSupport.parkNanos(left);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
