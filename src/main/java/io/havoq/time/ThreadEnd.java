package io.havoq.time;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for the end of a thread that has been told to end. */
public final class ThreadEnd {
    private ThreadEnd() {}

    /**
     * Wakes the thread if it is parked, and returns when it has ended or the bound has passed, whatever interrupts; the caller's flag is
     * kept.
     *
     * @return whether it has ended
     */
    public static boolean await(Thread thread, Duration bound) {
        LockSupport.unpark(thread);
        var interrupted = Thread.interrupted();
        var deadline = RunClock.now() + bound.toNanos();
        try {
            for (var left = bound.toNanos(); left > 0 && thread.isAlive(); left = deadline - RunClock.now()) {
                try {
                    TimeUnit.NANOSECONDS.timedJoin(thread, left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return !thread.isAlive();
    }
}
