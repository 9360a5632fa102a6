package io.havoq.recovery;

import io.havoq.time.RunClock;
import java.util.Arrays;

/** The growing record of one probe's or path's completed round trips, 16 bytes each. Thread-safe. */
final class RoundTrips {
    private long[] begins = new long[256];
    private long[] ends = new long[256];
    private int size;

    /** Records a round trip as complete now; the clock is read under the lock, so that completions ascend. */
    synchronized long complete(long beginNanos) {
        if (size == ends.length) {
            begins = Arrays.copyOf(begins, size * 2);
            ends = Arrays.copyOf(ends, size * 2);
        }
        var now = RunClock.now();
        begins[size] = beginNanos;
        ends[size++] = now;
        return now;
    }

    synchronized Timeline timeline() {
        return new Timeline(Arrays.copyOf(begins, size), Arrays.copyOf(ends, size));
    }
}
