package io.havoq.fault.local.stress;

import io.havoq.fault.local.service.NamespaceThread;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One stressor process in the sandbox, from its start to its end. Memory that the kernel took back together with the process is
 * taken again after a second, as memStress does it ({@code main.go}), as long as the node's process is the same. Thread-safe.
 */
final class Stressor {
    private static final long BEGIN_SECONDS = 15;
    private static final long END_SECONDS = 5;
    private static final long AGAIN_NANOS = 1_000_000_000;

    private final String node;
    private final StressorState.Kind kind;
    private final List<String> words;
    private final Map<String, String> environment;
    private final NamespaceThread thread;
    private final BooleanSupplier nodeIsTheSame;
    private final CountDownLatch begun = new CountDownLatch(1);
    private @Nullable Process process;
    private boolean running;
    private boolean taken;
    private boolean stopped;
    private int starts;
    private String said = "";

    /** @param thread whose namespaces it has */
    Stressor(
            String node,
            StressorState.Kind kind,
            List<String> words,
            Map<String, String> environment,
            NamespaceThread thread,
            BooleanSupplier nodeIsTheSame) {
        this.node = node;
        this.kind = kind;
        this.words = List.copyOf(words);
        this.environment = Map.copyOf(environment);
        this.thread = thread;
        this.nodeIsTheSame = nodeIsTheSame;
    }

    /** Starts it and waits until its workers run. */
    void start() throws IOException {
        launch();
        try {
            if (!begun.await(BEGIN_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(
                        "the stressor for " + node + " did not begin within " + BEGIN_SECONDS + " s" + detail());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the stressor for " + node + " was started", e);
        }
        synchronized (this) {
            if (!running) {
                throw new IOException("the stressor for " + node + " ended at once" + detail());
            }
        }
    }

    private synchronized String detail() {
        return said.isEmpty() ? "" : ": " + said;
    }

    private void launch() throws IOException {
        var started = thread.call(() -> {
            var builder = new ProcessBuilder(words).redirectErrorStream(true);
            builder.environment().clear();
            builder.environment().putAll(environment);
            return builder.start();
        });
        synchronized (this) {
            process = started;
            running = true;
            taken = false;
            starts++;
            if (stopped) {
                started.destroyForcibly();
            }
        }
        var watcher = new Thread(() -> watch(started), "stressor-" + node);
        watcher.setDaemon(true);
        watcher.start();
    }

    private void watch(Process started) {
        try (var lines = new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                heard(line);
            }
        } catch (IOException e) {
            heard(String.valueOf(e.getMessage()));
        }
        try {
            ended(started.waitFor());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void heard(String line) {
        taken |= line.equals(StressorMain.TAKEN);
        said = line;
        if (line.equals(StressorMain.BEGUN)) {
            begun.countDown();
        }
    }

    private void ended(int status) throws InterruptedException {
        synchronized (this) {
            said = "exit status " + status + (said.equals(StressorMain.BEGUN) ? "" : ", last word '" + said + "'");
            if (stopped || begun.getCount() > 0 || kind == StressorState.Kind.CPU || !nodeIsTheSame.getAsBoolean()) {
                running = false;
                begun.countDown();
                notifyAll();
                return;
            }
            long again = System.nanoTime() + AGAIN_NANOS;
            for (long left = AGAIN_NANOS; left > 0 && !stopped; left = again - System.nanoTime()) {
                wait(left / 1_000_000 + 1);
            }
            if (stopped || !nodeIsTheSame.getAsBoolean()) {
                running = false;
                notifyAll();
                return;
            }
        }
        try {
            launch();
        } catch (IOException e) {
            synchronized (this) {
                running = false;
                said = String.valueOf(e.getMessage());
                notifyAll();
            }
        }
    }

    /** Ends it and waits for that. Idempotent. */
    synchronized void stop() throws IOException {
        stopped = true;
        notifyAll();
        var present = process;
        if (present == null) {
            return;
        }
        present.destroyForcibly();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
        try {
            while (running) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new IOException("the stressor for " + node + " (pid " + present.pid() + ") survives SIGKILL");
                }
                wait(left / 1_000_000 + 1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the stressor for " + node + " was ended", e);
        }
    }

    synchronized StressorState state() {
        var present = process;
        return new StressorState(node, kind, present == null ? -1 : present.pid(), running, taken, starts, said);
    }
}
