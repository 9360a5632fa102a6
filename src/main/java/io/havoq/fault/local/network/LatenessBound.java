package io.havoq.fault.local.network;

import io.havoq.time.GoDuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

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
        if (health.latenessP99().compareTo(p99) > 0) {
            doubts.add("the packet switch was late: " + health + "; allowed are " + GoDuration.format(p99)
                    + " at p99 (" + NetworkSettings.MAX_LATENESS.key()
                    + "): give the machine more processors or run less beside");
        }
        if (health.drops() > drops) {
            doubts.add("the packet switch itself lost packets: " + health + "; allowed are " + drops + " ("
                    + NetworkSettings.MAX_DROPS.key() + "): give the machine more processors or run less beside");
        }
        return List.copyOf(doubts);
    }
}
