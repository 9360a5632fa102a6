package io.havoq.ledger;

import io.havoq.time.RunClock;
import java.util.Locale;

/**
 * The ledger's times of messages: 32 bits each, in steps of 65.5 us from the ledger's start, which reach 78 hours; later
 * times stand at the end. Immutable.
 */
record Times(long startNanos) {
    private static final int STEP = 16;

    int pack(long nanos) {
        return (int) Math.max(0, Math.min(0xFFFFFFFFL, (nanos - startNanos) >> STEP));
    }

    long nanos(int packed) {
        return startNanos + (Integer.toUnsignedLong(packed) << STEP);
    }

    /** True from the first time on and before the second, each rounded down to a step as recorded times are. */
    boolean within(int packed, long fromNanos, long toNanos) {
        return Integer.compareUnsigned(packed, pack(fromNanos)) >= 0
                && Integer.compareUnsigned(packed, pack(toNanos)) < 0;
    }

    /** For people: relative to the ledger's start, and by the wall clock. */
    String text(long nanos) {
        return String.format(
                Locale.ROOT,
                "+%.1f ms (%s)",
                (nanos - startNanos) / 1e6,
                RunClock.instant(nanos).toString());
    }
}
