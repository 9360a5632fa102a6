package io.havoq.fault.local.network;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What became of the packets of one pair, of all or of those that one rule saw.
 *
 * @param passed packets handed to the destination (of a rule: that it let go on), duplicates included
 * @param bytes their IP lengths
 * @param delayed packets that were held
 * @param duplicated packets that were doubled
 * @param corrupted packets with a flipped bit
 * @param reordered packets that left before one that came earlier
 * @param queued packets that are held now; of a rule: by the pair as a whole
 * @param dropped packets dropped, by cause
 */
public record PairCounters(
        long passed,
        long bytes,
        long delayed,
        long duplicated,
        long corrupted,
        long reordered,
        long queued,
        Map<Drop, Long> dropped) {
    private static final int PLAIN = 7;

    public PairCounters {
        dropped = Map.copyOf(dropped);
    }

    /** Packets dropped for this cause. */
    public long dropped(Drop cause) {
        return dropped.getOrDefault(cause, 0L);
    }

    /** Packets dropped for any cause. */
    public long droppedInAll() {
        return dropped.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What came since; what is queued now stays as it is. */
    public PairCounters since(PairCounters earlier) {
        var drops = new EnumMap<Drop, Long>(Drop.class);
        for (var cause : Drop.values()) {
            drops.put(cause, dropped(cause) - earlier.dropped(cause));
        }
        return new PairCounters(
                passed - earlier.passed,
                bytes - earlier.bytes,
                delayed - earlier.delayed,
                duplicated - earlier.duplicated,
                corrupted - earlier.corrupted,
                reordered - earlier.reordered,
                queued,
                drops);
    }

    /** The figures as words; {@link #parse} reads them. */
    public List<String> fields() {
        var fields = new ArrayList<String>();
        for (var figure : List.of(passed, bytes, delayed, duplicated, corrupted, reordered, queued)) {
            fields.add(Long.toString(figure));
        }
        for (var cause : Drop.values()) {
            fields.add(Long.toString(dropped(cause)));
        }
        return fields;
    }

    /**
     * Reads what {@link #fields} wrote.
     *
     * @throws IllegalArgumentException if it is not that
     */
    public static PairCounters parse(List<String> fields) {
        var causes = Drop.values();
        if (fields.size() != PLAIN + causes.length) {
            throw new IllegalArgumentException("not counters of a pair: " + fields);
        }
        var figures = fields.stream().mapToLong(Long::parseLong).toArray();
        var drops = new EnumMap<Drop, Long>(Drop.class);
        for (var i = 0; i < causes.length; i++) {
            drops.put(causes[i], figures[PLAIN + i]);
        }
        return new PairCounters(
                figures[0], figures[1], figures[2], figures[3], figures[4], figures[5], figures[6], drops);
    }

    /** Why a packet was dropped. */
    public enum Drop {
        /** The pair was partitioned. */
        PARTITION,
        /** Chosen to be lost. */
        LOSS,
        /** More than a shape's limit would have waited, or the packet was larger than its buffer. */
        SHAPE,
        /** A link of the node was cut: powered off. */
        CUT,
        /** The switch held all it is allowed to: its own failing, not the experiment's. */
        QUEUE,
        /** The kernel did not take it: the switch's own failing, unless the node's interface is gone. */
        WRITE
    }
}
