package io.havoq.fault.local.service;

/** Undoes what was begun although the thread was interrupted: else a time-out of a test would leave a fault in force. */
public final class Undisturbed {
    private Undisturbed() {}

    /** Runs it without the interrupt, which the thread has again afterwards. */
    public static void run(Runnable undo) {
        var interrupted = Thread.interrupted();
        try {
            undo.run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
