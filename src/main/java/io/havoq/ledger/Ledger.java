package io.havoq.ledger;

import io.havoq.Invariant;
import io.havoq.time.RunClock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The exact account of a load: every message that was sent, what became of it at the broker, and where it was delivered;
 * and the judgement that follows from it. Every violation it reports happened, and every one that the clients'
 * observations establish is reported; what they leave open is counted and never judged.
 *
 * <p>Thread-safe. Sends, outcomes and deliveries may come from any threads, also from event loops: recording takes well
 * below a microsecond and blocks only on another record of the same client. It may be judged at any time.
 *
 * <p>Limits: one topic for each publisher, one subscription for each subscriber, no shared subscriptions (they are
 * refused); two subscribers are two sessions. Subscribers connect again with clean start 0; who lets a session expire
 * says so by {@link SubscriberLog#ended}. Judge before unsubscribing: what a client no longer subscribes to cannot be lost.
 */
public final class Ledger {
    private final long runId;
    private final int payloadBytes;
    private final Times times;
    private final LatencyRecord latencies;
    private final Map<Integer, RecordedPublisher> publishers = new ConcurrentHashMap<>();
    private final Set<Integer> subscriberIds = ConcurrentHashMap.newKeySet();
    private final Set<String> topics = ConcurrentHashMap.newKeySet();
    private final List<RecordedSubscriber> subscribers = new CopyOnWriteArrayList<>();
    private final Map<Invariant, Offenders> offenders = new EnumMap<>(Invariant.class);
    private final Offenders foreign = new Offenders();
    private final Reasons reasons = new Reasons();
    private final AtomicLongArray phantom = new AtomicLongArray(3);
    private final AtomicLongArray corrupted = new AtomicLongArray(3);

    /**
     * An empty ledger, whose times count from now.
     *
     * @param runId tells this run's messages from others'
     * @param payloadBytes the size of every payload, at least the header's 40
     */
    public Ledger(long runId, int payloadBytes) {
        this(runId, payloadBytes, RunClock.now());
    }

    Ledger(long runId, int payloadBytes, long startNanos) {
        if (payloadBytes < PayloadHeader.BYTES) {
            throw new IllegalArgumentException("payloads of " + payloadBytes + " B; expected at least "
                    + PayloadHeader.BYTES + " B, which the ledger's header takes");
        }
        this.runId = runId;
        this.payloadBytes = payloadBytes;
        times = new Times(startNanos);
        latencies = new LatencyRecord(times);
        for (var invariant :
                List.of(Invariant.PHANTOM, Invariant.CORRUPTION, Invariant.WRONG_SUBSCRIBER, Invariant.SESSION_LOST)) {
            offenders.put(invariant, new Offenders());
        }
    }

    /**
     * Opens a publisher's log.
     *
     * @param id any number that no other publisher of this ledger has
     * @param topic the one topic that it publishes to, without wildcards
     */
    public synchronized PublisherLog publisher(int id, String clientId, String topic) {
        if (topic.isEmpty() || topic.indexOf('+') >= 0 || topic.indexOf('#') >= 0) {
            throw new IllegalArgumentException(
                    "topic '" + topic + "' of publisher " + clientId + "; expected a name without wildcards");
        }
        var publisher = new RecordedPublisher(this, id, clientId, topic);
        var other = publishers.putIfAbsent(id, publisher);
        if (other != null) {
            throw new IllegalArgumentException(
                    "publisher number " + id + " of " + clientId + " is taken by " + other + "; expected a free one");
        }
        topics.add(topic);
        subscribers.forEach(subscriber -> subscriber.meet(publisher));
        return publisher;
    }

    /**
     * Opens a subscriber's log.
     *
     * @param id any number that no other subscriber of this ledger has
     * @param topicFilter its one subscription; may have wildcards, must not be shared
     */
    public synchronized SubscriberLog subscriber(int id, String clientId, String topicFilter) {
        var subscriber = new RecordedSubscriber(this, clientId, topicFilter);
        if (!subscriberIds.add(id)) {
            throw new IllegalArgumentException(
                    "subscriber number " + id + " of " + clientId + " is taken; expected a free one");
        }
        publishers.values().forEach(subscriber::meet);
        subscribers.add(subscriber);
        return subscriber;
    }

    /** True if no publisher waits for an outcome, and nothing acknowledged is still due anywhere. */
    public boolean settled() {
        return outstanding() == 0 && missing() == 0;
    }

    /** Messages sent and without an outcome, all publishers together. */
    public long outstanding() {
        return publishers.values().stream()
                .mapToLong(RecordedPublisher::outstanding)
                .sum();
    }

    /** Deliveries still due: acknowledged, promised by the grant (QoS 1 or 2), and not there yet. */
    public long missing() {
        return subscribers.stream().mapToLong(RecordedSubscriber::missing).sum();
    }

    /**
     * Deliveries that the broker owes or has made by promise: acknowledged messages of effective QoS 1 and 2, once for each
     * subscription in force. While it is 0, that nothing is lost says nothing.
     */
    public long due() {
        return audit().due();
    }

    /** The judgement of what has been recorded so far. */
    public Judgement judge() {
        return audit().judgement();
    }

    private Audit audit() {
        var audit = new Audit(this);
        publishers.values().forEach(audit::publisher);
        subscribers.forEach(subscriber -> subscriber.judge(audit));
        return audit;
    }

    /** QoS 1 and 2 acknowledgements from the first time on and before the second, to the 65.5 us that times are kept to. */
    public long acknowledgedBetween(long fromNanos, long toNanos) {
        var count = 0L;
        for (var publisher : publishers.values()) {
            synchronized (publisher) {
                for (var qos = 1; qos <= 2; qos++) {
                    var stream = publisher.stream(qos);
                    var acknowledged = stream.acknowledged();
                    for (var next = acknowledged.next(1); next > 0; next = acknowledged.next(next + 1)) {
                        if (times.within(stream.settledAt(next), fromNanos, toNanos)) {
                            count++;
                        }
                    }
                }
            }
        }
        return count;
    }

    /**
     * What arrived from the first time on and before the second is left out of rates and latencies, as if that time had not been; it is
     * judged all the same.
     */
    public void leaveOut(long fromNanos, long toNanos) {
        latencies.leaveOut(fromNanos, toNanos);
    }

    /** Rate and latency of what arrived from the first time on and before the second. */
    public DeliveryStatistics deliveries(long fromNanos, long toNanos) {
        return latencies.between(fromNanos, toNanos);
    }

    /**
     * What a report shows of the ledger: counts by QoS, violations with the first offenders, warnings, counts by node.
     *
     * @param lines no more than this; what was left off is said in the last
     */
    public List<String> extract(int lines) {
        return audit().extract(lines);
    }

    @Nullable
    RecordedPublisher find(int publisher) {
        return publishers.get(publisher);
    }

    boolean owns(String topic) {
        return topics.contains(topic);
    }

    String text(MessageStream stream, long sequence) {
        synchronized (stream.publisher()) {
            var outcome = stream.acknowledged().contains(sequence)
                    ? "acknowledged " + times.text(times.nanos(stream.settledAt(sequence)))
                    : stream.refused().contains(sequence)
                            ? "refused " + times.text(times.nanos(stream.settledAt(sequence)))
                            : stream.unknown().contains(sequence) ? "outcome unknown" : "not acknowledged yet";
            return "message " + sequence + " of " + stream + ", sent "
                    + times.text(times.nanos(stream.sentAt(sequence))) + " to " + stream.node(sequence) + ", "
                    + outcome;
        }
    }

    Offenders offenders(Invariant invariant) {
        var found = offenders.get(invariant);
        if (found == null) {
            throw new IllegalArgumentException(invariant + " is judged from the records, not when it happens");
        }
        return found;
    }

    Offenders foreign() {
        return foreign;
    }

    Reasons reasons() {
        return reasons;
    }

    void phantom(int qos) {
        phantom.incrementAndGet(qos);
    }

    void corrupted(int qos) {
        corrupted.incrementAndGet(qos);
    }

    long phantoms(int qos) {
        return phantom.get(qos);
    }

    long corruptions(int qos) {
        return corrupted.get(qos);
    }

    LatencyRecord latencies() {
        return latencies;
    }

    Times times() {
        return times;
    }

    long runId() {
        return runId;
    }

    int payloadBytes() {
        return payloadBytes;
    }
}
