package io.havoq.fault.local.loop;

import io.havoq.time.ThreadEnd;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One named thread that serves many non-blocking channels, tasks and timers. What runs on it needs no locks. Tasks that
 * were handed over before {@link #close} run; it then closes every channel that is registered.
 */
public final class SelectorLoop implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(10);

    private final Selector selector = Selector.open();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::atNanos).thenComparingLong(Timer::number));
    private final Thread thread;
    private long timersMade;
    private volatile boolean closing;

    private record Timer(long atNanos, long number, Runnable task) {}

    /** Starts the thread, as a daemon of this name. */
    public SelectorLoop(String name) throws IOException {
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Has the task run on the loop's thread, soon; ignored once the loop has ended. */
    public void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** Runs the task on the loop's thread and waits for its result. */
    public <T> T call(Callable<T> task) throws IOException {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException(thread.getName() + " cannot wait for itself");
        }
        if (!thread.isAlive()) {
            throw new IOException("the thread " + thread.getName() + " has ended: it was closed before");
        }
        var result = new CompletableFuture<T>();
        execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause().getMessage()), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException(
                    "the thread " + thread.getName() + " gave no answer within " + BOUND.toSeconds() + " s: "
                            + (thread.isAlive() ? "it is blocked" : "it has ended"),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the thread " + thread.getName(), e);
        }
    }

    /** Serves a channel from now on. On the loop's thread only. */
    public SelectionKey register(SelectableChannel channel, int interest, Ready ready) throws ClosedChannelException {
        return channel.register(selector, interest, ready);
    }

    /** Runs the task at a time of {@link System#nanoTime()}, at most some milliseconds late. On the loop's thread only. */
    public void at(long nanos, Runnable task) {
        timers.add(new Timer(nanos, timersMade++, task));
    }

    /**
     * Makes closed channels gone for the kernel too: a registered one is released only by the next selection. On the loop's
     * thread, in a task.
     */
    public void release() throws IOException {
        selector.selectNow();
    }

    private void run() {
        try (selector) {
            while (!closing) {
                runTasks();
                runTimers();
                if (!closing) {
                    select();
                }
            }
            runTasks();
            for (var key : selector.keys()) {
                key.channel().close();
            }
            selector.selectNow();
        } catch (IOException e) {
            complain(thread.getName() + " ends", e);
        }
    }

    private void runTasks() {
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            guarded(task);
        }
    }

    private void runTimers() {
        // What these add for at once has to wait until the channels were served.
        long now = System.nanoTime();
        for (var next = timers.peek(); next != null && next.atNanos - now <= 0; next = timers.peek()) {
            timers.remove();
            guarded(next.task);
        }
    }

    private void select() throws IOException {
        var next = timers.peek();
        long nanos = next == null ? Long.MAX_VALUE : next.atNanos - System.nanoTime();
        if (nanos <= 0 || !tasks.isEmpty()) {
            selector.selectNow(SelectorLoop::serve);
        } else if (next == null) {
            selector.select(SelectorLoop::serve);
        } else {
            selector.select(SelectorLoop::serve, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999));
        }
    }

    private static void serve(SelectionKey key) {
        guarded(((Ready) key.attachment())::ready);
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // A defect in one channel's handling must not end the service of all the others.
            complain(Thread.currentThread().getName() + " goes on", e);
        }
    }

    private static void complain(String consequence, Exception e) {
        System.err.println(consequence + " after " + e);
        for (var element : e.getStackTrace()) {
            System.err.println("\tat " + element);
        }
    }

    /** Ends the thread and closes the channels; returns when that is done. */
    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        if (Thread.currentThread() == thread) {
            return;
        }
        ThreadEnd.await(thread, BOUND);
    }
}
