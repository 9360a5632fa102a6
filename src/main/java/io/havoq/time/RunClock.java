package io.havoq.time;

import java.time.Duration;
import java.time.Instant;

/**
 * The clock of a run: monotonic nanoseconds ({@link System#nanoTime()}, which on Linux is CLOCK_MONOTONIC and therefore
 * the same in every process of the machine), with one anchor to the wall clock for what people read. A step of the wall
 * clock during a run changes no measured time.
 */
@SuppressWarnings("TimeInStaticInitializer") // the anchor is meant to be taken once per process
public final class RunClock {
    private static final Instant WALL = Instant.now();
    private static final long ANCHOR = System.nanoTime();

    private RunClock() {}

    /** The present, in monotonic nanoseconds. */
    public static long now() {
        return System.nanoTime();
    }

    /** The wall-clock instant of a monotonic time of this machine. */
    public static Instant instant(long nanos) {
        return WALL.plusNanos(nanos - ANCHOR);
    }

    /** The time between two monotonic times. */
    public static Duration between(long fromNanos, long toNanos) {
        return Duration.ofNanos(toNanos - fromNanos);
    }
}
