package io.havoq.fault.local.network;

import io.havoq.fault.local.probe.Reading;
import io.havoq.time.GoDuration;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Sees what a network fault does to one pair of places by other means than the switch's own counters: ordinary datagrams
 * there and back, before, during and after. To be used by one thread at a time.
 */
final class LinkWitness {
    private static final int PAYLOAD = 64;
    private static final int LARGE_PAYLOAD = 1_200;
    private static final int BEFORE = 10;
    private static final Duration INTERVAL = Duration.ofMillis(5);
    /** What an answer takes at most where nothing holds it up, on a loaded machine. */
    private static final Duration PROMPT = Duration.ofMillis(500);
    /** Before a fault there may be others, which delay. */
    private static final Duration PATIENT = Duration.ofSeconds(3);
    /** A train is as long as the bucket and half a second of its rate, within bounds. */
    private static final int LONGEST_TRAIN = 400;

    private static final int SHORTEST_TRAIN = 20;
    /** A rate is seen if what arrives is not above it by more than what a short train's edges make. */
    private static final double RATE_MARGIN = 1.5;

    private final NetworkControl control;
    private final Pair pair;
    private final List<Impairment> impairments;
    private final Reading before;

    private LinkWitness(NetworkControl control, Pair pair, List<Impairment> impairments, Reading before) {
        this.control = control;
        this.pair = pair;
        this.impairments = impairments;
        this.before = before;
    }

    /** Looks at the pair before anything happens to it. */
    static LinkWitness before(NetworkControl control, Pair pair, List<Impairment> impairments) {
        return new LinkWitness(control, pair, impairments, control.ping(pair, BEFORE, INTERVAL, PAYLOAD, PATIENT));
    }

    Pair pair() {
        return pair;
    }

    /** Looks now; what it saw if that is the fault's doing, for people. */
    Optional<String> sees() {
        for (var impairment : impairments) {
            var seen = sees(impairment);
            if (seen.isPresent()) {
                return seen.map(what -> what + "; before: " + told(before));
            }
        }
        return Optional.empty();
    }

    private Optional<String> sees(Impairment impairment) {
        if (impairment instanceof Impairment.Shape shape) {
            return seesRate(shape);
        }
        if (impairment instanceof Impairment.Delay delay) {
            // Half of what the fault adds on one way at least, of what its jitter leaves on the average.
            var expected = delay.latency().dividedBy(2);
            var now = control.ping(
                    pair, BEFORE, INTERVAL, PAYLOAD, PROMPT.plus(delay.latency().multipliedBy(3)));
            return added(now).filter(more -> more.compareTo(expected) >= 0).map(more -> told(now));
        }
        var now = control.ping(pair, BEFORE * 2, INTERVAL, PAYLOAD, PROMPT);
        boolean seen;
        if (impairment instanceof Impairment.Partition) {
            seen = before.arrived() > 0 && now.sent() > 0 && now.arrived() == 0;
        } else if (impairment instanceof Impairment.Duplicate) {
            seen = before.duplicates() == 0 && now.duplicates() > 0;
        } else {
            // What is corrupted fails its checksum, and the kernel drops it.
            seen = lost(now) > lost(before) || now.corrupted() > before.corrupted();
        }
        return seen ? Optional.of(told(now)) : Optional.empty();
    }

    /** The share that did not arrive; of the way there only, since the way back may be under a rule of its own. */
    private static double lost(Reading reading) {
        return reading.sent() == 0 ? 0 : 1 - (double) reading.arrived() / reading.sent();
    }

    private Optional<Duration> added(Reading now) {
        var then = before.p50();
        var median = now.p50();
        return then == null || median == null ? Optional.empty() : Optional.of(median.minus(then));
    }

    private Optional<String> seesRate(Impairment.Shape shape) {
        double bytes = shape.bufferBytes() + shape.bytesPerSecond() / 2;
        int count = (int) Math.max(SHORTEST_TRAIN, Math.min(LONGEST_TRAIN, 2 * bytes / LARGE_PAYLOAD));
        var took = Duration.ofMillis((long) (1_000 * count * (double) LARGE_PAYLOAD / shape.bytesPerSecond()));
        var train = control.train(pair, count, LARGE_PAYLOAD, took.plus(PROMPT));
        var told = String.format(
                Locale.ROOT,
                "%d of %d datagrams of %d bytes arrived from %s at %s within %s",
                train.arrived(),
                train.sent(),
                LARGE_PAYLOAD,
                pair.source(),
                pair.destination(),
                GoDuration.format(took.plus(PROMPT)));
        if (train.bytesPerSecond() <= shape.bytesPerSecond() * RATE_MARGIN) {
            return Optional.of(String.format(Locale.ROOT, "%s, at %.0f bytes/s", told, train.bytesPerSecond()));
        }
        // Others wait in the queue already, so that too few came through to tell a rate.
        return train.sent() > 0 && train.arrived() < train.sent() ? Optional.of(told) : Optional.empty();
    }

    /** Whether the pair is as it was before the fault: every datagram answered once, about as promptly. */
    boolean asBefore() {
        var now = control.ping(pair, BEFORE, INTERVAL, PAYLOAD, PROMPT);
        return now.answered() == now.sent()
                && now.sent() > 0
                && now.duplicates() <= before.duplicates()
                && added(now).map(more -> more.compareTo(tolerated()) < 0).orElse(before.answered() == 0);
    }

    /** Half of the least delay that the fault added. */
    private Duration tolerated() {
        return impairments.stream()
                .filter(Impairment.Delay.class::isInstance)
                .map(impairment -> ((Impairment.Delay) impairment).latency().dividedBy(2))
                .min(Duration::compareTo)
                .orElse(PROMPT);
    }

    private String told(Reading reading) {
        var median = reading.p50();
        return String.format(
                Locale.ROOT,
                "%d of %d datagrams from %s to %s arrived, %d were answered%s%s",
                reading.arrived(),
                reading.sent(),
                pair.source(),
                pair.destination(),
                reading.answered(),
                median == null ? "" : String.format(Locale.ROOT, " in %.1f ms", median.toNanos() / 1e6),
                reading.duplicates() == 0 ? "" : ", " + reading.duplicates() + " twice");
    }
}
