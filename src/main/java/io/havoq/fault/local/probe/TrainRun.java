package io.havoq.fault.local.probe;

import java.util.BitSet;
import java.util.concurrent.CompletableFuture;

/** A series that is sent back to back and timed where it arrives. */
final class TrainRun extends Series {
    private static final int HEADERS = 20 + 8;
    private static final int FEWEST = 4;

    private final CompletableFuture<Train> future = new CompletableFuture<>();
    private final long[] arrivalNanos;
    private final BitSet arrivals = new BitSet();
    private int arrived;

    TrainRun(int number, Station source, Station destination, int count, int bytes, long boundNanos) {
        super(number, source, destination, count, bytes, boundNanos);
        this.arrivalNanos = new long[count];
    }

    @Override
    CompletableFuture<Train> future() {
        return future;
    }

    @Override
    int kind() {
        return Datagram.TRAIN;
    }

    @Override
    long intervalNanos() {
        return 0;
    }

    @Override
    void sending(int sequence, long nanos) {}

    @Override
    void arrived(int sequence, long nanos) {
        if (!arrivals.get(sequence)) {
            arrivals.set(sequence);
            arrivalNanos[arrived++] = nanos;
        }
    }

    @Override
    void answered(int sequence, long nanos) {}

    @Override
    void damaged() {}

    @Override
    void unechoed() {}

    @Override
    long patienceNanos() {
        return arrived == sent ? 0 : boundNanos;
    }

    @Override
    void complete() {
        future.complete(new Train(source.name(), destination.name(), sent, arrived, rate()));
    }

    private double rate() {
        if (arrived < FEWEST) {
            return Double.NaN;
        }
        int from = arrived / 2;
        int to = arrived - 1;
        long nanos = Math.max(1, arrivalNanos[to] - arrivalNanos[from]);
        return (to - from) * (bytes + (double) HEADERS) * 1e9 / nanos;
    }
}
