package io.havoq.experiment;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Bounded waits that say what was waited for. */
final class Waiting {
    private static final Duration POLL = Duration.ofMillis(10);

    /** What is in force is asked of the engine, and that may be far away. */
    private static final Duration HOLDING_POLL = Duration.ofMillis(100);

    private Waiting() {}

    /** Waits until the time has passed; returns whether the condition held until then, asked ten times a second. */
    static boolean holds(String what, Duration span, Callable<Boolean> condition) {
        if (span.isNegative() || span.isZero()) {
            return true;
        }
        try {
            Awaitility.await(what)
                    .dontCatchUncaughtExceptions()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(HOLDING_POLL)
                    .atMost(span)
                    .until(() -> !condition.call());
            return false;
        } catch (ConditionTimeoutException e) {
            return true;
        }
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
