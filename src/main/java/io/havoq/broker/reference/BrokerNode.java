package io.havoq.broker.reference;

import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: its member of the Raft group, its port for clients, and the watch that opens and closes that port. The port
 * is open only while the log moves on: a node that does not know what was committed must not serve anybody.
 */
final class BrokerNode implements BrokerStateMachine.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerNode.class);
    private static final long WATCH_MILLIS = 50;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    /** Past the time that the death of a leader takes, or its clients would be driven away for nothing. */
    private static final long QUORUM_LOST_NANOS = TimeUnit.MILLISECONDS.toNanos(3500);

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
    private final HttpEndpoint http;
    private final Map<String, Long> boots = new ConcurrentHashMap<>();
    private final Set<String> reportedDead = new HashSet<>();

    private volatile long lastApplied = System.nanoTime();
    private volatile boolean serving;
    private volatile LastTick lastTick = new LastTick(0, System.nanoTime(), 0);
    private volatile boolean replaced;
    private long barrier;
    private long tickProposed = System.nanoTime();

    /** The logical clock at the last applied tick, and when that was by this node's own monotonic clock. */
    private record LastTick(long clock, long nanos, int members) {}

    BrokerNode(Arguments arguments, long boot) throws IOException {
        this.arguments = arguments;
        this.boot = boot;
        this.connections = new Connections(arguments.node(), boot);
        var machine = new BrokerStateMachine(
                () -> new BrokerState(connections, arguments.defect()),
                bytes -> BrokerState.read(bytes, connections, arguments.defect()),
                this,
                this::take);
        this.member = new RaftMember(arguments, RaftKeys.of(arguments), machine);
        this.proposer = new Proposer(arguments.node(), boot, member, connections::resumeReading);
        var services = new MqttConnection.Services(
                proposer, connections, new ConnectCheck(arguments, boot), counters, arguments.defect());
        this.listener = new MqttListener(arguments.mqtt(), services, arguments.clientLimit());
        var metrics = new Metrics(counters, connections);
        this.http = new HttpEndpoint(arguments.http(), this::health, () -> metrics.text(health()));
    }

    /** A batch of another node, while this one may be starting still. */
    private boolean take(byte[] batch) {
        return member.submitForeign(batch);
    }

    /** Serves until the process ends. */
    void run() throws IOException {
        http.start();
        member.start();
        proposer.start();
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
            http.close();
            proposer.close();
            member.close();
        }
    }

    private void watch() {
        if (member.closed()) {
            Fatal.halt("raft", new IllegalStateException("Ratis closed this member of the group"));
        }
        if (member.leads()) {
            lead();
        }
        var now = System.nanoTime();
        var moving = now - lastApplied < QUORUM_LOST_NANOS;
        if (serving && (!moving || replaced)) {
            suspend(moving ? "its state was replaced by a snapshot" : "no quorum");
        } else if (!serving && moving) {
            if (barrier == 0) {
                barrier = proposer.propose(new Operation.Barrier());
            } else if (proposer.applied(barrier)) {
                resume();
            }
        }
    }

    private void suspend(String why) {
        LOG.warn("{} stops serving clients: {}", arguments.node(), why);
        serving = false;
        barrier = 0;
        replaced = false;
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
    private void lead() {
        var now = System.nanoTime();
        if (now - tickProposed < TICK_NANOS) {
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
        silence.forEach((node, millis) -> {
            var known = boots.get(node);
            if (millis < CONTACT_MILLIS) {
                reportedDead.remove(node);
            } else if (millis > NODE_DEAD_MILLIS && known != null && reportedDead.add(node)) {
                proposer.propose(new Operation.NodeDead(node, known));
            }
        });
    }

    @Override
    public void applied(BrokerState state, Batch batch, boolean fresh) {
        connections.flush();
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

    private Health health() {
        var leader = member.leader();
        var tick = lastTick;
        var fresh = System.nanoTime() - tick.nanos() < QUORUM_LOST_NANOS;
        return new Health(
                arguments.node(),
                serving && leader != null,
                member.role(),
                leader == null ? null : leader.node(),
                fresh ? tick.members() : 0,
                member.applied(),
                boot);
    }
}
