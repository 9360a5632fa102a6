package io.havoq.broker.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Gathers the batches of all nodes at the leader into entries of the log: what an entry costs (a write, a round to the
 * followers, an apply on every node) is most of what the cluster costs. While entries are slow to be committed,
 * they grow instead of getting many more: on a slow network one every 50 ms, and no more than the followers' disks keep up with.
 * Thread-safe.
 */
final class Bundler implements AutoCloseable {
    private static final long GATHER_MILLIS = 10;
    private static final int ENOUGH_BYTES = 16 << 10;
    private static final int UNCOMMITTED = 4;
    /**
     * A follower writes one request after the other, whatever its disk takes: with an entry every 50 ms and 57 ms for each they waited for
     * seconds, and ever longer. This many are one every 65 ms on links of 250 ms.
     */
    private static final int MOST_UNCOMMITTED = 8;

    private static final long SLOW_MILLIS = 50;

    private final Function<byte[], CompletableFuture<Boolean>> log;
    private final long slowMillis;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task, "bundler");
        thread.setDaemon(true);
        return thread;
    });
    private WireOutput gathering = new WireOutput(512);
    private CompletableFuture<Boolean> outcome = new CompletableFuture<>();
    private boolean due;
    private boolean overdue;
    private int uncommitted;

    /**
     * @param log appends an entry, in the order of its calls; tells whether it was committed; never blocks
     */
    Bundler(Function<byte[], CompletableFuture<Boolean>> log) {
        this(log, SLOW_MILLIS);
    }

    /**
     * @param slowMillis how long an entry grows at most because others are not committed yet
     */
    Bundler(Function<byte[], CompletableFuture<Boolean>> log, long slowMillis) {
        this.log = log;
        this.slowMillis = slowMillis;
    }

    /** Adds a batch; tells whether the entry that it went into was committed. */
    synchronized CompletableFuture<Boolean> add(byte[] batch) {
        var mine = outcome;
        var first = gathering.size() == 0;
        gathering.blob(batch);
        if (gathering.size() >= ENOUGH_BYTES) {
            submit();
        } else if (first) {
            var unused = timer.schedule(() -> due(mine), GATHER_MILLIS, TimeUnit.MILLISECONDS);
        }
        return mine;
    }

    private synchronized void due(CompletableFuture<Boolean> gathered) {
        if (gathered == outcome) {
            due = true;
            submitIfDue();
            if (gathered == outcome) {
                var unused = timer.schedule(() -> overdue(gathered), slowMillis - GATHER_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    private synchronized void overdue(CompletableFuture<Boolean> gathered) {
        if (gathered == outcome) {
            overdue = true;
            submitIfDue();
        }
    }

    private void submitIfDue() {
        if (due && uncommitted < (overdue ? MOST_UNCOMMITTED : UNCOMMITTED)) {
            submit();
        }
    }

    private void submit() {
        var entry = gathering.toByteArray();
        var told = outcome;
        gathering = new WireOutput(512);
        outcome = new CompletableFuture<>();
        due = false;
        overdue = false;
        uncommitted++;
        // On the timer's thread, without this object's lock: whoever is told may come back with locks of its own.
        var unused = log.apply(entry)
                .whenCompleteAsync(
                        (committed, problem) -> {
                            ended();
                            if (problem == null) {
                                told.complete(committed);
                            } else {
                                told.completeExceptionally(problem);
                            }
                        },
                        timer);
    }

    private synchronized void ended() {
        uncommitted--;
        submitIfDue();
    }

    /** The batches of an entry. */
    static List<byte[]> batches(byte[] entry) {
        var in = new WireInput(entry);
        var batches = new ArrayList<byte[]>();
        while (!in.exhausted()) {
            batches.add(in.blob());
        }
        return batches;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
