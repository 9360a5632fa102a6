package io.havoq.fault.local.stress;

/**
 * What the kernel counted of a node's group so far.
 *
 * @param cpuNanos processor time
 * @param periods in which the quota was looked at
 * @param throttledPeriods in which it was used up
 * @param throttledNanos for how long
 * @param memoryBytes now
 * @param peakBytes the most at any time, since it was limited where that can be told
 * @param fileBytes of these, files in memory: the nodes' data directories are in a tmpfs
 * @param oomKills processes that the kernel ended for want of memory
 */
public record GroupUsage(
        long cpuNanos,
        long periods,
        long throttledPeriods,
        long throttledNanos,
        long memoryBytes,
        long peakBytes,
        long fileBytes,
        long oomKills) {}
