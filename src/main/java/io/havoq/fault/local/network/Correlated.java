package io.havoq.fault.local.network;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * Uniform random numbers of which a given share repeats the one before. Every number by itself is uniform whatever that
 * share, so a choice made from them hits with exactly its probability p: after a hit with r + (1 - r)p, which is
 * p + r(1 - p), and after a miss with p(1 - r).
 */
final class Correlated {
    private final SplittableRandom random;
    private final double correlation;
    private double last;
    private boolean drawn;

    /** @param percent of the numbers that repeat the one before, 0 to 100 */
    Correlated(double percent, SplittableRandom random) {
        this.correlation = percent / 100;
        this.random = random;
    }

    /** From 0 up to, not including, 1. */
    double next() {
        if (!drawn || correlation == 0 || random.nextDouble() >= correlation) {
            last = random.nextDouble();
            drawn = true;
        }
        return last;
    }

    /** True for this percentage of the calls. */
    boolean hits(double percent) {
        return percent > 0 && next() * 100 < percent;
    }

    /** The stream of random numbers that belongs to these words: the same in every run with the same seed. */
    static SplittableRandom stream(long seed, String... words) {
        long mixed = seed;
        for (var word : words) {
            var checksum = new CRC32C();
            checksum.update(word.getBytes(StandardCharsets.UTF_8));
            mixed = new SplittableRandom(mixed + checksum.getValue()).nextLong();
        }
        return new SplittableRandom(mixed);
    }
}
