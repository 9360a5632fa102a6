package io.havoq.ledger;

import static io.havoq.Invariant.CORRUPTION;
import static io.havoq.Invariant.PHANTOM;
import static io.havoq.Invariant.SESSION_LOST;
import static io.havoq.Invariant.WRONG_SUBSCRIBER;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A subscriber's side of the ledger, under one lock, which is always taken before a publisher's. */
final class RecordedSubscriber implements SubscriberLog {
    /** Older connections are forgotten: they only name the node in a text. */
    private static final int CONNECTIONS = 256;

    private record Connection(String node, long atNanos) {}

    private final Ledger ledger;
    private final String clientId;
    private final TopicFilter filter;
    private final ArrivalTable arrivals = new ArrivalTable();
    private final List<Connection> connections = new ArrayList<>();
    // What each SUBACK granted since the subscription came into force, changes only; empty while it is not in force.
    private int[] granted = {};
    private final Map<String, long[]> deliveriesByNode = new HashMap<>();
    private long[] deliveriesHere = new long[1];
    private boolean sessionKnown;
    private int lowestGrant = -1;
    private int highestGrant = -1;
    private long dueWhenEnded;
    private long lowered;
    private long retained;
    // Deliveries above every grant so far, by published QoS and delivered QoS: a later SUBACK may still explain them.
    private final long[][] raised = new long[3][3];
    private final List<Offenders> raisedFirst = List.of(new Offenders(), new Offenders(), new Offenders());

    RecordedSubscriber(Ledger ledger, String clientId, String filter) {
        this.ledger = ledger;
        this.clientId = clientId;
        this.filter = new TopicFilter(filter);
    }

    synchronized void meet(RecordedPublisher publisher) {
        if (filter.matches(publisher.topic())) {
            publisher.streams().forEach(stream -> arrivals.add(new Arrivals(stream, granted.length)));
        }
    }

    @Override
    public synchronized void connected(String node, boolean sessionPresent, long nowNanos) {
        if (sessionKnown && !sessionPresent) {
            ledger.offenders(SESSION_LOST)
                    .add(
                            nowNanos,
                            this + " connected to " + node + " "
                                    + ledger.times().text(nowNanos)
                                    + " and found no session, though it had not expired; it was last connected to "
                                    + node(nowNanos));
        }
        sessionKnown = true;
        if (connections.size() == CONNECTIONS) {
            connections.remove(0);
        }
        connections.add(new Connection(node, nowNanos));
        deliveriesHere = deliveriesByNode.computeIfAbsent(node, any -> new long[1]);
    }

    @Override
    public void disconnected(long nowNanos) {
        // The subscription stays in force: what is acknowledged meanwhile is due when the client is back.
    }

    @Override
    public synchronized void subscribed(int grantedQos, long nowNanos) {
        if (grantedQos < 0 || grantedQos > 2) {
            throw new IllegalArgumentException("SUBACK granted " + grantedQos + " to " + this
                    + "; expected 0, 1 or 2: a refused subscription is not in force and must not be recorded as one");
        }
        lowestGrant = lowestGrant < 0 ? grantedQos : Math.min(lowestGrant, grantedQos);
        highestGrant = Math.max(highestGrant, grantedQos);
        if (granted.length == 0 || granted[granted.length - 1] != grantedQos) {
            granted = Arrays.copyOf(granted, granted.length + 1);
            granted[granted.length - 1] = grantedQos;
            arrivals.all().forEach(Arrivals::term);
        }
    }

    @Override
    public synchronized void ended(long nowNanos) {
        dueWhenEnded += missing();
        granted = new int[0];
        sessionKnown = false;
        arrivals.all().forEach(Arrivals::end);
    }

