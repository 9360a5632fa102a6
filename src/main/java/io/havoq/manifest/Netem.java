package io.havoq.manifest;

import java.time.Duration;
import java.util.Optional;

/**
 * What happens to packets on their way, as {@code tc-netem(8)} does it; all that is given applies at once (Chaos Mesh
 * {@code mergeNetem}). Chaos Mesh gives no {@code limit}, so netem's own holds: 1000 packets in the queue.
 *
 * @param rate packets are spaced as on a link of that speed; needs Chaos Mesh 2.7
 */
public record Netem(
        Optional<Delay> delay,
        Optional<Loss> loss,
        Optional<Duplicate> duplicate,
        Optional<Corrupt> corrupt,
        Optional<Rate> rate) {

    /** Packets pass as they are. */
    public static final Netem NONE =
            new Netem(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** This, and a delay. */
    public Netem with(Delay other) {
        return new Netem(Optional.of(other), loss, duplicate, corrupt, rate);
    }

    /** This, and loss. */
    public Netem with(Loss other) {
        return new Netem(delay, Optional.of(other), duplicate, corrupt, rate);
    }

    /** This, and duplicates. */
    public Netem with(Duplicate other) {
        return new Netem(delay, loss, Optional.of(other), corrupt, rate);
    }

    /** This, and corruption. */
    public Netem with(Corrupt other) {
        return new Netem(delay, loss, duplicate, Optional.of(other), rate);
    }

    /** This, and a rate. */
    public Netem with(Rate other) {
        return new Netem(delay, loss, duplicate, corrupt, Optional.of(other));
    }

    /** Whether packets pass as they are. */
    public boolean isNone() {
        return equals(NONE);
    }

    /**
     * Packets arrive later, uniformly distributed between latency - jitter and latency + jitter, not below 0.
     *
     * @param correlationPercent how much each packet's delay depends on the one before; means something with jitter only
     */
    public record Delay(Duration latency, Duration jitter, double correlationPercent, Optional<Reorder> reorder) {
        /** Refuses what is no delay. */
        public Delay {
            if (latency.isNegative() || latency.isZero() || jitter.isNegative()) {
                throw new IllegalArgumentException("delay of " + latency + " with jitter " + jitter
                        + ": expected a latency of more than 0 and a jitter of 0 or more");
            }
            Percentage.check(correlationPercent);
            if (correlationPercent > 0 && jitter.isZero()) {
                throw new IllegalArgumentException(
                        "a delay's correlation of " + correlationPercent + " % means nothing without jitter");
            }
        }

        /** The same delay for every packet. */
        public static Delay of(Duration latency) {
            return new Delay(latency, Duration.ZERO, 0, Optional.empty());
        }
    }

    /**
     * Some packets are sent at once, past those that are delayed.
     *
     * @param gap only every so many packets; 0 stands for 1, as in {@code tc}
     */
    public record Reorder(double percent, double correlationPercent, int gap) {
        /** Refuses figures out of range. */
        public Reorder {
            Percentage.checkShare(percent);
            Percentage.check(correlationPercent);
            if (gap < 0) {
                throw new IllegalArgumentException("gap " + gap + " is negative: expected 0 or more");
            }
        }
    }

    /** Some packets do not arrive. */
    public record Loss(double percent, double correlationPercent) {
        /** Refuses figures out of range. */
        public Loss {
            Percentage.checkShare(percent);
            Percentage.check(correlationPercent);
        }
    }

    /** Some packets arrive twice. */
    public record Duplicate(double percent, double correlationPercent) {
        /** Refuses figures out of range. */
        public Duplicate {
            Percentage.checkShare(percent);
            Percentage.check(correlationPercent);
        }
    }

    /** Some packets arrive with one bit flipped. */
    public record Corrupt(double percent, double correlationPercent) {
        /** Refuses figures out of range. */
        public Corrupt {
            Percentage.checkShare(percent);
            Percentage.check(correlationPercent);
        }
    }

    /** The speed of the link. */
    public record Rate(double bytesPerSecond) {
        /** Refuses what lets nothing pass. */
        public Rate {
            ByteRate.check(bytesPerSecond);
        }
    }
}
