package io.havoq.fault.local.network;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counts durations to within 1.6 %, without a lock and without garbage; the sandbox has no library for it. */
final class DurationHistogram {
    private static final int STEP_BITS = 6;
    private static final int STEPS = 1 << STEP_BITS;

    private final AtomicLongArray counts = new AtomicLongArray((Long.SIZE - STEP_BITS) * STEPS);

    void record(long nanos) {
        counts.incrementAndGet(index(Math.max(0, nanos)));
    }

    long[] snapshot() {
        var copy = new long[counts.length()];
        for (var i = 0; i < copy.length; i++) {
            copy[i] = counts.get(i);
        }
        return copy;
    }

    /** What was recorded after this snapshot. */
    SwitchHealth.Spread since(long[] snapshot) {
        var counted = snapshot();
        long total = 0;
        for (var i = 0; i < counted.length; i++) {
            counted[i] -= snapshot[i];
            total += counted[i];
        }
        return new SwitchHealth.Spread(
                total, quantile(counted, total, 0.5), quantile(counted, total, 0.99), quantile(counted, total, 1));
    }

    private static long quantile(long[] counted, long total, double quantile) {
        var rank = (long) Math.ceil(quantile * total);
        long seen = 0;
        for (var i = 0; i < counted.length; i++) {
            seen += counted[i];
            if (counted[i] > 0 && seen >= rank) {
                return highest(i);
            }
        }
        return 0;
    }

    /** Up to {@link #STEPS} a step for each value; above, that many steps for each power of two. */
    private static int index(long value) {
        if (value < STEPS) {
            return (int) value;
        }
        var shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(value) - STEP_BITS;
        return (shift + 1) * STEPS + (int) (value >>> shift) - STEPS;
    }

    /** The highest value that is counted at this index. */
    private static long highest(int index) {
        if (index < STEPS) {
            return index;
        }
        var shift = index / STEPS - 1;
        return ((long) (index % STEPS + STEPS + 1) << shift) - 1;
    }
}
