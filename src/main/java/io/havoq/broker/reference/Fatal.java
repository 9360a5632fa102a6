package io.havoq.broker.reference;

/** Ends the process at once where going on would break a promise; a restart recovers from the log. */
final class Fatal {
    static final int EXIT_CODE = 70;

    private Fatal() {}

    @SuppressWarnings("SystemOut") // the last words, whatever became of the log
    static void halt(String what, Throwable cause) {
        try {
            System.err.println("FATAL " + what + ": " + cause + "; the node halts, restart it to recover");
            cause.printStackTrace();
            System.err.flush();
        } finally {
            // No shutdown hooks: they could wait for the very thing that failed.
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }
}
