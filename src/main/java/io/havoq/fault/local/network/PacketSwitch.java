package io.havoq.fault.local.network;

import io.havoq.fault.local.network.PairCounters.Drop;
import io.havoq.time.ThreadEnd;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Passes IPv4 packets between the ports of nodes, and impairs them as rules say: tc-netem(8) and tc-tbf(8) in user space.
 *
 * <p>A rule has a name and holds for any number of pairs. Several rules on one pair add up, in the order they came. Rules
 * can be imposed, changed and lifted at any time; when the call returns, it holds for every packet that is handed over from
 * then on. What is held when a delaying or shaping rule is lifted or changed is handed over at once, in the order in which it
 * was due, and before what comes later; a partition and a cut drop what is held. Choices are pseudo-random from the seed, with
 * random numbers of their own for each rule, pair and kind.
 *
 * <p>What is held is bounded, see {@link PairCounters.Drop#QUEUE}. Any thread may call any method.
 */
public final class PacketSwitch implements AutoCloseable {
    /** They end at once. */
    private static final Duration THREAD_END = Duration.ofSeconds(10);

    private static final int SHORTEST = 20;
    private static final int LARGEST = 65_535;
    private static final int DESTINATION = 16;
    private static final long FOR_EVER = Long.MAX_VALUE;

    /** Before everything of the usual niceness, behind what the system itself needs at once. */
    private static final int NICENESS = -10;

    private final long seed;
    private final QueueLimit limit;
    private final long origin = System.nanoTime();
    private final List<Attached> attached = new ArrayList<>();
    private final Set<String> cut = new HashSet<>();
    private final Map<Sender, TokenBucket> buckets = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final DurationHistogram lateness = new DurationHistogram();
    private final DurationHistogram transit = new DurationHistogram();
    private final LongAdder unknown = new LongAdder();
    private final LongAdder foreign = new LongAdder();
    private final Link.Context context = new LinkContext();
    private final Thread timer = new Thread(this::deliverDue, "switch-timer");
    /** By source and destination, in the order of attachment; empty before the start. */
    private volatile Link[][] links = {};

    private int[] addresses = {};
    private boolean started;
    private volatile boolean closed;
    private volatile @Nullable Capture capture;
    /** Until when the timer sleeps, unless it is told of something earlier. */
    private volatile long sleepsUntil = FOR_EVER;

    /** Who shares a bucket: what one rule does to all that a node sends. */
    private record Sender(String rule, String source) {}

    /** A node's place on the switch. */
    private record Attached(String name, Inet4Address address, Port port) {}

    /** A moment that {@link PacketSwitch#health} counts from. */
    public static final class Mark {
        private final long[] lateness;
        private final long[] transit;
        private final Lost lost;

        private Mark(long[] lateness, long[] transit, Lost lost) {
            this.lateness = lateness;
            this.transit = transit;
            this.lost = lost;
        }
    }

    private record Lost(long writeFailures, long overruns, long queueDrops, long unknown, long foreign) {}

    /**
     * What a capture got.
     *
     * @param packets written
     * @param bytes of the file
     * @param left packets left out because the file had reached its bound
     */
    public record Captured(long packets, long bytes, long left) {}

    /** @param seed of all choices */
    public PacketSwitch(long seed) {
        this(seed, QueueLimit.ofThisProcess());
    }

    PacketSwitch(long seed, QueueLimit limit) {
        this.seed = seed;
        this.limit = limit;
    }

    /** Adds a port, which belongs to the switch from now on. Before {@link #start} only. */
    public synchronized void attach(String name, Inet4Address address, Port port) {
        if (started) {
            throw new IllegalStateException("cannot attach " + name + ": the switch has started");
        }
        for (var other : attached) {
            if (other.name.equals(name) || other.address.equals(address)) {
                throw new IllegalArgumentException("cannot attach " + name + " at " + address.getHostAddress() + ": "
                        + other.name + " is at " + other.address.getHostAddress());
            }
        }
        attached.add(new Attached(name, address, port));
    }

    /** Begins to pass packets. */
    public synchronized void start() {
        if (started) {
            throw new IllegalStateException("the switch has started already");
        }
        started = true;
        var count = attached.size();
        addresses = new int[count];
        var made = new Link[count][count];
        for (var source = 0; source < count; source++) {
            addresses[source] =
                    ByteBuffer.wrap(attached.get(source).address.getAddress()).getInt();
            for (var destination = 0; destination < count; destination++) {
                var to = attached.get(destination);
                made[source][destination] = new Link(new Pair(attached.get(source).name, to.name), to.port, context);
            }
        }
        links = made;
        threads.add(timer);
        for (var source = 0; source < count; source++) {
            var index = source;
            threads.add(new Thread(() -> pass(index), "switch-" + attached.get(source).name));
        }
        for (var thread : threads) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void pass(int source) {
        var from = attached.get(source);
        var packet = ByteBuffer.allocateDirect(LARGEST);
        try {
            comeFirst();
            while (from.port.read(packet) >= 0) {
                var now = context.clock();
                if (packet.limit() < SHORTEST || packet.get(0) >> 4 != 4) {
                    foreign.increment();
                    continue;
                }
                var destination = indexOf(packet.getInt(DESTINATION));
                if (destination < 0 || destination == source) {
                    unknown.increment();
                    continue;
                }
                links[source][destination].accept(packet, now);
            }
        } catch (IOException | RuntimeException e) {
            failures.add("packets of " + from.name + " are no longer passed: " + e);
        }
    }

    private int indexOf(int address) {
        for (var i = 0; i < addresses.length; i++) {
            if (addresses[i] == address) {
                return i;
            }
        }
        return -1;
    }

    /**
     * The calling thread comes before the brokers, who would otherwise make the packets late that they wait for. The kernel allows that with
     * CAP_SYS_NICE or RLIMIT_NICE; without, a machine that is busy shows in {@link SwitchHealth}, as it does in any case.
     */
    private static void comeFirst() throws IOException {
        if (Libc.setpriority(Libc.PRIO_PROCESS, 0, NICENESS) == -1) {
            var refused = Libc.failure("setpriority");
            if (refused.errno() != Libc.EPERM && refused.errno() != Libc.EACCES) {
                throw refused;
            }
        }
    }

    private void deliverDue() {
        try {
            comeFirst();
            // By default the kernel lets a timer be 50 microseconds late, to save power.
            Libc.check(Libc.prctl(Libc.PR_SET_TIMERSLACK, 1, 0, 0, 0), "prctl(PR_SET_TIMERSLACK)");
            while (!closed) {
                // Told of everything while it looks around: what it misses here leaves a permit for the parking below.
                sleepsUntil = FOR_EVER;
                var now = context.clock();
                var next = FOR_EVER;
                for (var row : links) {
                    for (var link : row) {
                        if (link.nextDue() <= now) {
                            link.deliverDue(now);
                        }
                        next = Math.min(next, link.nextDue());
                    }
                }
                sleepsUntil = next;
                if (next == FOR_EVER) {
                    LockSupport.park(this);
                } else {
                    LockSupport.parkNanos(this, next - context.clock());
                }
            }
        } catch (IOException | RuntimeException e) {
            failures.add("packets that are held are no longer passed: " + e);
        }
    }

    private final class LinkContext implements Link.Context {
        private final AtomicLong heldBytes = new AtomicLong();

        @Override
        public long clock() {
            return System.nanoTime() - origin;
        }

        @Override
        public void dueAt(long nanos) {
            if (nanos < sleepsUntil) {
                LockSupport.unpark(timer);
            }
        }

        @Override
        public void delivered(ByteBuffer packet) {
            var present = capture;
            if (present != null) {
                present.add(packet);
            }
        }

        @Override
        public QueueLimit limit() {
            return limit;
        }

        @Override
        public AtomicLong heldBytes() {
            return heldBytes;
        }

        @Override
        public DurationHistogram lateness() {
            return lateness;
        }

        @Override
        public DurationHistogram transit() {
            return transit;
        }
    }

    /**
     * Makes the rule hold for the pair, in place of what the same rule did to this pair before; its counters go on. Pairs of one
     * source that the rule gives the same shape share its rate, as they would share a device's queue.
     *
     * @param impairments at least one, and no two of one kind
     * @throws IllegalArgumentException if they are not that, or no such pair is attached
     */
    public void impose(String rule, Pair pair, List<Impairment> impairments) {
        link(pair).impose(rule, impairments, seed, shape -> bucket(rule, pair.source(), shape));
    }

    private TokenBucket bucket(String rule, String source, Impairment.Shape shape) {
        return Objects.requireNonNull(buckets.compute(
                new Sender(rule, source),
                (sender, present) -> present != null && present.shape().equals(shape)
                        ? present
                        : new TokenBucket(shape, System.nanoTime() - origin)));
    }

    /** Ends the rule for all its pairs; its last counters, empty if there is no such rule. */
    public Map<Pair, PairCounters> lift(String rule) {
        buckets.keySet().removeIf(sender -> sender.rule.equals(rule));
        return gather(link -> link.lift(rule));
    }

    /** Drops whatever the node sends or is sent, as when its power fails, until {@link #restore}. */
    public void cut(String node) {
        changeCut(node, true);
    }

    /** Undoes {@link #cut}. */
    public void restore(String node) {
        changeCut(node, false);
    }

    private synchronized void changeCut(String node, boolean now) {
        if (attached.stream().noneMatch(other -> other.name.equals(node))) {
            throw new IllegalArgumentException("no node " + node + ", there are " + names());
        }
        if (now) {
            cut.add(node);
        } else {
            cut.remove(node);
        }
        for (var row : links) {
            for (var link : row) {
                link.cut(cut.contains(link.pair().source())
                        || cut.contains(link.pair().destination()));
            }
        }
    }

    private Link link(Pair pair) {
        for (var row : links) {
            for (var link : row) {
                if (link.pair().equals(pair) && !pair.source().equals(pair.destination())) {
                    return link;
                }
            }
        }
        throw new IllegalArgumentException("no pair " + pair + " on the "
                + (links.length == 0 ? "switch: it has not started" : "switch, which connects " + names()));
    }

    private synchronized List<String> names() {
        return attached.stream().map(Attached::name).toList();
    }

    /** What became of the packets of every pair since the start. */
    public Map<Pair, PairCounters> counters() {
        return gather(Link::counters);
    }

    /** What the rule saw and did since it was imposed; the proof that it acted. Empty if there is no such rule. */
    public Map<Pair, PairCounters> counters(String rule) {
        return gather(link -> link.counters(rule));
    }

    private Map<Pair, PairCounters> gather(Function<Link, @Nullable PairCounters> figures) {
        var gathered = new LinkedHashMap<Pair, PairCounters>();
        for (var row : links) {
            for (var link : row) {
                var counters = figures.apply(link);
                if (counters != null && !link.pair().source().equals(link.pair().destination())) {
                    gathered.put(link.pair(), counters);
                }
            }
        }
        return gathered;
    }

    /** The present moment, for {@link #health}. */
    public Mark mark() throws IOException {
        return new Mark(lateness.snapshot(), transit.snapshot(), lost());
    }

    /** How the switch itself has done since then. */
    public SwitchHealth health(Mark since) throws IOException {
        var lost = lost();
        return new SwitchHealth(
                lateness.since(since.lateness),
                transit.since(since.transit),
                lost.writeFailures - since.lost.writeFailures,
                lost.overruns - since.lost.overruns,
                lost.queueDrops - since.lost.queueDrops,
                lost.unknown - since.lost.unknown,
                lost.foreign - since.lost.foreign,
                failures);
    }

    private synchronized Lost lost() throws IOException {
        long overruns = 0;
        for (var node : attached) {
            overruns += node.port.statistics().overruns();
        }
        long writeFailures = 0;
        long queueDrops = 0;
        for (var row : links) {
            for (var link : row) {
                writeFailures += link.dropped(Drop.WRITE);
                queueDrops += link.dropped(Drop.QUEUE);
            }
        }
        return new Lost(writeFailures, overruns, queueDrops, unknown.sum(), foreign.sum());
    }

    /**
     * Records every packet from now on as it arrived at its destination: after loss, damage and delay, at the time it was
     * handed over. The file is in the pcap format.
     *
     * @param maxBytes what the file may grow to; packets beyond are left out and counted
     */
    public synchronized void capture(Path file, long maxBytes) throws IOException {
        if (capture != null) {
            throw new IllegalStateException("a capture is under way; end it first");
        }
        capture = new Capture(file, maxBytes);
    }

    /** Completes the file of {@link #capture}. */
    public synchronized Captured endCapture() throws IOException {
        var present = capture;
        if (present == null) {
            throw new IllegalStateException("no capture is under way");
        }
        capture = null;
        return present.end();
    }

    /** For people and results: through what the nodes are attached, with which MTU and congestion control. */
    public synchronized String describe() {
        // All alike as a rule: said once.
        var kinds = new LinkedHashMap<String, List<String>>();
        for (var node : attached) {
            kinds.computeIfAbsent(node.port.description(), any -> new ArrayList<>())
                    .add(node.name + " " + node.address.getHostAddress());
        }
        return kinds.entrySet().stream()
                .map(kind -> kind.getKey() + (kinds.size() == 1 ? "" : " for " + String.join(", ", kind.getValue())))
                .collect(Collectors.joining("; "));
    }

    /** Ends the threads and closes the ports; packets that are held are gone. */
    @Override
    public void close() {
        List<Thread> running;
        List<Attached> open;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            started = true; // and never again
            running = List.copyOf(threads);
            open = List.copyOf(attached);
        }
        LockSupport.unpark(timer);
        open.forEach(node -> node.port.close());
        for (var thread : running) {
            if (!ThreadEnd.await(thread, THREAD_END)) {
                failures.add("the thread " + thread.getName() + " did not end");
            }
        }
        var present = capture;
        if (present != null) {
            capture = null;
            try {
                present.end();
            } catch (IOException e) {
                failures.add("the capture is incomplete: " + e);
            }
        }
    }
}
