package io.havoq.workload;

import io.havoq.time.RunClock;
import io.havoq.time.ThreadEnd;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import org.HdrHistogram.Histogram;

/**
 * Sends at the intended times, whatever the broker does (open loop): message k leaves at start + k / rate, and a message that
 * is late does not move the ones after it. How late the pacer itself was is recorded, so that nobody takes its lag for the
 * broker's. Thread-safe.
 */
final class Pacer {
    private static final Duration THREAD_END = Duration.ofSeconds(30);
    /** Later than this the generator itself stood still (a stopped process, a suspended machine): no burst makes up for that. */
    static final Duration TOO_LATE = Duration.ofSeconds(2);

    private final double messagesPerSecond;
    private final LongPredicate dispatch;
    private final Thread thread;
    private final Histogram lagMicros = new Histogram(TimeUnit.HOURS.toMicros(1), 3);
    private volatile boolean stopped;
    private volatile boolean disturbed;
    private long intended;
    private long sent;
    private long withheld;

    /** @param dispatch takes the intended time, returns false if the message was withheld */
    Pacer(double messagesPerSecond, LongPredicate dispatch) {
        this.messagesPerSecond = messagesPerSecond;
        this.dispatch = dispatch;
        this.thread = new Thread(this::run, "havoq-pacer");
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Stops and waits for the message that is just being sent. */
    void stop() {
        stopped = true;
        if (!ThreadEnd.await(thread, THREAD_END)) {
            throw new IllegalStateException("the thread " + thread.getName() + " is stuck in a message that it sends");
        }
    }

    private void run() {
        var start = RunClock.now();
        for (var k = 0L; !stopped; k++) {
            var due = intendedNanos(start, k, messagesPerSecond);
            var wait = due - RunClock.now();
            while (wait > 0 && !stopped) {
                LockSupport.parkNanos(this, wait);
                wait = due - RunClock.now();
            }
            if (!stopped) {
                send(due, RunClock.now());
            }
        }
    }

    static long intendedNanos(long startNanos, long k, double messagesPerSecond) {
        return startNanos + Math.round(k * 1e9 / messagesPerSecond);
    }

    void send(long dueNanos, long nowNanos) {
        var lag = Math.max(0, nowNanos - dueNanos);
        var taken = lag <= TOO_LATE.toNanos() && dispatch.test(dueNanos);
        synchronized (lagMicros) {
            intended++;
            sent += taken ? 1 : 0;
            withheld += taken ? 0 : 1;
            if (!disturbed) {
                lagMicros.recordValue(Math.min(lag / 1000, lagMicros.getHighestTrackableValue()));
            }
        }
    }

    /** While it is, the lag is nobody's measure: a burst takes the machine's whole time. */
    void disturbed(boolean now) {
        disturbed = now;
    }

    PacingReport report() {
        synchronized (lagMicros) {
            return new PacingReport(
                    intended,
                    sent,
                    withheld,
                    Duration.ofNanos(lagMicros.getValueAtPercentile(99) * 1000),
                    Duration.ofNanos(lagMicros.getMaxValue() * 1000));
        }
    }
}
