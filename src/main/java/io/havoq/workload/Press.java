package io.havoq.workload;

import io.havoq.time.RunClock;
import io.havoq.time.ThreadEnd;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps QoS 1 and 2 publishes outstanding at some nodes, so that one of these nodes has work in its hands at the instant it
 * is killed. Up to 10 publishers that are connected there send one message each as soon as their last one is answered, 1,000 per
 * second together at the most. Meant for the moments around an injection; ends when closed or when none of these
 * connections is left.
 */
final class Press implements AutoCloseable {
    private static final Duration THREAD_END = Duration.ofSeconds(30);
    private static final int PUBLISHERS = 10;
    private static final long PERIOD_NANOS = 1_000_000;

    private final List<LoadPublisher> publishers;
    private final Set<String> targets;
    private final Thread thread;
    private volatile boolean closed;

    Press(List<LoadPublisher> all, Collection<String> targets) {
        this.targets = Set.copyOf(targets);
        // By turns over the targets, so that none is left out.
        this.publishers = this.targets.stream()
                .flatMap(target -> all.stream()
                        .filter(publisher ->
                                publisher.node().filter(target::equals).isPresent())
                        .limit(Math.max(1, PUBLISHERS / this.targets.size())))
                .toList();
        this.thread = new Thread(this::run, "havoq-press");
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        var due = RunClock.now();
        for (var turn = 0L; !closed && anyConnected(); turn++) {
            var publisher = publishers.get((int) (turn % publishers.size()));
            if (publisher.node().filter(targets::contains).isPresent()) {
                // One round at QoS 1, the next at QoS 2.
                publisher.offer(1 + (int) (turn / publishers.size() % 2), RunClock.now(), 1);
            }
            due += PERIOD_NANOS;
            var wait = due - RunClock.now();
            if (wait > 0) {
                LockSupport.parkNanos(this, wait);
            } else {
                due = RunClock.now();
            }
        }
    }

    private boolean anyConnected() {
        return publishers.stream()
                .anyMatch(
                        publisher -> publisher.node().filter(targets::contains).isPresent());
    }

    @Override
    public void close() {
        closed = true;
        ThreadEnd.await(thread, THREAD_END);
    }
}
