package io.havoq.fault.local.network;

import io.havoq.time.GoDuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How late the switch may be, and how many packets it may lose on its own, until nobody can say that a fault acted as its
 * manifest has it.
 *
 * @param p99 lateness that 99 of 100 packets may have
 * @param drops packets that the switch and the kernel's queues before it may drop by themselves
 */
public record LatenessBound(Duration p99, long drops) {
    /** What in the switch's health exceeds this bound, with the figures. */
    List<String> doubts(SwitchHealth health) {
        var doubts = new ArrayList<String>();
        var late = health.lateness();
        if (late.p99() > p99.toNanos()) {
            doubts.add("the packet switch was late: of " + late.count() + " packets that were held, p50 "
                    + millis(late.p50()) + ", p99 " + millis(late.p99()) + ", at most " + millis(late.max())
                    + " after their time; allowed are " + GoDuration.format(p99)
                    + " at p99 (" + NetworkSettings.MAX_LATENESS.key()
                    + "): give the machine more processors or run less beside");
        }
        if (health.ownDrops() > drops) {
            doubts.add("the packet switch itself lost packets: " + health.overruns() + " were not read in time, "
                    + health.queueDrops() + " did not fit in its queues, " + health.writeFailures()
                    + " were not taken by the kernel; allowed are " + drops + " ("
                    + NetworkSettings.MAX_DROPS.key() + "): give the machine more processors or run less beside");
        }
        if (!health.failures().isEmpty()) {
            doubts.add("the packet switch failed: " + String.join("; ", health.failures()));
        }
        return List.copyOf(doubts);
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
    }
}
