package io.havoq.workload;

import java.util.concurrent.locks.LockSupport;

/** Waits for the end of a thread that has been told to end. */
final class ThreadEnd {
    private ThreadEnd() {}

    /** Wakes the thread if it is parked, and returns when it has ended, whatever interrupts; the caller's flag is kept. */
    static void await(Thread thread) {
        LockSupport.unpark(thread);
        var interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
