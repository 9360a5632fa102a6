package io.havoq.fault.local.network;

import io.havoq.fault.local.network.PairCounters.Drop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The way of the packets of one pair: through the stages of its rules, one after the other in the order in which the rules
 * came, then to the destination's port at once or when they are due.
 *
 * <p>Everything happens under the link's lock, the handing over included: when a rule has been imposed or lifted, no packet
 * is under way any more that was treated as before. Only the source's reader, the timer and whoever changes rules ever
 * want the lock.
 *
 * <p>Packets that are held when something changes: a partition or a cut drops them. When a rule that holds packets is lifted or
 * changed, they are handed over at once in the order in which they were due, before any that comes later. So healing a link does
 * not reorder; netem would drop them.
 */
final class Link {
    /** What a held packet costs beside its bytes. */
    private static final int OVERHEAD = 64;

    private static final int LARGEST = 65_535;
    private static final Stage[] NONE = {};
    private static final long NOTHING_DUE = Long.MAX_VALUE;

    private final Pair pair;
    private final Port destination;
    private final Context context;
    private final Tally tally = new Tally();
    private final PriorityQueue<Held> queue = new PriorityQueue<>();
    private Stage[] stages = NONE;
    private boolean cut;
    private long queuedBytes;
    private long sequence;
    private long latestDue;
    private @Nullable ByteBuffer scratch;
    /** When the first held packet is due; read by the timer without the lock. */
    private volatile long nextDue = NOTHING_DUE;

    /** What a link needs of its switch. */
    interface Context {
        /** Nanoseconds since the switch was made. */
        long clock();

        /** Something is due earlier than before. */
        void dueAt(long nanos);

        /** A packet was handed over. */
        void delivered(ByteBuffer packet);

        QueueLimit limit();

        /** Bytes held by all links. */
        AtomicLong heldBytes();

        DurationHistogram lateness();

        DurationHistogram transit();
    }

    /** A packet that waits. */
    private static final class Held implements Comparable<Held> {
        private final long due;
        private final long sequence;
        private final byte[] packet;

        Held(long due, long sequence, byte[] packet) {
            this.due = due;
            this.sequence = sequence;
            this.packet = packet;
        }

        @Override
        public int compareTo(Held other) {
            return due == other.due ? Long.compare(sequence, other.sequence) : Long.compare(due, other.due);
        }
    }

    Link(Pair pair, Port destination, Context context) {
        this.pair = pair;
        this.destination = destination;
        this.context = context;
    }

    Pair pair() {
        return pair;
    }

    long nextDue() {
        return nextDue;
    }

    /** Takes a packet that was read at this moment. */
    synchronized void accept(ByteBuffer packet, long now) {
        if (cut) {
            tally.drop(Drop.CUT);
            return;
        }
        if (nextDue <= now) {
            deliverDue(now); // the timer is late: what is due goes first
        }
        pass(packet, 0, now, now, false);
    }

    /** @param at when the packet comes to this stage, as planned; not before now */
    private void pass(ByteBuffer packet, int index, long at, long now, boolean copy) {
        if (index == stages.length) {
            leave(packet, at, now);
            return;
        }
        var stage = stages[index];
        if (stage.isPartition()) {
            drop(stage, Drop.PARTITION);
            return;
        }
        var copies = 1;
        if (!copy && stage.duplicates()) {
            copies++;
        }
        if (stage.loses()) {
            copies--;
        }
        if (copies == 0) {
            drop(stage, Drop.LOSS);
            return;
        }
        if (copies == 2) {
            tally.duplicated++;
            stage.tally().duplicated++;
            pass(packet, index, at, now, true);
        }
        var length = packet.limit();
        var bit = stage.corruptedBit(length);
        if (bit >= 0) {
            tally.corrupted++;
            stage.tally().corrupted++;
            flip(packet, bit);
        }
        var shaped = stage.shaped(length, at);
        if (shaped == TokenBucket.REFUSED) {
            drop(stage, Drop.SHAPE);
        } else {
            var leaves = shaped + stage.delayNanos();
            if (leaves > at) {
                stage.tally().delayed++;
            }
            stage.tally().pass(length);
            pass(packet, index + 1, leaves, now, false);
        }
        if (bit >= 0) {
            flip(packet, bit); // the packet was handed over or copied; a copy of it may follow
        }
    }

    private static void flip(ByteBuffer packet, int bit) {
        packet.put(bit / 8, (byte) (packet.get(bit / 8) ^ 1 << bit % 8));
    }

