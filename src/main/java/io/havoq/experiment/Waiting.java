package io.havoq.experiment;

import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Bounded waits that say what was waited for. */
final class Waiting {
    private static final Duration POLL = Duration.ofMillis(10);

    /** What is in force is asked of the engine, and that may be far away. */
    private static final Duration HOLDING_POLL = Duration.ofMillis(100);

    private Waiting() {}

    /**
     * Waits until the time has passed or the condition, asked ten times a second, no longer holds; returns whether it held until
     * then. Ends at once when the thread is interrupted, which Awaitility notices only at the end.
     */
    static boolean holds(Duration span, Callable<Boolean> condition) throws Exception {
        var until = RunClock.now() + span.toNanos();
        while (condition.call()) {
            var left = until - RunClock.now();
            if (left <= 0) {
                return true;
            }
            LockSupport.parkNanos(Math.min(left, HOLDING_POLL.toNanos()));
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted, by a time-out of the test for instance");
            }
        }
        return false;
    }

    /** Waits; throws {@link ConditionTimeoutException}, naming what, if it does not become true within the bound. */
    static void until(String what, Duration bound, Callable<Boolean> condition) {
        // Exceptions of other threads are no business of this wait.
        Awaitility.await(what)
                .dontCatchUncaughtExceptions()
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .atMost(bound)
                .until(condition);
    }

    /** Waits; returns whether it became true within the bound. */
    static boolean becomes(String what, Duration bound, Callable<Boolean> condition) {
        try {
            until(what, bound, condition);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }
}
