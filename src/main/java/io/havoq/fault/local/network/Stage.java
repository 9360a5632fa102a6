package io.havoq.fault.local.network;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one rule does to one pair: its choices, packet by packet. Used under the lock of the link.
 *
 * <p>Each kind of choice has random numbers of its own, so that one does not shift another. The order is netem's: duplicate
 * and lose (which cancel each other), corrupt, then the rate, then the delay.
 */
final class Stage {
    private final String rule;
    private final Tally tally;
    private final boolean partition;
    private final double lossPercent;
    private final Correlated loss;
    private final double duplicatePercent;
    private final Correlated duplicate;
    private final double corruptPercent;
    private final Correlated corrupt;
    private final SplittableRandom bits;
    private final @Nullable TokenBucket bucket;
    private final Impairment.@Nullable Delay delay;
    private final long latencyNanos;
    private final long jitterNanos;
    private final Correlated jitter;
    private final Correlated reorder;
    private final double reorderPercent;
    private final int gap;
    private int sinceReorder;

    /**
     * @param buckets the bucket for a shape, which the rule's other pairs from the same node may share
     * @param tally counts on where the rule was in force for this pair before
     * @throws IllegalArgumentException if there is no impairment, or two of one kind
     */
    Stage(
            long seed,
            String rule,
            Pair pair,
            List<Impairment> impairments,
            Tally tally,
            Function<Impairment.Shape, TokenBucket> buckets) {
        this.rule = rule;
        this.tally = tally;
        if (impairments.isEmpty()) {
            throw new IllegalArgumentException("rule " + rule + " does nothing to " + pair);
        }
        this.partition = find(Impairment.Partition.class, rule, impairments) != null;
        var lossRule = find(Impairment.Loss.class, rule, impairments);
        this.lossPercent = lossRule == null ? 0 : lossRule.percent();
        this.loss = correlated(seed, rule, pair, "loss", lossRule == null ? 0 : lossRule.correlation());
        var duplicateRule = find(Impairment.Duplicate.class, rule, impairments);
        this.duplicatePercent = duplicateRule == null ? 0 : duplicateRule.percent();
        this.duplicate =
                correlated(seed, rule, pair, "duplicate", duplicateRule == null ? 0 : duplicateRule.correlation());
        var corruptRule = find(Impairment.Corrupt.class, rule, impairments);
        this.corruptPercent = corruptRule == null ? 0 : corruptRule.percent();
        this.corrupt = correlated(seed, rule, pair, "corrupt", corruptRule == null ? 0 : corruptRule.correlation());
        this.bits = Correlated.stream(seed, rule, pair.source(), pair.destination(), "bits");
        var shape = find(Impairment.Shape.class, rule, impairments);
        this.bucket = shape == null ? null : buckets.apply(shape);
        this.delay = find(Impairment.Delay.class, rule, impairments);
        this.latencyNanos = delay == null ? 0 : delay.latency().toNanos();
        this.jitterNanos = delay == null ? 0 : delay.jitter().toNanos();
        this.jitter = correlated(seed, rule, pair, "jitter", delay == null ? 0 : delay.correlation());
        this.reorder = correlated(seed, rule, pair, "reorder", delay == null ? 0 : delay.reorderCorrelation());
        // tc and the kernel do the same: a percentage alone means a gap of 1, a gap alone means always.
        var percent = delay == null ? 0 : delay.reorderPercent();
        this.gap = delay == null || (delay.gap() == 0 && percent == 0) ? 0 : Math.max(1, delay.gap());
        this.reorderPercent = percent == 0 ? 100 : percent;
    }

    private static <T extends Impairment> @Nullable T find(Class<T> kind, String rule, List<Impairment> impairments) {
        T found = null;
        for (var impairment : impairments) {
            if (kind.isInstance(impairment)) {
                if (found != null) {
                    throw new IllegalArgumentException("rule " + rule + " has two impairments of one kind, " + found
                            + " and " + impairment + ": give the second a rule of its own, rules add up");
                }
                found = kind.cast(impairment);
            }
        }
        return found;
    }

    private static Correlated correlated(long seed, String rule, Pair pair, String kind, double correlation) {
        return new Correlated(correlation, Correlated.stream(seed, rule, pair.source(), pair.destination(), kind));
    }

    String rule() {
        return rule;
    }

    Tally tally() {
        return tally;
    }

    boolean isPartition() {
        return partition;
    }

    /** Whether packets can be held because of it. */
    boolean holds() {
        return bucket != null || delay != null;
    }

    /** Whether packets can overtake each other because of it. */
    boolean reorders() {
        return gap > 0 || jitterNanos > 0;
    }

    boolean loses() {
        return loss.hits(lossPercent);
    }

    boolean duplicates() {
        return duplicate.hits(duplicatePercent);
    }

    /** The bit to flip in a packet of this length, or -1. */
    int corruptedBit(int length) {
        return corrupt.hits(corruptPercent) ? bits.nextInt(length * 8) : -1;
    }

    /** When a packet leaves the shape that comes to it at this moment, or {@link TokenBucket#REFUSED}. */
    long shaped(int length, long at) {
        return bucket == null ? at : bucket.admit(length, at);
    }

    /** How long the next packet is held. */
    long delayNanos() {
        if (delay == null) {
            return 0;
        }
        // sch_netem.c, netem_enqueue
        if (gap == 0 || sinceReorder < gap - 1 || !reorder.hits(reorderPercent)) {
            sinceReorder++;
            var shift = jitterNanos == 0 ? 0 : Math.round((2 * jitter.next() - 1) * jitterNanos);
            return Math.max(0, latencyNanos + shift);
        }
        sinceReorder = 0;
        return 0;
    }
}
