package io.havoq.recovery;

import java.util.ArrayList;
import java.util.List;

/**
 * The times in which the probe itself did not run (a pause of this JVM or machine): what it did not see then, it must not
 * hold against the broker. Thread-safe.
 */
final class Stalls {
    /** One such time, in monotonic nanoseconds. */
    record Stall(long fromNanos, long untilNanos) {}

    private final List<Stall> stalls = new ArrayList<>();

    synchronized void add(long fromNanos, long untilNanos) {
        stalls.add(new Stall(fromNanos, untilNanos));
    }

    synchronized List<Stall> list() {
        return List.copyOf(stalls);
    }

    /** How much of a time the probe did not run. */
    synchronized long within(long fromNanos, long untilNanos) {
        var total = 0L;
        for (var stall : stalls) {
            var begin = stall.fromNanos() - fromNanos > 0 ? stall.fromNanos() : fromNanos;
            var end = stall.untilNanos() - untilNanos < 0 ? stall.untilNanos() : untilNanos;
            total += Math.max(0, end - begin);
        }
        return total;
    }
}
