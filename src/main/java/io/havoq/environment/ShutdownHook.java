package io.havoq.environment;

/**
 * Closes something when the JVM ends before anybody did. To be registered before there is anything to close, and removed when it was
 * closed. Thread-safe.
 */
public final class ShutdownHook {
    private static final System.Logger LOG = System.getLogger(ShutdownHook.class.getName());

    private final Thread thread;

    private ShutdownHook(Thread thread) {
        this.thread = thread;
    }

    /**
     * From now on the JVM's end closes it.
     *
     * @param name of the thread that does
     * @throws IllegalStateException if the JVM is ending already: then nothing is to be started any more
     */
    public static ShutdownHook register(String name, Runnable closing) {
        var thread = new Thread(closing, name);
        Runtime.getRuntime().addShutdownHook(thread);
        return new ShutdownHook(thread);
    }

    /** The JVM's end does nothing any more; where it has begun, and so in {@code closing} itself, there is nothing to take back. Idempotent. */
    public void remove() {
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(thread);
        } catch (IllegalStateException e) {
            LOG.log(System.Logger.Level.DEBUG, "the JVM is shutting down: the hook runs, and finds nothing to do");
        }
    }
}
