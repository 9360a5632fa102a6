package io.havoq.broker.reference;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: its member of the Raft group, its port for clients, and the watch that opens and closes that port. The port
 * is open only while a majority of the nodes can be reached; a slow commit does not close it, for nothing is acknowledged
 * before it is committed anyway.
 */
final class BrokerNode implements BrokerStateMachine.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerNode.class);
    private static final long WATCH_MILLIS = 50;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    /** Half a second is between two questions to the peers, 1.4 s what an answer takes at 500 ms of delay with jitter. */
    private static final long QUORUM_LOST_NANOS = TimeUnit.MILLISECONDS.toNanos(2500);

    private static final long ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    /** While a majority has not said yet who they are, without which there is no election. */
    private static final long FIRST_ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** With a majority in reach, and still nothing committed: elections on a crowded machine, or worse. */
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static final long TICKS_MISSED_NANOS = TimeUnit.MILLISECONDS.toNanos(3500);
    private static final long STEP_DOWN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long CONTACT_MILLIS = 2000;
    private static final long NODE_DEAD_MILLIS = 10_000;

    /** Never counted down: the node ends with its process. It only paces the watch. */
    private final CountDownLatch ending = new CountDownLatch(1);

    private final Arguments arguments;
    private final long boot;
    private final Counters counters = new Counters();
    private final Connections connections;
    private final Proposer proposer;
    private final RaftMember member;
    private final MqttListener listener;
    private final BrokerStateMachine machine;
    private final DiskTrial disk;
    private final QuorumWatch quorum;
    private final Map<String, Long> boots = new ConcurrentHashMap<>();
    /** The nodes that this one has reported as dead, with the term in which it did. */
    private final Map<String, Long> reportedDead = new HashMap<>();

    private volatile long lastApplied = System.nanoTime();
    private volatile boolean serving;
    private volatile LastTick lastTick = new LastTick(0, System.nanoTime(), 0);
    private volatile boolean replaced;
    private long barrier;
    private long tickProposed = System.nanoTime();
    private long asked = System.nanoTime();
    private long steppedDown = System.nanoTime() - STEP_DOWN_NANOS;
    /** Only with {@link Defect#MINORITY_ACCEPTS}, and while there is no majority. */
    private volatile @Nullable SplitBrain splitBrain;

    /** The logical clock at the last applied tick, and when that was by this node's own monotonic clock. */
    private record LastTick(long clock, long nanos, int members) {}

    /**
     * @param arguments with addresses only, no names
     */
    BrokerNode(Arguments arguments, PeerAddresses addresses, long boot, HttpEndpoint http) throws IOException {
        this.arguments = arguments;
        this.boot = boot;
        this.connections = new Connections(arguments.node(), boot);
        this.machine = new BrokerStateMachine(
                arguments.node(),
                () -> new BrokerState(connections, arguments.defect()),
                bytes -> BrokerState.read(bytes, connections, arguments.defect()),
                this,
                this::take);
        this.member = new RaftMember(arguments, addresses, RaftKeys.of(arguments), machine);
        this.disk = new DiskTrial(
                arguments.data(),
                () -> member.leader() == null,
                problem -> Fatal.halt("writing to the disk, as a vote does", problem));
        this.proposer = new Proposer(arguments.node(), boot, member, connections::resumeReading);
        var services = new MqttConnection.Services(
                proposer, this::propose, connections, new ConnectCheck(arguments, boot), counters, arguments.defect());
        this.listener = new MqttListener(arguments.mqtt(), services, arguments.clientLimit());
        var metrics = new Metrics(counters, connections);
        this.quorum =
                new QuorumWatch(QUORUM_LOST_NANOS, TimeUnit.MILLISECONDS.toNanos(4 * WATCH_MILLIS), System.nanoTime());
        http.show(new HttpEndpoint.Pages(this::health, () -> metrics.text(health())));
    }

    /** A batch of another node, while this one may be starting still. */
    private boolean take(byte[] batch) {
        return member.submitForeign(batch);
    }

    /** What a connection proposes, from its event loop. */
    private void propose(Operation operation) {
        var alone = splitBrain;
        if (alone == null) {
            proposer.propose(operation);
        } else {
            alone.apply(operation);
        }
    }

    /** Serves until the process ends. */
    void run() throws IOException {
        member.start();
        proposer.start();
        disk.start();
        // Once this is applied here, so is everything that was committed before this start.
        barrier = proposer.propose(new Operation.Hello());
        try {
            do {
                watch();
            } while (!ending.await(WATCH_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            listener.close();
            disk.close();
            proposer.close();
            member.close();
        }
    }

    private void watch() {
        if (member.closed()) {
            Fatal.halt("raft", new IllegalStateException("Ratis closed this member of the group"));
        }
        var now = System.nanoTime();
        if (now - asked >= (member.missing().isEmpty() ? ASK_NANOS : FIRST_ASK_NANOS)) {
            asked = now;
            member.ask();
        }
        quorum.round(member.majority(), now);
        if (member.leads()) {
            lead(now);
        }
        if (quorum.lost() && arguments.defect() == Defect.MINORITY_ACCEPTS) {
            goOnAlone();
            return;
        }
        var trouble = trouble(now);
        if (serving && trouble != null) {
            suspend(trouble);
        } else if (!serving && !quorum.lost() && member.leader() != null) {
            if (barrier == 0) {
                barrier = proposer.propose(new Operation.Barrier());
            } else if (proposer.applied(barrier)) {
                resume();
            }
        }
    }

    /** Why this node must not serve clients; null if it may. */
    private @Nullable String trouble(long now) {
        if (quorum.lost()) {
            return "no quorum";
        }
        if (splitBrain != null) {
            return "found back to the others";
        }
        if (replaced) {
            return "its state was replaced by a snapshot";
        }
        return now - lastApplied > STUCK_NANOS ? "nothing was committed for long" : null;
    }

    private void goOnAlone() {
        if (splitBrain == null) {
            LOG.warn("{} goes on without a quorum: planted defect", arguments.node());
            splitBrain = new SplitBrain(arguments.node(), boot, machine.copy(), connections, connections::flush);
        }
        if (!serving) {
            listener.open();
            serving = true;
        }
    }

    private void suspend(String why) {
        LOG.warn("{} stops serving clients: {}", arguments.node(), why);
        serving = false;
        barrier = 0;
        replaced = false;
        splitBrain = null;
        listener.shut();
        connections.closeAll();
    }

    private void resume() {
        replaced = false;
        listener.open();
        serving = true;
        LOG.info("{} is ready, {}, leader {}", arguments.node(), member.role(), member.leader());
    }

    /** What falls to the leader: the cluster's clock, and saying who is dead. */
    private void lead(long now) {
        if (quorum.lost() && now - steppedDown >= STEP_DOWN_NANOS) {
            LOG.warn("{} gives up leading: no quorum", arguments.node());
            steppedDown = now;
            member.stepDown();
        }
        if (quorum.lost() || now - tickProposed < TICK_NANOS) {
            return;
        }
        tickProposed = now;
        var silence = member.silence();
        var members = 1
                + (int) silence.values().stream()
                        .filter(millis -> millis < CONTACT_MILLIS)
                        .count();
        var last = lastTick;
        proposer.propose(new Operation.Tick(last.clock() + (now - last.nanos()) / 1_000_000, members));
        var term = member.term();
        silence.forEach((node, millis) -> {
            var known = boots.get(node);
            if (millis < CONTACT_MILLIS) {
                reportedDead.remove(node);
            } else if (millis > NODE_DEAD_MILLIS
                    && known != null
                    && !Long.valueOf(term).equals(reportedDead.put(node, term))) {
                proposer.propose(new Operation.NodeDead(node, known, term));
            }
        });
    }

    @Override
    public void applied(BrokerState state, Batch batch, boolean fresh) {
        lastApplied = System.nanoTime();
        if (!fresh) {
            return;
        }
        boots.put(batch.node(), batch.boot());
        counters.sessions = state.sessions();
        counters.subscriptions = state.subscriptions();
        for (var operation : batch.operations()) {
            if (operation instanceof Operation.Tick tick) {
                lastTick = new LastTick(state.clock(), lastApplied, tick.members());
            }
        }
        if (batch.boot() == boot && batch.node().equals(arguments.node())) {
            proposer.markApplied(batch.sequence());
        }
    }

    @Override
    public void entryApplied() {
        connections.flush();
    }

    @Override
    public void replaced(BrokerState state) {
        // What happened in between never reached this node's clients: they have to come again.
        replaced = true;
        connections.flush();
        lastTick = new LastTick(state.clock(), System.nanoTime(), lastTick.members());
        counters.sessions = state.sessions();
        counters.subscriptions = state.subscriptions();
        for (var node : arguments.peers().keySet()) {
            if (state.boot(node) != 0) {
                boots.put(node, state.boot(node));
            }
        }
        // Null while Ratis initializes the state machine, inside this node's constructor.
        var mine = proposer;
        if (mine != null) {
            mine.markApplied(state.sequence(arguments.node(), boot));
        }
    }

    private String state() {
        var missing = member.missing();
        return missing.isEmpty() ? "" : "waiting for peers: " + String.join(", ", missing);
    }

    private Health health() {
        var leader = member.leader();
        var tick = lastTick;
        var fresh = System.nanoTime() - tick.nanos() < TICKS_MISSED_NANOS;
        return new Health(
                arguments.node(),
                serving && leader != null,
                member.role(),
                leader == null ? null : leader.node(),
                fresh ? tick.members() : 0,
                member.applied(),
                boot,
                !quorum.lost(),
                System.currentTimeMillis(),
                state());
    }
}
