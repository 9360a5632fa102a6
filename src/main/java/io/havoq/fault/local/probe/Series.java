package io.havoq.fault.local.probe;

import java.util.concurrent.CompletableFuture;

/** Datagrams that belong together, under way. Confined to the probe's thread. */
abstract class Series {
    final int number;
    final Station source;
    final Station destination;
    final int count;
    final int bytes;
    final long boundNanos;
    int sent;
    int unsent;
    String lastFailure = "";
    boolean endingEarly;

    Series(int number, Station source, Station destination, int count, int bytes, long boundNanos) {
        this.number = number;
        this.source = source;
        this.destination = destination;
        this.count = count;
        this.bytes = bytes;
        this.boundNanos = boundNanos;
    }

    abstract CompletableFuture<?> future();

    abstract int kind();

    /** Nanoseconds from one to the next. */
    abstract long intervalNanos();

    /** About to be handed to the kernel. */
    abstract void sending(int sequence, long nanos);

    /** Came in at the destination, intact and of this series' kind. */
    abstract void arrived(int sequence, long nanos);

    /** Came back to the source, intact. */
    abstract void answered(int sequence, long nanos);

    abstract void damaged();

    abstract void unechoed();

    boolean allTried() {
        return sent + unsent == count;
    }

    /** Nanoseconds after which more is not to be expected, once all were tried: less than the bound if all are back. */
    abstract long patienceNanos();

    abstract void complete();
}
