package io.havoq.recovery;

import java.util.Arrays;

/**
 * Completed round trips of one probe or path: when each began and when it was complete, in the order of completion.
 * Immutable; monotonic nanoseconds of this machine.
 */
final class Timeline {
    private final long[] begins;
    private final long[] ends;

    /** Takes the arrays over; {@code ends} must ascend. */
    Timeline(long[] begins, long[] ends) {
        if (begins.length != ends.length) {
            throw new IllegalArgumentException(begins.length + " begins for " + ends.length + " ends");
        }
        this.begins = begins;
        this.ends = ends;
    }

    int size() {
        return ends.length;
    }

    long begin(int index) {
        return begins[index];
    }

    long end(int index) {
        return ends[index];
    }

    /** The round trips begun at or after an instant: only they say something about the time since then. */
    Timeline begunFrom(long nanos) {
        var keptBegins = new long[ends.length];
        var keptEnds = new long[ends.length];
        var kept = 0;
        for (var i = 0; i < ends.length; i++) {
            if (begins[i] - nanos >= 0) {
                keptBegins[kept] = begins[i];
                keptEnds[kept++] = ends[i];
            }
        }
        return new Timeline(Arrays.copyOf(keptBegins, kept), Arrays.copyOf(keptEnds, kept));
    }

    /** How many completed within a time, both ends included. */
    int completedWithin(long fromNanos, long untilNanos) {
        var count = 0;
        for (var end : ends) {
            if (end - fromNanos >= 0 && end - untilNanos <= 0) {
                count++;
            }
        }
        return count;
    }
}
