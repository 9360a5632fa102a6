package io.havoq.workload;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.ledger.Ledger;
import io.havoq.mqtt.FailoverClient;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The load that is kept up during an experiment: connects subscribers and publishers, publishes at a fixed pace, and records
 * everything in a ledger. Create, register for closing, then {@link #start()}. Thread-safe.
 *
 * <p>A message is sent only over a connection that stands, so that an outcome is not muddied by a queue in the client; what is
 * outstanding when a connection ends is sent again by MQTT's own rules when the session is resumed (MQTT 5.0, 4.4.0-1).
 *
 * <p>What the client library is known to do wrong never becomes a loss in the ledger; {@link FailoverClient} says how.
 */
public final class LoadDriver implements AutoCloseable {
    /** What a burst leaves under way has arrived by then, or the cluster does not take it. */
    private static final Duration BURST_ARRIVAL = Duration.ofSeconds(2);

    private static final long DRAIN_POLL_NANOS = 10_000_000;

    private final WorkloadPlan plan;
    private final Ledger ledger;
    private final LoadClients load;
    private final LoadClients bursts;
    private final List<Press> presses = new ArrayList<>();
    private final Pacer pacer;
    private Duration connectTime = Duration.ZERO;
    private boolean started;
    private boolean stopped;
    private volatile boolean closed;
    private List<String> remaining = List.of();

    /** Prepares the load; nothing is sent before {@link #start()}. */
    public LoadDriver(
            WorkloadPlan plan, List<MqttEndpoint> endpoints, Optional<Credentials> credentials, Ledger ledger) {
        this(plan, endpoints, credentials, ledger, 0);
    }

    /**
     * Prepares the load; nothing is sent before {@link #start()}.
     *
     * @param burstPublishers connected beside the load for {@link #burst}; 0 for none
     */
    public LoadDriver(
            WorkloadPlan plan,
            List<MqttEndpoint> endpoints,
            Optional<Credentials> credentials,
            Ledger ledger,
            int burstPublishers) {
        this.plan = plan;
        this.ledger = ledger;
        if (endpoints.isEmpty()) {
            throw new WorkloadException("the load has no MQTT endpoint: expected at least one host:port", null);
        }
        load = new LoadClients(plan, List.copyOf(endpoints), credentials, "");
        for (var i = 0; i < plan.subscribers(); i++) {
            var id = subscriberId(plan.clientPrefix(), i);
            load.addSubscriber(id, plan.topicOf(i), ledger.subscriber(i, id, plan.topicOf(i)));
        }
        for (var i = 0; i < plan.publishers(); i++) {
            var id = publisherId(plan.clientPrefix(), i);
            load.addPublisher(id, plan.topicOf(i), ledger.publisher(i, id, plan.topicOf(i)));
        }
        bursts = new LoadClients(plan, List.copyOf(endpoints), credentials, " of bursts");
        for (var i = 0; i < burstPublishers; i++) {
            var topic = plan.burstTopicOf(i);
            var subscriber = plan.clientPrefix() + "-bs" + i;
            bursts.addSubscriber(subscriber, topic, ledger.subscriber(plan.subscribers() + i, subscriber, topic));
            var publisher = plan.clientPrefix() + "-bp" + i;
            bursts.addPublisher(publisher, topic, ledger.publisher(plan.publishers() + i, publisher, topic));
        }
        pacer = new Pacer(
                plan.messagesPerSecond(), new Dispatcher(load.publishers(), plan.qosMix(), plan.seed())::dispatch);
    }

    static String publisherId(String prefix, int number) {
        return prefix + "-p" + number;
    }

    static String subscriberId(String prefix, int number) {
        return prefix + "-s" + number;
    }

    /**
     * Connects everybody, each node getting its share, subscribers first and subscribed; then starts to publish.
     *
     * @throws WorkloadException if not all are connected and subscribed within the plan's bound, or one is refused for good;
     *     close the driver then, too
     */
    public void start() {
        synchronized (this) {
            if (started || closed) {
                throw new IllegalStateException("the load was started or closed before; create another one");
            }
            started = true;
        }
        var from = RunClock.now();
        var deadline = from + plan.connectTimeout().toNanos();
        load.connect(deadline, () -> closed);
        bursts.connect(deadline, () -> closed);
        synchronized (this) {
            if (stopped) {
                throw new WorkloadException("the load was closed while it connected", null);
            }
            connectTime = RunClock.between(from, RunClock.now());
            pacer.start();
        }
    }

    /** How long it took until all were connected and subscribed. */
    public synchronized Duration connectTime() {
        return connectTime;
    }

    /** Publishers and subscribers connected to a node at this moment. */
    public int connectedTo(String target) {
        return (int) connectedAt(List.of(target)).count();
    }

    /** QoS 1 and 2 publishes that wait for their outcome, of clients connected to a node at this moment. */
    public int outstandingAt(String target) {
        return snapshotAt(List.of(target)).outstandingPublishes();
    }

    /** What goes on at some nodes at this moment; to be taken right at an injection. */
    public NodeLoad snapshotAt(Collection<String> targets) {
        var outstanding = load.publishers().stream()
                .filter(publisher -> publisher.node().filter(targets::contains).isPresent())
                .mapToInt(LoadPublisher::outstanding)
                .sum();
        return new NodeLoad((int) connectedAt(targets).count(), outstanding);
    }

    /**
     * The connections to some nodes that were cut since then, and the QoS 1 and 2 publishes outstanding on them: what a kill really
     * interrupted, known only afterwards. A client that is not told, as when a machine fails, still takes its connection from before for
     * one that stands: its publishes are outstanding now. It counts only where nobody heard of its node lately on such a connection: a
     * node that answers there has cut none.
     *
     * @param silentSinceNanos from when on a node that was cut off cannot have been heard of
     */
    public NodeLoad cutAt(Collection<String> targets, long sinceNanos, long silentSinceNanos) {
        // Who is told in between is in neither.
        var told = load.connections().lostAt(targets, sinceNanos);
        var untold = connectedAt(targets)
                .filter(client -> client.connectedBefore(sinceNanos))
                .toList();
        var heardOf = untold.stream()
                .filter(client -> client.heardSince(silentSinceNanos))
                .flatMap(client -> client.client().node().stream())
                .collect(Collectors.toSet());
        var cut = untold.stream()
                .filter(client -> client.client()
                        .node()
                        .filter(node -> !heardOf.contains(node))
                        .isPresent())
                .toList();
        return new NodeLoad(
                told.connectedClients() + cut.size(),
                told.outstandingPublishes()
                        + cut.stream().mapToInt(LoadClient::outstanding).sum());
    }

    private Stream<LoadClient> connectedAt(Collection<String> targets) {
        return load.all()
                .filter(client ->
                        client.client().node().filter(targets::contains).isPresent());
    }

    /**
     * Sends as much as the cluster takes for a while, beside the load; recorded like everything else. What is delivered meanwhile, and
     * until the last of it has arrived, is left out of the ledger's rates and latencies: it is not what the load met.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public Burst burst(Duration span) throws InterruptedException {
        synchronized (this) {
            if (!started || stopped || bursts.publishers().isEmpty()) {
                throw new IllegalStateException("a burst needs a load that flows, and publishers for it: "
                        + (bursts.publishers().isEmpty()
                                ? "there are none"
                                : "it is sent after start, before draining"));
            }
        }
        var from = RunClock.now();
        pacer.disturbed(true);
        try {
            var burst = new ClosedLoop(bursts.publishers()).run(span);
            var deadline = RunClock.now() + BURST_ARRIVAL.toNanos();
            await(() -> !burstUnderWay(), deadline, "a burst arrived");
            return burst;
        } finally {
            pacer.disturbed(false);
            ledger.leaveOut(from, RunClock.now());
        }
    }

    private boolean burstUnderWay() {
        var progress = bursts.progress();
        return progress.sent() > progress.acknowledged() + progress.refused() + progress.unknown()
                || progress.delivered() < progress.acknowledged();
    }

    /**
     * Keeps QoS 1 and 2 publishes outstanding at some nodes until closed, on up to 10 publishers connected there; recorded like
     * all others. Up to 1,000 messages per second: meant for the second around an injection. It ends by itself when none of
     * these connections is left.
     */
    public synchronized AutoCloseable pressOn(Collection<String> targets) {
        if (!started || stopped) {
            throw new IllegalStateException("the load does not publish: start it first, press before stopping");
        }
        var press = new Press(load.publishers(), targets);
        presses.add(press);
        press.start();
        return press;
    }

    /** Messages so far. */
    public LoadProgress progress() {
        return load.progress();
    }

    /** How well the pace was kept so far. */
    public PacingReport pacing() {
        return pacer.report();
    }

    /** The connections regained since then, and how long they were missing: the clients' own delay beside the broker's. */
    public ReconnectStatistics reconnects(long sinceNanos) {
        return ReconnectStatistics.of(load.connections().gapsSince(sinceNanos), (int)
                load.all().filter(client -> client.client().node().isEmpty()).count());
    }

    /** What a reader of the verdict should know about the clients; empty if nothing. */
    public List<String> warnings() {
        var found = new ArrayList<String>();
        var grantedLower = load.grantedLower() + bursts.grantedLower();
        if (grantedLower > 0) {
            found.add(grantedLower + " of " + load.subscribers().size()
                    + " subscriptions were granted less than the QoS " + plan.subscribeQos() + " asked for");
        }
        var protocolErrors = sum(FailoverClient::protocolErrors);
        if (protocolErrors > 0) {
            found.add(protocolErrors
                    + " connections ended with a protocol error: look at the wire before blaming either side "
                    + "(a packet id that is reused too early does this again and again)");
        }
        var rescued = sum(FailoverClient::rescued);
        if (rescued > 0) {
            found.add(rescued
                    + " messages were acknowledged by the client library without being handed over; they are in the "
                    + "ledger all the same");
        }
        return found;
    }

    private long sum(ToLongFunction<FailoverClient> counter) {
        return Stream.concat(load.all(), bursts.all())
                .map(LoadClient::client)
                .mapToLong(counter)
                .sum();
    }

    /** Stops publishing; connections and subscriptions stay. May be called again. */
    public synchronized void stopPublishing() {
        if (!stopped) {
            stopped = true;
            presses.forEach(Press::close);
            pacer.stop();
        }
    }

    /**
     * Stops publishing and waits until every message has an outcome and everything acknowledged arrived, or the bound passed.
     *
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public DrainResult drain(Duration bound) throws InterruptedException {
        stopPublishing();
        var from = RunClock.now();
        await(ledger::settled, from + bound.toNanos(), "the load drained");
        var settled = ledger.settled();
        return new DrainResult(settled, RunClock.between(from, RunClock.now()), ledger.outstanding(), ledger.missing());
    }

    /** Waits until something is so, or until then. */
    private void await(BooleanSupplier condition, long deadline, String what) throws InterruptedException {
        while (!condition.getAsBoolean() && RunClock.now() - deadline < 0) {
            LockSupport.parkNanos(this, DRAIN_POLL_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while " + what);
            }
        }
    }

    /**
     * Ends all clients and removes their sessions from the broker, also after a failed start, within the plan's bound; may be
     * called again. What could not be removed is told by {@link #remainingSessions()}.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        var interrupted = Thread.interrupted();
        stopPublishing();
        var removals = new SessionRemovals(RunClock.now() + plan.closeTimeout().toNanos());
        removals.end(Stream.concat(load.publisherClients().stream(), bursts.publisherClients().stream()));
        removals.end(Stream.concat(load.subscribers().stream(), bursts.subscribers().stream()));
        remaining = removals.remaining();
        if (interrupted || removals.interrupted()) {
            Thread.currentThread().interrupt();
        }
    }

    /** Client identifiers whose sessions were still there, as far as one knows, when {@link #close()} gave up; they expire. */
    public synchronized List<String> remainingSessions() {
        return remaining;
    }
}
