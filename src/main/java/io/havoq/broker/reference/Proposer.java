package io.havoq.broker.reference;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gathers this node's operations into numbered batches and brings them into the log, in order and however often the
 * leader changes: what is not applied yet is sent again from the oldest on. Thread-safe.
 */
final class Proposer implements AutoCloseable {
    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
    private record Numbered(long sequence, byte[] bytes) {}

    /**
     * How long operations are gathered into one batch; the leader gathers batches again ({@link Bundler}). At 2 ms and an
     * entry for each batch three nodes took 1.6 of 2 cores at the plan's load and left elections to starve.
     */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final int BATCH_BYTES = 16 << 10;
    private static final int WINDOW = 256;
    /** What is under way at most; on a link of 128 KiB/s it arrives before it would be given up. */
    private static final long WINDOW_BYTES = 128 << 10;

    private static final long HIGH_WATER = 4L << 20;
    private static final long LOW_WATER = 1L << 20;

    private final String node;
    private final long boot;
    private final Uplink uplink;
    private final Runnable drained;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Numbered> unsent = new ArrayDeque<>();
    private final Deque<Numbered> sent = new ArrayDeque<>();
    private final Thread thread = new Thread(this::run, "proposer");

    private @Nullable WireOutput gathering;
    private long gatheringSince;
    private long lastSequence;
    private long pendingBytes;
    private long sentBytes;
    private Uplink.@Nullable Leader leader;
    private long attempt;
    private long notBefore = System.nanoTime();
    private long lastProgress = System.nanoTime();
    private boolean closed;
    private volatile long appliedSequence;
    private volatile boolean overloaded;

    /**
     * @param drained called, on the thread that applies, when it is no longer {@link #overloaded}
     */
    Proposer(String node, long boot, Uplink uplink, Runnable drained) {
        this.node = node;
        this.boot = boot;
        this.uplink = uplink;
        this.drained = drained;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Adds an operation, whatever is pending; returns the number of its batch. */
    long propose(Operation operation) {
        lock.lock();
        try {
            var batch = gathering;
            if (batch == null) {
                batch = new WireOutput(512);
                batch.raw(Batch.header(node, boot, ++lastSequence));
                gathering = batch;
                gatheringSince = System.nanoTime();
                changed.signal();
            }
            var before = batch.size();
            OperationCodec.write(operation, batch);
            pendingBytes += batch.size() - before;
            overloaded = pendingBytes > HIGH_WATER || overloaded;
            var sequence = lastSequence;
            if (batch.size() >= BATCH_BYTES) {
                seal(batch);
                changed.signal();
            }
            return sequence;
        } finally {
            lock.unlock();
        }
    }

    /** Whether so much is pending that no more should be read from clients; {@code drained} tells the end. */
    boolean overloaded() {
        return overloaded;
    }

    /** Whether the batch of this number was applied on this node. */
    boolean applied(long sequence) {
        return appliedSequence >= sequence;
    }

    /** Told when batches of this boot, up to this number, were applied on this node. */
    void markApplied(long sequence) {
        var tellDrained = false;
        lock.lock();
        try {
            if (sequence <= appliedSequence) {
                return;
            }
            appliedSequence = sequence;
            lastProgress = System.nanoTime();
            sentBytes -= dropUpTo(sequence, sent);
            dropUpTo(sequence, unsent);
            if (overloaded && pendingBytes < LOW_WATER) {
                overloaded = false;
                tellDrained = true;
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
        if (tellDrained) {
            drained.run();
        }
    }

    private long dropUpTo(long sequence, Deque<Numbered> batches) {
        var dropped = 0L;
        for (var first = batches.peek(); first != null && first.sequence() <= sequence; first = batches.peek()) {
            dropped += first.bytes().length;
            batches.remove();
        }
        pendingBytes = Math.max(0, pendingBytes - dropped);
        return dropped;
    }

    private void seal(WireOutput batch) {
        unsent.add(new Numbered(lastSequence, batch.toByteArray()));
        gathering = null;
    }

    private void run() {
        lock.lock();
        try {
            while (!closed) {
                step();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // run() is the loop, and asks everything again
    private void step() throws InterruptedException {
        var now = System.nanoTime();
        var batch = gathering;
        // With the window shut a batch grows instead of being followed by more: many small ones would fill the window
        // again.
        if (batch != null && now - gatheringSince >= GATHER_NANOS && unsent.isEmpty() && windowOpen()) {
            seal(batch);
        }
        var known = uplink.leader();
        if (!Objects.equals(known, leader)) {
            leader = known;
            startOver(now);
        } else if (!sent.isEmpty() && now - lastProgress > PATIENCE_NANOS) {
            startOver(now);
        }
        if (known != null && now - notBefore >= 0 && !unsent.isEmpty() && windowOpen()) {
            offer(known, unsent.remove());
        } else {
            changed.awaitNanos(pause(now));
        }
    }

    private boolean windowOpen() {
        return sent.isEmpty() || (sent.size() < WINDOW && sentBytes < WINDOW_BYTES);
    }

    private long pause(long now) {
        var age = now - gatheringSince;
        if (gathering != null && age < GATHER_NANOS) {
            return Math.max(50_000, GATHER_NANOS - age);
        }
        return unsent.isEmpty() && sent.isEmpty() ? TimeUnit.MILLISECONDS.toNanos(200) : RETRY_NANOS;
    }

    private void offer(Uplink.Leader to, Numbered batch) {
        if (sent.isEmpty()) {
            lastProgress = System.nanoTime();
        }
        sent.add(batch);
        sentBytes += batch.bytes().length;
        var current = attempt;
        var unused = uplink.offer(to, batch.bytes()).whenComplete((taken, problem) -> {
            if (problem != null || !taken) {
                retry(current);
            }
        });
    }

    private void retry(long failed) {
        lock.lock();
        try {
            if (failed == attempt) {
                startOver(System.nanoTime());
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Everything not applied is due again, the oldest first; repetitions are skipped where they are applied. */
    private void startOver(long now) {
        attempt++;
        while (!sent.isEmpty()) {
            unsent.addFirst(sent.removeLast());
        }
        sentBytes = 0;
        notBefore = now + RETRY_NANOS;
        lastProgress = now;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
