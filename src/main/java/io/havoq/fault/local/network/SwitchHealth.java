package io.havoq.fault.local.network;

import java.util.List;

/**
 * How well the switch itself did its work: what it added that no experiment asked for.
 *
 * @param lateness of packets that were held: when they were handed over minus when they should have been
 * @param transit of packets that were not held: from being read to being handed over
 * @param writeFailures packets that the kernel did not take
 * @param overruns packets lost because the switch did not read them in time
 * @param queueDrops packets dropped because the switch held all it is allowed to
 * @param unknown packets to an address that no node has
 * @param foreign packets that are not IPv4
 * @param failures threads of the switch that ended by an error; empty as long as it works
 */
public record SwitchHealth(
        Spread lateness,
        Spread transit,
        long writeFailures,
        long overruns,
        long queueDrops,
        long unknown,
        long foreign,
        List<String> failures) {
    public SwitchHealth {
        failures = List.copyOf(failures);
    }

    /** Packets lost by the switch itself. */
    public long ownDrops() {
        return writeFailures + overruns + queueDrops;
    }

    /** A distribution in nanoseconds; zeros when there is no packet. */
    public record Spread(long count, long p50, long p99, long max) {}
}
