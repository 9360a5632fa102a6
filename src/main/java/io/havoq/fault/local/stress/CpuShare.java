package io.havoq.fault.local.stress;

import java.util.Locale;
import java.util.Optional;

/**
 * What a stressor got of a processor, and what it was ready to take: on a machine that is busy elsewhere the scheduler gives it less than it
 * asks for, and the node beside it too.
 *
 * @param elapsedNanos since it runs
 * @param usedNanos on a processor
 * @param waitedNanos ready to run, while others ran (proc(5), schedstat)
 * @param throttledNanos while the quota of its group was used up, by it or by the node
 */
record CpuShare(long elapsedNanos, long usedNanos, long waitedNanos, long throttledNanos) {
    static final CpuShare NONE = new CpuShare(0, 0, 0, 0);

    /** Parts of what was asked for. Less than the first is no stress; as much as the second is, whatever kept it from more. */
    private static final double LEAST = 0.25;

    private static final double ENOUGH = 0.5;

    /** It never sleeps while it is to be busy, so that what it did not get it waited for; the rest is how late a sleeper wakes. */
    private static final double WANTED = 0.75;

    private static final double SECOND = 1e9;

    /** Processors that it had, on the average. */
    double got() {
        return elapsedNanos == 0 ? 0 : (double) usedNanos / elapsedNanos;
    }

    /** Processors that it had or waited for. */
    double wanted() {
        return elapsedNanos == 0 ? 0 : (double) (usedNanos + waitedNanos + throttledNanos) / elapsedNanos;
    }

    /** Whether it has taken so much that the stress has begun. */
    boolean begun(double asked) {
        return elapsedNanos > 0 && got() >= LEAST * asked;
    }

    /** Why this cannot be called the stress that was asked for, if it cannot. */
    Optional<String> doubt(double asked) {
        if (elapsedNanos == 0 || got() >= ENOUGH * asked || (begun(asked) && wanted() >= WANTED * asked)) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "the stressor used %.2f of a processor instead of %.2f and waited for %.2f more: %s",
                got(),
                asked,
                wanted() - got(),
                begun(asked)
                        ? "it was not ready to take more, or the machine below this one gave it none"
                        : "too little to be felt, this machine is too busy"));
    }

    double seconds() {
        return elapsedNanos / SECOND;
    }
}
