package io.havoq.environment.k3s;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;

/**
 * Waits until K3s says that it is up, or ends: Testcontainers' own waiting for a line goes on to the end of the time when the container has
 * long exited.
 */
final class StartingLog extends AbstractWaitStrategy implements Consumer<OutputFrame> {
    /** As Testcontainers' module for K3s has it. */
    private static final String UP = "Node controller sync successful";

    private static final int LINES = 5;

    private final CountDownLatch decided = new CountDownLatch(1);
    /** The last lines, oldest first; asked of the daemon afterwards they are not to be had: Testcontainers has let go of the container. */
    private final Deque<String> last = new ArrayDeque<>();

    private volatile boolean up;

    StartingLog(Duration timeout) {
        withStartupTimeout(timeout);
    }

    @Override
    public void accept(OutputFrame frame) {
        if (frame.getType() == OutputFrame.OutputType.END) {
            decided.countDown();
            return;
        }
        var text = frame.getUtf8String();
        if (text.contains(UP)) {
            up = true;
            decided.countDown();
        }
        keep(text);
    }

    private synchronized void keep(String text) {
        text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(last::add);
        while (last.size() > LINES) {
            last.removeFirst();
        }
    }

    /** What it said last, as an addition to a message. */
    synchronized String lastLines() {
        return last.isEmpty() ? "" : "; the last of its log: " + String.join(" | ", last);
    }

    @Override
    protected void waitUntilReady() {
        try {
            if (!decided.await(startupTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new ContainerLaunchException("K3s does not say '" + UP + "' within " + startupTimeout.toSeconds()
                        + " s; more time: " + K3sSettings.START_TIMEOUT.key());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContainerLaunchException("interrupted while K3s was starting", e);
        }
        if (!up) {
            throw new ContainerLaunchException("K3s has ended before it was up");
        }
    }
}
