package io.havoq.environment.k3s;

import io.havoq.environment.EnvironmentException;
import org.jspecify.annotations.Nullable;

/** Breaks off a start that takes minutes in another thread, so that Ctrl-C need not wait until the cluster is up. Thread-safe. */
final class StartUnderWay {
    private @Nullable Thread thread;
    private boolean brokenOff;

    /** From now on this thread starts. */
    synchronized void begins() {
        thread = Thread.currentThread();
    }

    /** It starts no more, and is not interrupted any more. */
    synchronized void ends() {
        thread = null;
    }

    /** Interrupts whoever starts, unless it is the caller itself, who undoes what failed. */
    synchronized void breakOff() {
        if (thread != null && thread != Thread.currentThread()) {
            brokenOff = true;
            thread.interrupt();
        }
    }

    /** Between two steps: foreign code may have swallowed the interrupt. */
    synchronized void check() {
        if (brokenOff) {
            throw new EnvironmentException("closed while the cluster was being started");
        }
    }
}
