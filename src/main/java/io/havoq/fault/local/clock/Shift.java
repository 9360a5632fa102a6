package io.havoq.fault.local.clock;

import io.havoq.manifest.TimeChaos.ClockId;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * How far which clocks are shifted.
 *
 * @param clocks a bit for each, by its number
 */
record Shift(Duration offset, long clocks) {
    static Shift of(Duration offset, Collection<ClockId> ids) {
        return new Shift(
                offset, ids.stream().mapToLong(id -> 1L << id.number()).reduce(0, (one, other) -> one | other));
    }

    /** The sum with another one of the same clocks. */
    Shift plus(Shift other) {
        return new Shift(offset.plus(other.offset), clocks);
    }

    List<ClockId> ids() {
        return Arrays.stream(ClockId.values())
                .filter(id -> ((clocks >> id.number()) & 1) == 1)
                .toList();
    }
}
