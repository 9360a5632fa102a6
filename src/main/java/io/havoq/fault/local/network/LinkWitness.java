package io.havoq.fault.local.network;

import io.havoq.fault.local.probe.Reading;
import io.havoq.fault.local.probe.Train;
import io.havoq.time.GoDuration;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    /** A train is as long as twice the bucket and a fifth of a second of its rate, within bounds. */
    private static final int LONGEST_TRAIN = 400;

    private static final int SHORTEST_TRAIN = 20;
    /** On a busy machine one may be too late to tell a rate. */
    private static final int TRAINS_BEFORE = 3;
    /** A rate is seen if what arrives is not above it by more than what a short train's edges make. */
    private static final double RATE_MARGIN = 1.5;

    /** By how much a limited rate must lie below the rate before. */
    private static final double SLOWER = 1.2;

    /** No question may keep the sandbox for longer. */
    private static final Duration LONGEST = Duration.ofSeconds(15);

    private static final Duration LONGEST_RIDE = Duration.ofSeconds(7);

    private final NetworkControl control;
    private final Pair pair;
    private final List<Impairment> impairments;
    private final List<Impairment> back;
    private final Reading before;
    private final Map<Impairment, String> seen = new LinkedHashMap<>();
    private double rateBefore = Double.NaN;

    private LinkWitness(
            NetworkControl control, Pair pair, List<Impairment> impairments, List<Impairment> back, Reading before) {
        this.control = control;
        this.pair = pair;
        this.impairments = impairments;
        this.back = back;
        this.before = before;
    }

    /**
     * Looks at the pair before anything happens to it.
     *
     * @param back what the same fault does to the way back
     */
    static LinkWitness before(NetworkControl control, Pair pair, List<Impairment> impairments, List<Impairment> back) {
        return new LinkWitness(
                control, pair, impairments, back, control.ping(pair, BEFORE, INTERVAL, PAYLOAD, PATIENT));
    }

    /** Before a rate is limited: what the pair carries by itself, without which a limit cannot be seen. */
    void measureRate() {
        for (var impairment : impairments) {
            if (impairment instanceof Impairment.Shape shape) {
                for (int i = 0; i < TRAINS_BEFORE && Double.isNaN(rateBefore); i++) {
                    rateBefore = train(shape, PROMPT).bytesPerSecond();
                }
            }
        }
    }

    /** Whether others that look at the same time would be in the way. */
    boolean needsTheLinkAlone() {
        return impairments.stream().anyMatch(Impairment.Shape.class::isInstance);
    }

    Pair pair() {
        return pair;
    }

    /** What it saw so far, for people; empty until it has seen every single thing that the fault does to the pair. */
    Optional<String> seen() {
        return seen.keySet().containsAll(impairments)
                ? Optional.of(String.join("; ", new LinkedHashSet<>(seen.values())) + "; before: " + told(before))
                : Optional.empty();
    }

    /** Looks now, for what it has not seen so far; if it has seen all, it sends its datagrams all the same. */
    Optional<String> sees() {
        var complete = seen().isPresent();
        for (var impairment : impairments) {
            if (complete || !seen.containsKey(impairment)) {
                sees(impairment).ifPresent(what -> seen.putIfAbsent(impairment, what));
            }
        }
        return seen();
    }

    private Optional<String> sees(Impairment impairment) {
        if (impairment instanceof Impairment.Shape shape) {
            return seesRate(shape);
        }
        if (impairment instanceof Impairment.Delay delay) {
            var expected = expected(delay);
            var bound = PROMPT.plus(delay.latency().multipliedBy(3));
            var now = control.ping(pair, BEFORE, INTERVAL, PAYLOAD, bound.compareTo(LONGEST) < 0 ? bound : LONGEST);
            return added(now).filter(more -> more.compareTo(expected) >= 0).map(more -> told(now));
        }
        var now = control.ping(pair, BEFORE * 2, INTERVAL, PAYLOAD, PROMPT);
        boolean seen;
        if (impairment instanceof Impairment.Partition) {
            seen = before.arrived() > 0 && now.sent() > 0 && now.arrived() == 0;
        } else if (impairment instanceof Impairment.Duplicate) {
            seen = before.duplicates() == 0 && now.duplicates() > 0;
        } else {
            // What is corrupted fails its checksum, and the kernel drops it. A datagram that a busy machine loses is no
            // sign of a fault that hits half of all.
            var more = lost(now) - lost(before);
            seen = more > 0 && more >= leastShare(impairment);
        }
        return seen ? Optional.of(told(now)) : Optional.empty();
    }

    /** What the fault adds to the round trip, but for half of what it adds on one way: the average of its jitter is no more. */
    private Duration expected(Impairment.Delay delay) {
        var half = delay.latency().dividedBy(2);
        // What is sent at once, past the others, may be any share of both ways.
        var both = back.contains(delay) && delay.reorderPercent() == 0 && delay.gap() == 0;
        return both ? delay.latency().plus(half) : half;
    }

    /** Half of the share that a fault should take. */
    private double leastShare(Impairment impairment) {
        if (impairment instanceof Impairment.Corrupt corrupt) {
            return corrupt.percent() / 200;
        }
        if (!(impairment instanceof Impairment.Loss loss)) {
            throw new IllegalStateException("nothing is lost by " + impairment);
        }
        // What is lost and doubled at once arrives, as with netem.
        var doubled = impairments.stream()
                .filter(Impairment.Duplicate.class::isInstance)
                .mapToDouble(other -> ((Impairment.Duplicate) other).percent())
                .sum();
        return loss.percent() * (1 - doubled / 100) / 200;
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

    private Train train(Impairment.Shape shape, Duration bound) {
        return control.train(pair, length(shape), LARGE_PAYLOAD, bound);
    }

    private static int length(Impairment.Shape shape) {
        // What passes at once, and a tenth of a second of the rate: more would hold up the cluster's own packets, and
        // show what the witness did.
        double bytes = shape.bufferBytes() + shape.bytesPerSecond() / 10;
        return (int) Math.max(SHORTEST_TRAIN, Math.min(LONGEST_TRAIN, 2 * bytes / LARGE_PAYLOAD));
    }

    private Optional<String> seesRate(Impairment.Shape shape) {
        var took = Duration.ofMillis((long) (1_000 * length(shape) * (double) LARGE_PAYLOAD / shape.bytesPerSecond()));
        var bound = PROMPT.plus(took.compareTo(LONGEST_RIDE) < 0 ? took : LONGEST_RIDE);
        var train = train(shape, bound);
        var told = String.format(
                Locale.ROOT,
                "%d of %d datagrams of %d bytes arrived from %s to %s within %s",
                train.arrived(),
                train.sent(),
                LARGE_PAYLOAD,
                pair.source(),
                pair.destination(),
                GoDuration.format(bound));
        if (Double.isNaN(rateBefore)) {
            return Optional.empty();
        }
        var rate = train.bytesPerSecond();
        if (Double.isNaN(rate)) {
            // Others wait in the queue already, so that too few came through to tell a rate.
            return train.arrived() < train.sent() ? Optional.of(told) : Optional.empty();
        }
        // A limit above what the machine carries anyway limits nothing.
        return rate <= shape.bytesPerSecond() * RATE_MARGIN && rate * SLOWER <= rateBefore
                ? Optional.of(String.format(Locale.ROOT, "%s, at %.0f bytes/s instead of %.0f", told, rate, rateBefore))
                : Optional.empty();
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
