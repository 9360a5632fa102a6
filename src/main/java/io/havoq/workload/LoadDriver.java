package io.havoq.workload;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.ledger.Ledger;
import io.havoq.ledger.SubscriberLog;
import io.havoq.mqtt.ClientProfile;
import io.havoq.mqtt.FailoverClient;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
    private static final int CONNECTS_IN_FLIGHT = 200;
    /** What a burst leaves under way has arrived by then, or the cluster does not take it. */
    private static final Duration BURST_ARRIVAL = Duration.ofSeconds(2);

    private static final long DRAIN_POLL_NANOS = 10_000_000;

    private final WorkloadPlan plan;
    private final List<MqttEndpoint> endpoints;
    private final Optional<Credentials> credentials;
    private final Ledger ledger;
    private final LoadCounters counters = new LoadCounters();
    private final Connections connections = new Connections();
    private final List<LoadClient> subscribers = new ArrayList<>();
    private final List<LoadClient> publisherClients = new ArrayList<>();
    private final List<LoadPublisher> publishers = new ArrayList<>();
    private final LoadCounters burstCounters = new LoadCounters();
    private final Connections burstConnections = new Connections();
    private final List<LoadClient> burstSubscribers = new ArrayList<>();
    private final List<LoadClient> burstPublisherClients = new ArrayList<>();
    private final List<LoadPublisher> burstPublishers = new ArrayList<>();
    private final List<Press> presses = new ArrayList<>();
    private final AtomicInteger grantedLower = new AtomicInteger();
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
        this.endpoints = List.copyOf(endpoints);
        this.credentials = credentials;
        this.ledger = ledger;
        if (this.endpoints.isEmpty()) {
            throw new WorkloadException("the load has no MQTT endpoint: expected at least one host:port", null);
        }
        for (var i = 0; i < plan.subscribers(); i++) {
            var id = subscriberId(plan.clientPrefix(), i);
            subscribers.add(client(id, i, counters, ledger.subscriber(i, id, plan.topicOf(i))));
        }
        for (var i = 0; i < plan.publishers(); i++) {
            var id = publisherId(plan.clientPrefix(), i);
            var client = client(id, i, counters, null);
            publisherClients.add(client);
            publishers.add(publisher(client, i, id, plan.topicOf(i), counters));
        }
        for (var i = 0; i < burstPublishers; i++) {
            var topic = plan.burstTopicOf(i);
            var subscriber = plan.clientPrefix() + "-bs" + i;
            burstSubscribers.add(
                    client(subscriber, i, burstCounters, ledger.subscriber(plan.subscribers() + i, subscriber, topic)));
            var id = plan.clientPrefix() + "-bp" + i;
            var client = client(id, i, burstCounters, null);
            burstPublisherClients.add(client);
            this.burstPublishers.add(publisher(client, plan.publishers() + i, id, topic, burstCounters));
        }
        pacer = new Pacer(plan.messagesPerSecond(), new Dispatcher(publishers, plan.qosMix(), plan.seed())::dispatch);
    }

    static String publisherId(String prefix, int number) {
        return prefix + "-p" + number;
    }

    static String subscriberId(String prefix, int number) {
        return prefix + "-s" + number;
    }

    private LoadPublisher publisher(LoadClient client, int number, String id, String topic, LoadCounters counting) {
        var publisher = new LoadPublisher(
                topic,
                PublishPort.of(client.client()),
                ledger.publisher(number, id, topic),
                plan.outstandingPerPublisher(),
                counting);
        client.publishing(publisher);
        return publisher;
    }

    private LoadClient client(String id, int number, LoadCounters counting, @Nullable SubscriberLog log) {
        var profile = new ClientProfile(
                id,
                endpoints,
                number % endpoints.size(),
                credentials,
                true,
                plan.sessionExpiry(),
                plan.keepAlive(),
                ClientProfile.DEFAULT_RECEIVE_MAXIMUM);
        return new LoadClient(profile, counting == counters ? connections : burstConnections, counting, log);
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
        connect(subscribers, "subscribers", deadline, plan::topicOf);
        connect(publisherClients, "publishers", deadline, null);
        connect(burstSubscribers, "subscribers of bursts", deadline, plan::burstTopicOf);
        connect(burstPublisherClients, "publishers of bursts", deadline, null);
        synchronized (this) {
            if (stopped) {
                throw new WorkloadException("the load was closed while it connected", null);
            }
            connectTime = RunClock.between(from, RunClock.now());
            pacer.start();
        }
    }

    private void connect(List<LoadClient> clients, String kind, long deadline, @Nullable IntFunction<String> topics) {
        var slots = new Semaphore(CONNECTS_IN_FLIGHT);
        var connected = new AtomicInteger();
        var refusal = new AtomicReference<@Nullable Throwable>();
        var all = new ArrayList<CompletableFuture<?>>();
        try {
            for (var i = 0; i < clients.size() && refusal.get() == null && !closed; i++) {
                if (!slots.tryAcquire(deadline - RunClock.now(), TimeUnit.NANOSECONDS)) {
                    throw new TimeoutException();
                }
                var client = clients.get(i);
                all.add(client.connect(topics == null ? null : topics.apply(i), plan.subscribeQos())
                        .whenComplete((granted, error) -> {
                            if (error != null) {
                                refusal.compareAndSet(null, error);
                            } else {
                                connected.incrementAndGet();
                                if (topics != null && granted < plan.subscribeQos()) {
                                    grantedLower.incrementAndGet();
                                }
                            }
                            slots.release();
                        }));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                    .get(Math.max(0, deadline - RunClock.now()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new WorkloadException(
                    "only " + connected + " of " + clients.size() + " " + kind + " connected"
                            + (topics != null ? " and subscribed" : "") + " within "
                            + plan.connectTimeout().toSeconds() + " s: " + problems(clients) + "; raise "
                            + WorkloadSettings.CONNECT_TIMEOUT.key() + " if the broker is only slow",
                    e);
        } catch (ExecutionException e) {
            throw new WorkloadException(
                    "the load's " + kind + " could not connect, " + connected + " of " + clients.size() + " did: "
                            + root(e).getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkloadException("interrupted while the load's " + kind + " connected", e);
        }
    }

    private static Throwable root(ExecutionException e) {
        return e.getCause() == null ? e : e.getCause();
    }

    private static String problems(List<LoadClient> clients) {
        var found = clients.stream()
                .map(client -> client.client().lastProblem())
                .flatMap(Optional::stream)
                .distinct()
                .limit(5)
                .toList();
        return found.isEmpty() ? "no answer from the broker yet" : "last failures: " + String.join("; ", found);
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
        var outstanding = publishers.stream()
                .filter(publisher -> publisher.node().filter(targets::contains).isPresent())
                .mapToInt(LoadPublisher::outstanding)
                .sum();
        return new NodeLoad((int) connectedAt(targets).count(), outstanding);
    }

    /**
     * The connections to some nodes that were cut since then, given that all were, and the QoS 1 and 2 publishes outstanding on
     * them: what a kill really interrupted, known only afterwards. A client that is not told, as when a machine fails, still takes its
     * connection from before for one that stands: its publishes are outstanding now.
     */
    public NodeLoad cutAt(Collection<String> targets, long sinceNanos) {
        // Who is told in between is in neither.
        var told = connections.lostAt(targets, sinceNanos);
        var untold = connectedAt(targets)
                .filter(client -> client.connectedBefore(sinceNanos))
                .toList();
        return new NodeLoad(
                told.connectedClients() + untold.size(),
                told.outstandingPublishes()
                        + untold.stream().mapToInt(LoadClient::outstanding).sum());
    }

    private Stream<LoadClient> connectedAt(Collection<String> targets) {
        return clients()
                .filter(client ->
                        client.client().node().filter(targets::contains).isPresent());
    }

    private Stream<LoadClient> clients() {
        return Stream.concat(subscribers.stream(), publisherClients.stream());
    }

    /**
     * Sends as much as the cluster takes for a while, beside the load; recorded like everything else. What is delivered meanwhile, and
     * until the last of it has arrived, is left out of the ledger's rates and latencies: it is not what the load met.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public Burst burst(Duration span) throws InterruptedException {
        synchronized (this) {
            if (!started || stopped || burstPublishers.isEmpty()) {
                throw new IllegalStateException("a burst needs a load that flows, and publishers for it: "
                        + (burstPublishers.isEmpty() ? "there are none" : "it is sent after start, before draining"));
            }
        }
        var from = RunClock.now();
        pacer.disturbed(true);
        try {
            var burst = new ClosedLoop(burstPublishers).run(span);
            var deadline = RunClock.now() + BURST_ARRIVAL.toNanos();
            while (burstUnderWay() && RunClock.now() - deadline < 0) {
                LockSupport.parkNanos(this, DRAIN_POLL_NANOS);
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while a burst arrived");
                }
            }
            return burst;
        } finally {
            pacer.disturbed(false);
            ledger.leaveOut(from, RunClock.now());
        }
    }

    private boolean burstUnderWay() {
        var progress = burstCounters.snapshot();
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
        var press = new Press(publishers, targets);
        presses.add(press);
        press.start();
        return press;
    }

    /** Messages so far. */
    public LoadProgress progress() {
        return counters.snapshot();
    }

    /** How well the pace was kept so far. */
    public PacingReport pacing() {
        return pacer.report();
    }

    /** The connections regained since then, and how long they were missing: the clients' own delay beside the broker's. */
    public ReconnectStatistics reconnects(long sinceNanos) {
        return ReconnectStatistics.of(connections.gapsSince(sinceNanos), (int)
                clients().filter(client -> client.client().node().isEmpty()).count());
    }

    /** What a reader of the verdict should know about the clients; empty if nothing. */
    public List<String> warnings() {
        var found = new ArrayList<String>();
        if (grantedLower.get() > 0) {
            found.add(grantedLower.get() + " of " + subscribers.size()
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
        return Stream.of(subscribers, publisherClients, burstSubscribers, burstPublisherClients)
                .flatMap(List::stream)
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
        while (!ledger.settled() && RunClock.now() - from < bound.toNanos()) {
            LockSupport.parkNanos(this, DRAIN_POLL_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while the load drained");
            }
        }
        var settled = ledger.settled();
        return new DrainResult(settled, RunClock.between(from, RunClock.now()), ledger.outstanding(), ledger.missing());
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
        var deadline = RunClock.now() + plan.closeTimeout().toNanos();
        var left = new ArrayList<String>();
        interrupted |= end(
                Stream.concat(publisherClients.stream(), burstPublisherClients.stream())
                        .toList(),
                deadline,
                left);
        interrupted |= end(
                Stream.concat(subscribers.stream(), burstSubscribers.stream()).toList(), deadline, left);
        remaining = List.copyOf(left);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean end(List<LoadClient> clients, long deadline, List<String> left) {
        record Ending(FailoverClient client, CompletableFuture<Boolean> removed) {}
        var interrupted = false;
        var endings = clients.stream()
                .map(LoadClient::client)
                .map(client -> new Ending(client, client.end()))
                .toList();
        try {
            CompletableFuture.allOf(endings.stream().map(Ending::removed).toArray(CompletableFuture[]::new))
                    .get(Math.max(0, deadline - RunClock.now()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (TimeoutException | ExecutionException e) {
            // Said by name below.
        }
        for (var ending : endings) {
            ending.client().abandon();
            if (!ending.removed().getNow(false)) {
                left.add(ending.client().clientId());
            }
        }
        return interrupted;
    }

    /** Client identifiers whose sessions were still there, as far as one knows, when {@link #close()} gave up; they expire. */
    public synchronized List<String> remainingSessions() {
        return remaining;
    }
}
