package io.havoq.time;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The pauses between attempts at the same thing, of any number of threads: closing ends them all at once, and there are none after it.
 * Thread-safe.
 */
public final class Pauses implements AutoCloseable {
    private final CountDownLatch closing = new CountDownLatch(1);

    /** Pauses; returns whether the next attempt is due, or false as soon as this is closed: there is to be none. */
    public boolean pass(Duration span) throws InterruptedException {
        return !closing.await(span.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Whether there is to be no further attempt. */
    public boolean closed() {
        return closing.getCount() == 0;
    }

    /** Ends the pauses. Idempotent. */
    @Override
    public void close() {
        closing.countDown();
    }
}
