package io.havoq.fault.local.sandbox;

import io.havoq.fault.local.service.NamespaceThread;
import io.havoq.fault.local.service.ProcessTree;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One node in the sandbox: starts its process, keeps its log, tells of its end. Processes are started on one thread that lives
 * as long as the sandbox: their death signal follows that thread (prctl(2), PR_SET_PDEATHSIG), and what the thread is given
 * for the node alone, its processes have too.
 */
final class Node {
    private static final Duration TREE_END = Duration.ofSeconds(3);

    private final String name;
    private final Supplier<List<String>> wrapper;
    private final long maxLogBytes;
    private final Consumer<Event> events;
    private final NamespaceThread launcher;
    private @Nullable NodeLog log;
    private @Nullable Running running;

    /** The process of one start. */
    private record Running(long run, Process process, ProcessTree tree) {}

    /**
     * @param wrapper the words that the next command line is prefixed with
     * @param launcher the thread that starts its processes, which have the thread's namespaces
     */
    Node(
            String name,
            Supplier<List<String>> wrapper,
            long maxLogBytes,
            NamespaceThread launcher,
            Consumer<Event> events) {
        this.name = name;
        this.wrapper = wrapper;
        this.maxLogBytes = maxLogBytes;
        this.events = events;
        this.launcher = launcher;
    }

    void start(Command.Start start) {
        launcher.execute(() -> {
            try {
                launch(start);
            } catch (IOException e) {
                events.accept(
                        new Event.NotStarted(name, start.run(), String.valueOf(e.getMessage()), System.nanoTime()));
            }
        });
    }

    private void launch(Command.Start start) throws IOException {
        Files.createDirectories(start.data());
        if (log == null) {
            log = new NodeLog(start.log(), maxLogBytes);
        }
        var kept = log;
        var words = new ArrayList<>(wrapper.get());
        words.addAll(start.program());
        var builder = new ProcessBuilder(words)
                .directory(start.data().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(start.environment());
        kept.remark(name + ", start " + start.run() + ": " + String.join(" ", start.program()));
        var process = builder.start();
        var tree = new ProcessTree(
                process.pid(), ProcessTree.VARIABLE + "=" + start.environment().get(ProcessTree.VARIABLE));
        synchronized (this) {
            running = new Running(start.run(), process, tree);
        }
        events.accept(new Event.Started(name, start.run(), process.pid(), System.nanoTime()));
        var pump = new Thread(() -> pump(process, kept), "log-" + name);
        pump.setDaemon(true);
        pump.start();
        var waiter = new Thread(() -> awaitEnd(start.run(), process, tree, pump, kept), "wait-" + name);
        waiter.setDaemon(true);
        waiter.start();
    }

    private void awaitEnd(long run, Process process, ProcessTree tree, Thread pump, NodeLog kept) {
        try {
            int status = process.waitFor();
            long at = System.nanoTime();
            var deadline = at + TREE_END.toNanos();
            if (!tree.killRest(deadline)) {
                events.accept(new Event.Notice(name, "processes survive SIGKILL: " + tree));
            }
            // Its last words belong before the line on its end.
            pump.join(1_000);
            try {
                kept.remark(name + ", start " + run + " ended with status " + status);
            } catch (IOException e) {
                events.accept(new Event.Notice(name, "log cannot be written: " + e.getMessage()));
            }
            synchronized (this) {
                running = null;
            }
            events.accept(new Event.Exited(name, run, status, at));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pump(Process process, NodeLog kept) {
        var buffer = new byte[8192];
        var told = false;
        try (var output = process.getInputStream()) {
            for (int length = output.read(buffer); length >= 0; length = output.read(buffer)) {
                try {
                    kept.write(buffer, length);
                } catch (IOException e) {
                    // Go on reading: a node must not stand still because of its log.
                    if (!told) {
                        told = true;
                        events.accept(
                                new Event.Notice(name, "log cannot be written, its rest is lost: " + e.getMessage()));
                    }
                }
            }
        } catch (IOException e) {
            // The stream is closed under the reader when the process ends: nothing more to read.
            if (process.isAlive()) {
                events.accept(new Event.Notice(name, "output cannot be read: " + e.getMessage()));
            }
        }
    }

    /** Ends the process of this run if it is the present one. */
    void stop(long run, Duration grace) {
        Running target;
        synchronized (this) {
            target = running;
        }
        if (target == null || target.run != run) {
            return;
        }
        if (grace.isZero()) {
            kill(target);
            return;
        }
        target.process.destroy();
        var reminder = new Thread(
                () -> {
                    try {
                        if (!target.process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                            kill(target);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "grace-" + name);
        reminder.setDaemon(true);
        reminder.start();
    }

    /** Kills what runs and waits until it ended. */
    void end(long deadlineNanos) throws InterruptedException {
        launcher.close();
        Running target;
        synchronized (this) {
            target = running;
        }
        if (target != null) {
            kill(target);
            target.process.waitFor(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
            target.tree.killRest(deadlineNanos);
        }
    }

    private static void kill(Running target) {
        // The leader first, as the kernel does with a container; then, without waiting for its end, the others.
        target.process.destroyForcibly();
        target.tree.rest().forEach(ProcessHandle::destroyForcibly);
    }
}