    private void drop(Stage stage, Drop cause) {
        tally.drop(cause);
        stage.tally().drop(cause);
    }

    private void leave(ByteBuffer packet, long due, long now) {
        if (!queue.isEmpty() && due < latestDue) {
            tally.reordered++;
            for (var stage : stages) {
                if (stage.reorders()) {
                    stage.tally().reordered++;
                }
            }
        }
        if (due > now) {
            hold(packet, due);
        } else if (deliver(packet)) {
            context.transit().record(context.clock() - now);
        }
    }

    private void hold(ByteBuffer packet, long due) {
        var length = packet.limit();
        var limit = context.limit();
        if (queue.size() >= limit.packets()
                || queuedBytes + length > limit.bytes()
                || context.heldBytes().get() + length > limit.bytesOfAll()) {
            tally.drop(Drop.QUEUE);
            return;
        }
        var copy = new byte[length];
        packet.get(0, copy);
        tally.delayed++;
        queuedBytes += length;
        context.heldBytes().addAndGet(length + OVERHEAD);
        latestDue = queue.isEmpty() ? due : Math.max(latestDue, due);
        queue.add(new Held(due, sequence++, copy));
        if (due < nextDue) {
            nextDue = due;
            context.dueAt(due);
        }
    }

    /** Hands over what is due at this moment. */
    synchronized void deliverDue(long now) {
        for (var first = queue.peek(); first != null && first.due <= now; first = queue.peek()) {
            if (deliver(take())) {
                context.lateness().record(context.clock() - first.due);
            }
        }
        announceNext();
    }

    private void announceNext() {
        var first = queue.peek();
        nextDue = first == null ? NOTHING_DUE : first.due;
    }

    /** The first held packet, in a buffer that the next call uses again. */
    private ByteBuffer take() {
        var held = queue.remove();
        queuedBytes -= held.packet.length;
        context.heldBytes().addAndGet(-(held.packet.length + OVERHEAD));
        if (scratch == null) {
            scratch = ByteBuffer.allocateDirect(LARGEST);
        }
        return scratch.clear().put(held.packet).flip();
    }

    private boolean deliver(ByteBuffer packet) {
        try {
            destination.write(packet);
        } catch (IOException e) {
            tally.drop(Drop.WRITE); // told by the counters and the port's statistics
            return false;
        }
        tally.pass(packet.limit());
        context.delivered(packet);
        return true;
    }

    /** Adds the rule, or puts it in the place of what it was. */
    synchronized void impose(
            String rule, List<Impairment> impairments, long seed, Function<Impairment.Shape, TokenBucket> buckets) {
        var present = find(rule);
        var stage = new Stage(seed, rule, pair, impairments, present == null ? new Tally() : present.tally(), buckets);
        var changed = new ArrayList<>(List.of(stages));
        if (present == null) {
            changed.add(stage);
        } else {
            changed.set(changed.indexOf(present), stage);
        }
        if (stage.isPartition()) {
            dropHeld(stage, Drop.PARTITION);
        } else if (present != null && present.holds()) {
            releaseHeld();
        }
        stages = changed.toArray(NONE);
    }

    /** Removes the rule; its last counters, or null if there is no such rule here. */
    synchronized @Nullable PairCounters lift(String rule) {
        var stage = find(rule);
        if (stage == null) {
            return null;
        }
        if (stage.holds()) {
            releaseHeld();
        }
        var rest = new ArrayList<>(List.of(stages));
        rest.remove(stage);
        stages = rest.toArray(NONE);
        return stage.tally().counters(queue.size());
    }

    private @Nullable Stage find(String rule) {
        for (var stage : stages) {
            if (stage.rule().equals(rule)) {
                return stage;
            }
        }
        return null;
    }

    synchronized void cut(boolean now) {
        cut = now;
        if (cut) {
            dropHeld(null, Drop.CUT);
        }
    }

    private void dropHeld(@Nullable Stage stage, Drop cause) {
        while (!queue.isEmpty()) {
            take();
            tally.drop(cause);
            if (stage != null) {
                stage.tally().drop(cause);
            }
        }
        announceNext();
    }

    private void releaseHeld() {
        while (!queue.isEmpty()) {
            deliver(take());
        }
        announceNext();
    }

    synchronized PairCounters counters() {
        return tally.counters(queue.size());
    }

    synchronized @Nullable PairCounters counters(String rule) {
        var stage = find(rule);
        return stage == null ? null : stage.tally().counters(queue.size());
    }

    synchronized long dropped(Drop cause) {
        return tally.dropped(cause);
    }
}
