package io.havoq.fault.local.network;

import io.havoq.fault.local.network.PairCounters.Drop;
import java.util.EnumMap;
import java.util.Map;

/** The counters of a link or of a rule on it while they grow; guarded by the link. */
final class Tally {
    long passed;
    long bytes;
    long delayed;
    long duplicated;
    long corrupted;
    long reordered;
    private final Map<Drop, Long> dropped = new EnumMap<>(Drop.class);

    void pass(int length) {
        passed++;
        bytes += length;
    }

    void drop(Drop cause) {
        dropped.merge(cause, 1L, Long::sum);
    }

    long dropped(Drop cause) {
        return dropped.getOrDefault(cause, 0L);
    }

    PairCounters counters(int queued) {
        return new PairCounters(passed, bytes, delayed, duplicated, corrupted, reordered, queued, dropped);
    }
}