    @Override
    public synchronized void delivered(
            String topic, int qos, boolean dup, boolean retain, ByteBuffer payload, long nowNanos) {
        var reading = PayloadHeader.read(payload);
        var header = reading.header();
        if (header == null) {
            stranger(topic, qos, nowNanos, String.valueOf(reading.problem()), true);
            return;
        }
        if (header.run() != ledger.runId()) {
            stranger(topic, qos, nowNanos, "its header is of another run, " + Long.toHexString(header.run()), false);
            return;
        }
        var publisher = ledger.find(header.publisher());
        if (publisher == null
                || header.qos() > 2
                || header.sequence() < 1
                || header.sequence() > publisher.stream(header.qos()).sent()) {
            ledger.phantom(Math.min(header.qos(), 2));
            ledger.offenders(PHANTOM)
                    .add(
                            nowNanos,
                            "message " + header.sequence() + " of "
                                    + (publisher == null ? "publisher number " + header.publisher() : publisher)
                                    + " at QoS " + header.qos() + " was never sent, and delivered "
                                    + here(topic, nowNanos));
            return;
        }
        var stream = publisher.stream(header.qos());
        if (!publisher.topic().equals(topic)) {
            corrupted(
                    stream, header, nowNanos, "came under the topic " + topic + ", delivered " + here(topic, nowNanos));
            return;
        }
        var pair = arrivals.find(stream);
        if (pair == null) {
            ledger.offenders(WRONG_SUBSCRIBER)
                    .add(
                            nowNanos,
                            ledger.text(stream, header.sequence()) + ", delivered " + here(topic, nowNanos)
                                    + ", whose filter does not match");
            return;
        }
        if (qos > header.qos()) {
            corrupted(
                    stream,
                    header,
                    nowNanos,
                    "came with QoS " + qos + ", higher than it was published with, delivered " + here(topic, nowNanos));
        } else if (qos > highestGrant) {
            raised[header.qos()][qos]++;
            var first = raisedFirst.get(qos);
            if (first.names(nowNanos)) {
                first.name(
                        nowNanos,
                        ledger.text(stream, header.sequence()) + ", came with QoS " + qos
                                + ", higher than was granted, delivered " + here(topic, nowNanos));
            }
        } else if (qos < Math.min(header.qos(), lowestGrant)) {
            lowered++;
        }
        if (retain) {
            // A replay of a retained message: it arrived, and says nothing about duplicates and order.
            retained++;
            pair.deliverRetained(header.sequence());
        } else if (pair.deliver(header.sequence(), nowNanos)) {
            deliveriesHere[0]++;
            ledger.latencies().add(nowNanos, nowNanos - header.intendedNanos());
        }
    }

    /** What cannot be a message of this run as it was sent: what that means depends on whose topic it came under. */
    private void stranger(String topic, int qos, long nowNanos, String problem, boolean unreadable) {
        var row = Math.max(0, Math.min(qos, 2));
        var text = "a message delivered " + here(topic, nowNanos) + " at QoS " + qos + ": " + problem;
        if (ledger.owns(topic)) {
            if (unreadable) {
                ledger.corrupted(row);
                ledger.offenders(CORRUPTION).add(nowNanos, text);
            } else {
                ledger.phantom(row);
                ledger.offenders(PHANTOM).add(nowNanos, text);
            }
        } else if (!filter.matches(topic)) {
            ledger.offenders(WRONG_SUBSCRIBER).add(nowNanos, text + "; the filter does not match");
        } else {
            ledger.foreign().add(nowNanos, text);
        }
    }

    private void corrupted(MessageStream stream, PayloadHeader header, long nowNanos, String what) {
        ledger.corrupted(header.qos());
        ledger.offenders(CORRUPTION).add(nowNanos, ledger.text(stream, header.sequence()) + ", " + what);
    }

    private String here(String topic, long nowNanos) {
        return ledger.times().text(nowNanos) + " under " + topic + " to " + this + " on " + node(nowNanos);
    }

    /** The node that the client was connected to at a time, the last known one if it was between two. */
    synchronized String node(long nanos) {
        for (var i = connections.size() - 1; i >= 0; i--) {
            if (connections.get(i).atNanos() - nanos <= 0) {
                return connections.get(i).node();
            }
        }
        return connections.isEmpty() ? "no node" : connections.get(0).node();
    }

    /** The lowest grant of each term or a later one: the QoS that a message of that term can still count on. */
    synchronized int[] dependableGrants() {
        var lowest = granted.clone();
        for (var i = lowest.length - 2; i >= 0; i--) {
            lowest[i] = Math.min(lowest[i], lowest[i + 1]);
        }
        return lowest;
    }

    /** Deliveries still due. */
    synchronized long missing() {
        var count = 0L;
        var grants = dependableGrants();
        for (var pair : arrivals.all()) {
            if (pair.stream().qos() == 0) {
                continue;
            }
            synchronized (pair.stream().publisher()) {
                for (var term = 0; term < pair.terms(); term++) {
                    if (grants[term] > 0) {
                        count += pair.missing(pair.after(term), pair.upTo(term));
                    }
                }
            }
        }
        return count;
    }

    synchronized void judge(Audit audit) {
        var grants = dependableGrants();
        for (var pair : arrivals.all()) {
            synchronized (pair.stream().publisher()) {
                audit.arrivals(this, pair, grants);
            }
        }
        if (highestGrant >= 0) {
            for (var published = 0; published < 3; published++) {
                for (var delivered = highestGrant + 1; delivered < 3; delivered++) {
                    audit.raised(published, raised[published][delivered]);
                }
            }
            for (var delivered = highestGrant + 1; delivered < 3; delivered++) {
                audit.raisedFirst(raisedFirst.get(delivered));
            }
        }
        audit.subscriber(highestGrant >= 0, granted, dueWhenEnded, lowered, retained, deliveriesByNode);
    }

    /** The lowest grant there ever was, or -1. */
    int lowestGrant() {
        return lowestGrant;
    }

    @Override
    public String toString() {
        return "subscriber " + clientId + " (" + filter + ")";
    }
}
