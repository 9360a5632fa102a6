package io.havoq.fault.local.clock;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * One look at a node's wall clock by other means than the engine's: how far it is ahead of this machine's, as far as can be told.
 *
 * @param least it is ahead by no less
 * @param most it is ahead by no more
 * @param source how it was read, for people
 * @param asked whether the node was asked; otherwise it told the time by itself, at some moment before
 * @param at this machine's time when the node told its own
 */
public record ClockReading(Duration least, Duration most, String source, boolean asked, Instant at) {
    private static final double MILLIS = 1_000;

    /**
     * A time that a node told at some moment between two others.
     *
     * @param resolution of the time as it was told: what is less was cut off
     */
    public static ClockReading of(
            Instant told, Duration resolution, Instant earliest, Instant latest, String source, boolean asked) {
        return new ClockReading(
                Duration.between(latest, told),
                Duration.between(earliest, told.plus(resolution)),
                source,
                asked,
                latest);
    }

    /** Whether the clock moved by this much between an earlier reading and this one, and visibly so. */
    boolean shows(Duration offset, ClockReading before) {
        return mayDifferBy(offset, before) && !mayDifferBy(Duration.ZERO, before);
    }

    /** Whether the clock may have been where it is now. */
    boolean same(ClockReading before) {
        return mayDifferBy(Duration.ZERO, before);
    }

    private boolean mayDifferBy(Duration offset, ClockReading before) {
        return offset.compareTo(least.minus(before.most)) >= 0 && offset.compareTo(most.minus(before.least)) <= 0;
    }

    /** Ahead by how much, for people. */
    String ahead() {
        return String.format(Locale.ROOT, "%+.3f to %+.3f s", least.toMillis() / MILLIS, most.toMillis() / MILLIS);
    }
}
