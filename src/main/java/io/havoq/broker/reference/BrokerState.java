package io.havoq.broker.reference;

import io.havoq.broker.reference.Operation.NodeDead;
import io.havoq.broker.reference.Operation.Tick;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The replicated state of the broker: sessions, subscriptions, retained messages and a logical clock. It is a pure
 * function of the log: no time, no randomness, no order of a hash map goes into it, and the same log gives the same
 * bytes in {@link #write}. Not thread-safe.
 */
final class BrokerState {
    /** Beyond this, publishes are refused; it has to fit a heap of 128 MiB beside everything else. */
    static final long MEMORY_LIMIT = 40L << 20;

    private static final int FORMAT = 1;
    private static final int SHARED_NOT_SUPPORTED = 0x9E;
    private static final int FAILURE = 0x80;
    private static final int NO_SUBSCRIPTION = 0x11;
    private static final int PACKET_ID_NOT_FOUND = 0x92;

    private final Effects effects;
    private final Defect defect;
    private final MessageMemory memory = new MessageMemory(MEMORY_LIMIT);
    private final Map<String, NodeSessions> nodes = new TreeMap<>();
    private final Map<String, Session> sessions = new TreeMap<>();
    private final TopicTree tree = new TopicTree();
    private final Router router;
    private long clock;

    BrokerState(Effects effects, Defect defect) {
        this.effects = effects;
        this.defect = defect;
        this.router = new Router(tree, memory, defect, this::send);
    }

    long clock() {
        return clock;
    }

    int sessions() {
        return sessions.size();
    }

    int subscriptions() {
        return tree.size();
    }

    /** The last applied batch of a boot of a node; 0 if it has none. */
    long sequence(String node, long boot) {
        var known = nodes.get(node);
        return known == null || known.boot() != boot ? 0 : known.sequence();
    }

    /** The boot of a node that the log knows; 0 for none. */
    long boot(String node) {
        var known = nodes.get(node);
        return known == null ? 0 : known.boot();
    }

    /**
     * Applies one batch; false if it was a repetition or followed a gap, and nothing changed.
     *
     * @param term of the entry that it is in
     */
    boolean apply(Batch batch, long term) {
        var node = nodes.computeIfAbsent(batch.node(), NodeSessions::new);
        if (!node.next(batch)) {
            return false;
        }
        var restarted = node.boot() != 0 && node.boot() != batch.boot();
        if (restarted) {
            giveUp(node);
            if (defect == Defect.FORGET_RETAINED) {
                router.forgetRetained();
            }
        }
        node.applied(batch);
        batch.operations().forEach(operation -> apply(node, operation, term));
        return true;
    }

    private void apply(NodeSessions node, Operation operation, long term) {
        if (operation instanceof Operation.Connect connect) {
            connect(node, connect);
        } else if (operation instanceof Operation.Publish publish) {
            with(node, publish.connection(), session -> publish(session, publish));
        } else if (operation instanceof Operation.Pubrel release) {
            with(node, release.connection(), session -> {
                var known = session.incoming.get(release.packetId());
                session.incoming.clear(release.packetId());
                send(session, new Outgoing.Pubcomp(release.packetId(), known ? 0 : PACKET_ID_NOT_FOUND));
            });
        } else if (operation instanceof Operation.Puback ack) {
            with(node, ack.connection(), session -> {
                session.acknowledged(ack.packetId(), memory);
                fill(session);
            });
        } else if (operation instanceof Operation.Pubrec ack) {
            with(node, ack.connection(), session -> session.received(ack.packetId(), memory, to(session)));
        } else if (operation instanceof Operation.Pubcomp ack) {
            with(node, ack.connection(), session -> {
                session.completed(ack.packetId());
                fill(session);
            });
        } else if (operation instanceof Operation.Subscribe subscribe) {
            with(node, subscribe.connection(), session -> subscribe(session, subscribe));
        } else if (operation instanceof Operation.Unsubscribe unsubscribe) {
            with(node, unsubscribe.connection(), session -> unsubscribe(session, unsubscribe));
        } else if (operation instanceof Operation.Disconnect disconnect) {
            with(node, disconnect.connection(), session -> {
                if (disconnect.expiry() >= 0) {
                    session.expiry(disconnect.expiry());
                }
                end(session);
            });
        } else if (operation instanceof Tick tick) {
            tick(tick);
        } else if (operation instanceof NodeDead dead) {
            var gone = nodes.get(dead.node());
            if (gone != null && gone.boot() == dead.boot() && dead.term() == term) {
                giveUp(gone);
            }
        }
    }

    /** An operation of a connection whose session was taken over finds no session: it never happened. */
    private static void with(NodeSessions node, long connection, Consumer<Session> action) {
        var session = node.session(connection);
        if (session != null) {
            action.accept(session);
        }
    }

    private void connect(NodeSessions node, Operation.Connect connect) {
        if (node.session(connect.connection()) != null) {
            // One connection serves one session; nodes do not propose a second CONNECT of a connection.
            return;
        }
        var session = sessions.get(connect.clientId());
        if (session != null) {
            var owner = session.owner();
            var forgotten = defect == Defect.FORGET_SESSIONS && owner != null && owner != node;
            if (owner != null) {
                send(session, new Outgoing.Closed(true));
                // The will-be owner decides on the expiry; a session of 0 s ends with its old connection (3.1.4-3).
                end(session);
            }
            if (connect.cleanStart() || forgotten || session.expired(clock)) {
                remove(session);
            }
            session = sessions.get(connect.clientId());
        }
        var present = session != null;
        if (session == null) {
            session = new Session(connect.clientId());
            sessions.put(connect.clientId(), session);
        }
        session.attach(node, connect);
        send(session, new Outgoing.Connected(present));
        fill(session);
    }

    private void publish(Session publisher, Operation.Publish publish) {
        var packetId = publish.packetId();
        if (publish.qos() == 2 && publisher.incoming.get(packetId)) {
            send(publisher, new Outgoing.Pubrec(packetId, 0));
            return;
        }
        var refused = memory.full();
        if (refused && publisher.version() < 5 && publish.qos() > 0) {
            // 3.1.1 has no refusal: without an answer the client does not take it for delivered.
            send(publisher, new Outgoing.Closed(false));
            end(publisher);
            return;
        }
        if (!refused) {
            router.route(publisher.clientId, publish, clock);
        }
        var reason = refused ? Outgoing.QUOTA_EXCEEDED : 0;
        if (publish.qos() == 1) {
            send(publisher, new Outgoing.Puback(packetId, reason));
        } else if (publish.qos() == 2) {
            publisher.incoming.set(packetId, !refused);
            send(publisher, new Outgoing.Pubrec(packetId, reason));
        }
    }

    private void subscribe(Session session, Operation.Subscribe subscribe) {
        var codes = new ArrayList<Integer>();
        var fresh = new ArrayList<Subscription>();
        for (var subscription : subscribe.subscriptions()) {
            if (Topics.shared(subscription.filter())) {
                codes.add(session.version() < 5 ? FAILURE : SHARED_NOT_SUPPORTED);
                continue;
            }
            session.subscriptions.put(subscription.filter(), subscription);
            var added = tree.add(session, subscription);
            codes.add(subscription.qos());
            if (subscription.retainHandling() == 0 || (subscription.retainHandling() == 1 && added)) {
                fresh.add(subscription);
            }
        }
        send(session, new Outgoing.Suback(subscribe.packetId(), List.copyOf(codes)));
        fresh.forEach(subscription -> router.sendRetained(session, subscription, clock));
    }

    private void unsubscribe(Session session, Operation.Unsubscribe unsubscribe) {
        var codes = new ArrayList<Integer>();
        for (var filter : unsubscribe.filters()) {
            session.subscriptions.remove(filter);
            codes.add(tree.remove(session, filter) ? 0 : NO_SUBSCRIPTION);
        }
        send(session, new Outgoing.Unsuback(unsubscribe.packetId(), List.copyOf(codes)));
    }

    private void tick(Tick tick) {
        clock = Math.max(clock, tick.clock());
        for (var session : new ArrayList<>(sessions.values())) {
            if (session.expired(clock)) {
                remove(session);
            } else {
                router.releaseHeldBack(session, clock);
            }
        }
    }

    private void giveUp(NodeSessions node) {
        for (var session : node.sessions()) {
            send(session, new Outgoing.Closed(false));
            end(session);
            if (defect == Defect.FORGET_SESSIONS) {
                remove(session);
            }
        }
    }

    /** The connection of a session ended; a session with expiry 0 ends with it. */
    private void end(Session session) {
        session.detach(clock);
        if (session.expiry() == 0) {
            remove(session);
        }
    }

    private void remove(Session session) {
        if (sessions.remove(session.clientId, session)) {
            session.filters().forEach(filter -> tree.remove(session, filter));
            session.discard(memory);
        }
    }

    private void fill(Session session) {
        session.fill(clock, memory, to(session));
    }

    private Consumer<Outgoing> to(Session session) {
        return packet -> send(session, packet);
    }

    private void send(Session session, Outgoing packet) {
        var owner = session.owner();
        if (owner != null) {
            effects.send(owner.name(), owner.boot(), session.connection(), packet);
        }
    }

    byte[] write() {
        var out = new WireOutput(1 << 16);
        out.octet(FORMAT);
        out.number(clock);
        out.number(nodes.size());
        nodes.values().forEach(node -> node.write(out));
        var messages = MessageTable.empty();
        sessions.values().forEach(session -> session.messages(messages::add));
        router.write(messages, out);
        out.number(sessions.size());
        sessions.values().forEach(session -> session.write(out));
        return out.toByteArray();
    }

    /** The state that {@link #write} wrote. */
    static BrokerState read(byte[] bytes, Effects effects, Defect defect) {
        var in = new WireInput(bytes);
        var format = in.octet();
        if (format != FORMAT) {
            throw new IllegalArgumentException("snapshot format " + format + " is unknown, expected " + FORMAT);
        }
        var state = new BrokerState(effects, defect);
        state.clock = in.number();
        for (var left = in.integer(); left > 0; left--) {
            var node = NodeSessions.read(in);
            state.nodes.put(node.name(), node);
        }
        var messages = state.router.read(in);
        for (var left = in.integer(); left > 0; left--) {
            var session = Session.read(in, messages, state.nodes);
            state.sessions.put(session.clientId, session);
            session.subscriptions.values().forEach(subscription -> state.tree.add(session, subscription));
            session.messages(state.memory::hold);
        }
        return state;
    }
}
