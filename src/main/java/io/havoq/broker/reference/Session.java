package io.havoq.broker.reference;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the broker keeps for one client id (MQTT 5.0, 4.1): subscriptions, what is queued, what is in flight, and the
 * packet ids of incoming QoS 2 messages. Packet ids and places in the window are given here, where the log is applied,
 * so that every node would send the same. Not thread-safe.
 */
final class Session {
    /** A delivery under way; {@code queued} is null once the client has the message and only PUBCOMP is missing. */
    private record Inflight(@Nullable Queued queued) {}

    private static final int LAST_PACKET_ID = 65_535;

    final String clientId;
    final Map<String, Subscription> subscriptions = new TreeMap<>();
    /** Packet ids of incoming QoS 2 messages that were routed and not yet released. */
    final BitSet incoming = new BitSet();
    /** Messages that the defect {@link Defect#SWAP_NEIGHBOURS} holds back. */
    final HeldBack heldBack = new HeldBack();

    private final Deque<Queued> queue = new ArrayDeque<>();
    private final Map<Integer, Inflight> inflight = new LinkedHashMap<>();
    /** Those of {@link #inflight} that this connection has not been sent yet. */
    private final Set<Integer> unsent = new LinkedHashSet<>();

    private int lastPacketId;
    private int version;
    private int window;
    private long maximumPacketSize;
    private long expiry;
    private @Nullable NodeSessions owner;
    private long connection;
    private long expiresAt;

    Session(String clientId) {
        this.clientId = clientId;
    }

    @Nullable
    NodeSessions owner() {
        return owner;
    }

    long connection() {
        return connection;
    }

    int version() {
        return version;
    }

    long expiry() {
        return expiry;
    }

    void expiry(long seconds) {
        expiry = seconds;
    }

    boolean expired(long clock) {
        return owner == null && expiry != Operation.NEVER && clock >= expiresAt;
    }

    /** A connection serves the session from now on; what was in flight is due again, in its order (4.4.0-1). */
    void attach(NodeSessions node, Operation.Connect connect) {
        owner = node;
        connection = connect.connection();
        version = connect.version();
        window = connect.receiveMaximum();
        maximumPacketSize = connect.maximumPacketSize();
        expiry = connect.expiry();
        unsent.clear();
        unsent.addAll(inflight.keySet());
        node.put(connection, this);
    }

    /** No connection serves it any more; its expiry runs from now. */
    void detach(long clock) {
        var node = owner;
        if (node != null) {
            node.remove(connection);
            owner = null;
            // The clock is that of the last tick: one tick more, so that no session expires early.
            expiresAt = clock + 1000 + (expiry == Operation.NEVER ? 0 : expiry * 1000);
        }
    }

    /** Whether the client takes a packet of this size (MQTT 5.0, 3.1.2-24). */
    boolean takes(long packetSize) {
        return packetSize <= maximumPacketSize;
    }

    void enqueue(Queued queued, MessageMemory memory) {
        memory.hold(queued.message());
        queue.add(queued);
    }

    /** Sends what the window has room for. */
    void fill(long clock, MessageMemory memory, Consumer<Outgoing> out) {
        if (owner == null) {
            return;
        }
        while (inflight.size() - unsent.size() < window) {
            if (!unsent.isEmpty()) {
                var packetId = unsent.iterator().next();
                unsent.remove(packetId);
                var queued = known(packetId).queued();
                out.accept(queued == null ? new Outgoing.Pubrel(packetId) : queued.toDeliver(packetId, true, clock));
            } else {
                var next = queue.poll();
                if (next == null) {
                    return;
                }
                if (next.message().expired(clock)) {
                    memory.release(next.message());
                } else {
                    var packetId = nextPacketId();
                    inflight.put(packetId, new Inflight(next));
                    out.accept(next.toDeliver(packetId, false, clock));
                }
            }
        }
    }

    private Inflight known(int packetId) {
        var entry = inflight.get(packetId);
        if (entry == null) {
            throw new IllegalStateException("session " + clientId + ": packet id " + packetId + " is not in flight");
        }
        return entry;
    }

