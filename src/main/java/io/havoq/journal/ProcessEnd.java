package io.havoq.journal;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for the end of processes that are not this one's children. Their {@code onExit()} first looks after 300 ms, and takes
 * a dead process for a living one until its parent waits for it, which process 1 of a container may never do.
 */
public final class ProcessEnd {
    private static final long LOOK_AGAIN_NANOS = 10_000_000;

    private ProcessEnd() {}

    /** Whether the process has ended, at the latest when this time is over. */
    public static boolean await(ProcessHandle process, Duration bound) throws InterruptedException {
        var begun = System.nanoTime();
        while (process.isAlive() && ProcessIdentity.of(process.pid()).isPresent()) {
            if (System.nanoTime() - begun > bound.toNanos()) {
                return false;
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while waiting for the end of process " + process.pid());
            }
        }
        return true;
    }
}
