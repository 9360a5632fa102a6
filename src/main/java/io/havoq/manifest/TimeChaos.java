package io.havoq.manifest;

import io.havoq.time.GoDuration;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Shifts the clocks that the programs of pods read.
 *
 * @param containerNames whose programs; empty: the first container's
 * @param timeOffset what is added to them; negative: the past
 * @param clockIds which clocks, in the order of their numbers; Chaos Mesh's default is CLOCK_REALTIME alone
 */
public record TimeChaos(
        String name,
        Selection selection,
        List<String> containerNames,
        Duration timeOffset,
        List<ClockId> clockIds,
        Optional<Duration> duration)
        implements ChaosSpec {
    /** What is shifted where a manifest names no clocks (Chaos Mesh {@code ClockIds.Default}). */
    public static final List<ClockId> DEFAULT_CLOCKS = List.of(ClockId.CLOCK_REALTIME);

    /** Copies the lists, and refuses what would shift nothing. */
    public TimeChaos {
        containerNames = List.copyOf(containerNames);
        clockIds =
                clockIds.stream().distinct().sorted(Comparator.naturalOrder()).toList();
        if (timeOffset.isZero() || clockIds.isEmpty()) {
            throw new IllegalArgumentException(name + " shifts nothing: offset " + timeOffset + ", clocks " + clockIds);
        }
    }

    /** {@code spec.clockIds}: the clocks that Chaos Mesh lists, by the names and numbers of clock_gettime(2). */
    public enum ClockId {
        CLOCK_REALTIME(0),
        CLOCK_MONOTONIC(1),
        CLOCK_PROCESS_CPUTIME_ID(2),
        CLOCK_THREAD_CPUTIME_ID(3),
        CLOCK_MONOTONIC_RAW(4),
        CLOCK_REALTIME_COARSE(5),
        CLOCK_MONOTONIC_COARSE(6),
        CLOCK_BOOTTIME(7),
        CLOCK_REALTIME_ALARM(8),
        CLOCK_BOOTTIME_ALARM(9);

        private final int number;

        ClockId(int number) {
            this.number = number;
        }

        /** As the kernel knows it (include/uapi/linux/time.h). */
        public int number() {
            return number;
        }
    }

    @Override
    public String kind() {
        return "TimeChaos";
    }

    /** Chaos Mesh has no actions here. */
    @Override
    public String action() {
        return "offset " + GoDuration.format(timeOffset);
    }

    @Override
    public TimeChaos withSelection(Selection other) {
        return new TimeChaos(name, other, containerNames, timeOffset, clockIds, duration);
    }
}
