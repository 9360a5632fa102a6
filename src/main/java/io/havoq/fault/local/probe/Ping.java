package io.havoq.fault.local.probe;

import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;

/** A series that is echoed. */
final class Ping extends Series {
    /** How long copies are waited for at least, when everything has been answered. */
    private static final long LINGER_NANOS = 20_000_000;
    /** And at most: copies come about when the first one does. */
    private static final long MOST_LINGER_NANOS = 1_000_000_000;

    private final CompletableFuture<Reading> future = new CompletableFuture<>();
    private final long intervalNanos;
    private final long[] sentNanos;
    private final long[] roundTrips;
    private final BitSet arrivals = new BitSet();
    private final BitSet answers = new BitSet();
    private int answered;
    private int duplicates;
    private int corrupted;
    private int reordered;
    private int unechoed;
    private int highest = -1;
    private long longest;

    Ping(int number, Station source, Station destination, int count, int bytes, long intervalNanos, long boundNanos) {
        super(number, source, destination, count, bytes, boundNanos);
        this.intervalNanos = intervalNanos;
        this.sentNanos = new long[count];
        this.roundTrips = new long[count];
    }

    @Override
    CompletableFuture<Reading> future() {
        return future;
    }

    @Override
    int kind() {
        return Datagram.REQUEST;
    }

    @Override
    long intervalNanos() {
        return intervalNanos;
    }

    @Override
    void sending(int sequence, long nanos) {
        sentNanos[sequence] = nanos;
    }

    @Override
    void arrived(int sequence, long nanos) {
        arrivals.set(sequence);
    }

    @Override
    void answered(int sequence, long nanos) {
        if (answers.get(sequence)) {
            duplicates++;
            return;
        }
        long roundTrip = nanos - sentNanos[sequence];
        if (roundTrip > boundNanos) {
            return;
        }
        answers.set(sequence);
        roundTrips[answered++] = roundTrip;
        longest = Math.max(longest, roundTrip);
        if (sequence < highest) {
            reordered++;
        }
        highest = Math.max(highest, sequence);
    }

    @Override
    void damaged() {
        corrupted++;
    }

    @Override
    void unechoed() {
        unechoed++;
    }

    @Override
    long patienceNanos() {
        return answered == sent
                ? Math.min(boundNanos, Math.max(LINGER_NANOS, Math.min(longest, MOST_LINGER_NANOS)))
                : boundNanos;
    }

    @Override
    void complete() {
        Arrays.sort(roundTrips, 0, answered);
        future.complete(new Reading(
                source.name(),
                destination.name(),
                sent,
                unsent,
                arrivals.cardinality(),
                answered,
                sent - answered,
                duplicates,
                corrupted,
                reordered,
                unechoed,
                answered == 0 ? null : Duration.ofNanos(roundTrips[(answered - 1) / 2]),
                answered == 0 ? null : Duration.ofNanos(longest),
                lastFailure));
    }
}
