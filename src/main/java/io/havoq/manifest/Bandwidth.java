package io.havoq.manifest;

import java.util.Optional;

/**
 * A token bucket as {@code tc-tbf(8)} keeps it: what exceeds the rate waits, what does not fit in the queue is dropped.
 *
 * @param limitBytes how much may wait for tokens
 * @param bufferBytes how much may pass at once (burst); a larger packet never passes
 * @param peakRate how fast the bucket may empty at most, in bytes per second. The manifest gives a number that
 *     Chaos Mesh hands to {@code tc} as it is, and {@code tc} reads a bare number as <em>bits</em> per second
 * @param minBurst the size of the peak rate's bucket in bytes; given if and only if there is a peak rate
 */
public record Bandwidth(
        double bytesPerSecond,
        long limitBytes,
        long bufferBytes,
        Optional<Double> peakRate,
        Optional<Integer> minBurst) {

    /** Refuses what {@code tc} refuses. */
    public Bandwidth {
        ByteRate.check(bytesPerSecond);
        if (limitBytes < 1 || bufferBytes < 1) {
            throw new IllegalArgumentException(
                    "limit " + limitBytes + " and buffer " + bufferBytes + ": expected 1 byte or more each");
        }
        if (peakRate.isPresent() != minBurst.isPresent()) {
            throw new IllegalArgumentException("peak rate and minburst: expected both or neither");
        }
    }

    /** A bucket without a peak rate. */
    public static Bandwidth of(double bytesPerSecond, long limitBytes, long bufferBytes) {
        return new Bandwidth(bytesPerSecond, limitBytes, bufferBytes, Optional.empty(), Optional.empty());
    }
}
