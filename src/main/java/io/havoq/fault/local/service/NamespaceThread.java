package io.havoq.fault.local.service;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * One thread that lives as long as the sandbox. A network namespace belongs to a thread (unshare(2)): what this one opens
 * and starts lies in its own. Processes that it starts get their death signal when it ends (prctl(2), PR_SET_PDEATHSIG).
 * Thread-safe.
 */
public final class NamespaceThread implements AutoCloseable {
    private final ExecutorService thread;
    private final String name;

    /** A thread of this name, which enters no namespace by itself. */
    public NamespaceThread(String name) {
        this.name = name;
        this.thread = Executors.newSingleThreadExecutor(task -> {
            var made = new Thread(task, name);
            made.setDaemon(true);
            return made;
        });
    }

    /** Runs a task on the thread, some time. */
    public void execute(Runnable task) {
        thread.execute(task);
    }

    /**
     * Runs a task on the thread and returns what came of it.
     *
     * @throws IOException what the task threw, or that the thread has ended
     */
    public <T> T call(Callable<T> task) throws IOException {
        try {
            return thread.submit(task).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw new IOException(io.getMessage(), io);
            }
            throw new IOException(name + ": " + e.getCause(), e.getCause());
        } catch (RejectedExecutionException e) {
            throw new IOException(name + " has ended", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + name + " was asked", e);
        }
    }

    /** Takes no tasks any more; the thread ends after the present one. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