    private int nextPacketId() {
        do {
            lastPacketId = lastPacketId == LAST_PACKET_ID ? 1 : lastPacketId + 1;
        } while (inflight.containsKey(lastPacketId));
        return lastPacketId;
    }

    /** PUBACK: the delivery is over. */
    void acknowledged(int packetId, MessageMemory memory) {
        var entry = inflight.get(packetId);
        if (entry != null && entry.queued() != null) {
            memory.release(entry.queued().message());
            forget(packetId);
        }
    }

    /** PUBREC: the client has the message; answered by PUBREL, the unknown id too (4.3.3-4). */
    void received(int packetId, MessageMemory memory, Consumer<Outgoing> out) {
        var entry = inflight.get(packetId);
        if (entry != null && entry.queued() != null && entry.queued().qos() == 2) {
            memory.release(entry.queued().message());
            inflight.put(packetId, new Inflight(null));
            unsent.remove(packetId);
        }
        out.accept(new Outgoing.Pubrel(packetId));
    }

    /** PUBCOMP: the packet id is free. */
    void completed(int packetId) {
        var entry = inflight.get(packetId);
        if (entry != null && entry.queued() == null) {
            forget(packetId);
        }
    }

    private void forget(int packetId) {
        inflight.remove(packetId);
        unsent.remove(packetId);
    }

    int queued() {
        return queue.size() + inflight.size();
    }

    /** Lets go of every message. */
    void discard(MessageMemory memory) {
        messages(memory::release);
        queue.clear();
        inflight.clear();
        unsent.clear();
        heldBack.clear();
    }

    /** Every message held, once for each time it is held. */
    void messages(Consumer<Message> each) {
        queue.forEach(queued -> each.accept(queued.message()));
        for (var entry : inflight.values()) {
            if (entry.queued() != null) {
                each.accept(entry.queued().message());
            }
        }
        heldBack.messages(each);
    }

    void write(WireOutput out) {
        out.text(clientId);
        out.number(version);
        out.number(window);
        out.number(maximumPacketSize);
        out.number(expiry);
        out.number(expiresAt);
        out.number(lastPacketId);
        out.text(owner == null ? "" : owner.name());
        out.number(connection);
        out.blob(incoming.toByteArray());
        out.number(subscriptions.size());
        subscriptions.values().forEach(subscription -> subscription.write(out));
        out.number(queue.size());
        queue.forEach(queued -> queued.write(out));
        out.number(inflight.size());
        inflight.forEach((packetId, entry) -> {
            out.number(packetId);
            out.octet((unsent.contains(packetId) ? 1 : 0) | (entry.queued() == null ? 2 : 0));
            if (entry.queued() != null) {
                entry.queued().write(out);
            }
        });
        heldBack.write(out);
    }

    static Session read(WireInput in, MessageTable messages, Map<String, NodeSessions> nodes) {
        var session = new Session(in.text());
        session.version = in.integer();
        session.window = in.integer();
        session.maximumPacketSize = in.number();
        session.expiry = in.number();
        session.expiresAt = in.number();
        session.lastPacketId = in.integer();
        session.owner = nodes.get(in.text());
        session.connection = in.number();
        session.incoming.or(BitSet.valueOf(in.blob()));
        for (var left = in.integer(); left > 0; left--) {
            var subscription = Subscription.read(in);
            session.subscriptions.put(subscription.filter(), subscription);
        }
        for (var left = in.integer(); left > 0; left--) {
            session.queue.add(Queued.read(in, messages));
        }
        for (var left = in.integer(); left > 0; left--) {
            var packetId = in.integer();
            var flags = in.octet();
            session.inflight.put(packetId, new Inflight((flags & 2) != 0 ? null : Queued.read(in, messages)));
            if ((flags & 1) != 0) {
                session.unsent.add(packetId);
            }
        }
        session.heldBack.read(in, messages);
        var owner = session.owner;
        if (owner != null) {
            owner.put(session.connection, session);
        }
        return session;
    }

    /** The filters, copied, for a loop that removes them. */
    List<String> filters() {
        return new ArrayList<>(subscriptions.keySet());
    }
}
