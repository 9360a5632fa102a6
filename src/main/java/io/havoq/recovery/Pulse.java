package io.havoq.recovery;

import io.havoq.time.Pauses;
import io.havoq.time.RunClock;
import io.havoq.time.ThreadEnd;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Runs a probe's step at a fixed pace on a thread of its own, notes when that thread was held up, and lets others wait until
 * what the probe recorded satisfies them. Thread-safe.
 */
final class Pulse implements AutoCloseable {
    private static final long EVALUATION_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    // Later than this the probe was held up itself; well below every gap that counts as an outage.
    private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final Duration THREAD_END = Duration.ofSeconds(5);

    private final long paceNanos;
    private final Runnable step;
    private final Thread thread;
    private final Stalls stalls = new Stalls();
    private final Object beat = new Object();
    private final Pauses pauses = new Pauses();
    private volatile Optional<Throwable> failure = Optional.empty();

    Pulse(String threadName, Duration pace, Runnable step) {
        this.paceNanos = Math.max(1, pace.toNanos());
        this.step = step;
        this.thread = new Thread(this::run, threadName);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        var due = RunClock.now();
        var previous = due;
        var evaluated = due;
        while (!pauses.closed()) {
            var now = RunClock.now();
            if (now - previous > paceNanos + STALL_NANOS) {
                stalls.add(previous + paceNanos, now);
            }
            previous = now;
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                // Kept for whoever asks for results: a probe that broke has observed nothing since.
                failure = Optional.of(e);
                pauses.close();
            }
            if (pauses.closed() || now - evaluated >= EVALUATION_NANOS) {
                evaluated = now;
                synchronized (beat) {
                    beat.notifyAll();
                }
            }
            // Beats that were missed are not made up for: they would only come in a burst.
            due = Math.max(due + paceNanos, now);
            try {
                var unused = pauses.pass(RunClock.between(RunClock.now(), due));
            } catch (InterruptedException e) {
                pauses.close();
            }
        }
    }

    Stalls stalls() {
        return stalls;
    }

    /** Throws if the probe broke: nothing may be concluded from its records then. */
    void mustWork() {
        failure.ifPresent(e -> {
            throw new ProbeException(thread.getName() + " broke: " + e + "; its records show nothing", e);
        });
    }

    /** Waits until a result is there, for {@code bound} at most; empty if it did not come, or if the probe was closed. */
    <T> Optional<T> await(Supplier<Optional<T>> result, Duration bound) throws InterruptedException {
        var deadline = RunClock.now() + bound.toNanos();
        while (true) {
            mustWork();
            var found = result.get();
            var left = deadline - RunClock.now();
            if (found.isPresent() || left <= 0 || pauses.closed()) {
                return found;
            }
            synchronized (beat) {
                if (!pauses.closed()) {
                    TimeUnit.NANOSECONDS.timedWait(beat, Math.min(left, EVALUATION_NANOS));
                }
            }
        }
    }

    /** Ends the thread; no step runs after it returns, but one that is stuck. */
    @Override
    public void close() {
        pauses.close();
        synchronized (beat) {
            beat.notifyAll();
        }
        ThreadEnd.await(thread, THREAD_END);
    }
}
