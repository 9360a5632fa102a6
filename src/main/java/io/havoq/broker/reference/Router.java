package io.havoq.broker.reference;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Carries published messages to the sessions that subscribed, and keeps the retained ones. Deterministic. */
final class Router {
    /** What a PUBLISH packet has beside topic, payload and passed properties, at most. */
    private static final long FRAME = 40;

    private final TopicTree tree;
    private final MessageMemory memory;
    private final Defect defect;
    private final BiConsumer<Session, Outgoing> send;
    private final Map<String, Message> retained = new TreeMap<>();
    private long lastMessage;

    Router(TopicTree tree, MessageMemory memory, Defect defect, BiConsumer<Session, Outgoing> send) {
        this.tree = tree;
        this.memory = memory;
        this.defect = defect;
        this.send = send;
    }

    void route(String publisher, Operation.Publish publish, long clock) {
        var expiresAt = publish.expirySeconds() == 0 ? 0 : clock + publish.expirySeconds() * 1000;
        var message = new Message(
                ++lastMessage,
                publisher,
                publish.topic(),
                publish.qos(),
                publish.payload(),
                publish.properties(),
                expiresAt);
        if (publish.retain()) {
            retain(message);
        }
        tree.matches(publish.topic())
                .forEach((session, matching) -> deliver(session, matching, message, publish.retain(), clock));
    }

    private void retain(Message message) {
        var previous =
                message.payload.length == 0 ? retained.remove(message.topic) : retained.put(message.topic, message);
        if (message.payload.length > 0) {
            memory.hold(message);
        }
        if (previous != null) {
            memory.release(previous);
        }
    }

    void forgetRetained() {
        retained.values().forEach(memory::release);
        retained.clear();
    }

    /** Once, at the highest QoS of the matching subscriptions (MQTT 5.0, 3.3.4-2). */
    private void deliver(Session session, List<Subscription> matching, Message message, boolean retain, long clock) {
        var granted = -1;
        var asPublished = false;
        for (var subscription : matching) {
            if (!(subscription.noLocal() && session.clientId.equals(message.publisher))) {
                granted = Math.max(granted, subscription.qos());
                asPublished |= subscription.retainAsPublished();
            }
        }
        if (granted >= 0) {
            var identifiers = matching.stream()
                    .map(Subscription::identifier)
                    .filter(identifier -> identifier > 0)
                    .toList();
            hand(
                    session,
                    new Queued(message, Math.min(granted, message.qos), retain && asPublished, identifiers),
                    clock);
        }
    }

    private void hand(Session session, Queued queued, long clock) {
        var message = queued.message();
        var size = FRAME + message.payload.length + message.properties.length + 3L * message.topic.length();
        if (!session.takes(size) || defect.drops(message, session, queued.qos())) {
            return;
        }
        if (queued.qos() == 0) {
            // Without a connection it is dropped, with one it passes the queue: order is kept per QoS (4.6.0-5).
            send.accept(session, queued.toDeliver(0, false, clock));
            return;
        }
        if (defect.holdsBack(message, session, queued.qos()) && !session.heldBack.holdsPredecessorOf(queued)) {
            memory.hold(message);
            session.heldBack.add(queued, clock + Defect.SWAP_LIMIT_MILLIS);
            return;
        }
        session.enqueue(queued, memory);
        if (defect.duplicates(message, session, queued.qos())) {
            session.enqueue(queued, memory);
        }
        if (defect == Defect.SWAP_NEIGHBOURS) {
            session.heldBack.takePredecessorsOf(queued).forEach(held -> requeue(session, held));
        }
        fill(session, clock);
    }

    /** Queues the messages that {@link Defect#SWAP_NEIGHBOURS} held back for too long. */
    void releaseHeldBack(Session session, long clock) {
        var due = session.heldBack.takeDue(clock);
        due.forEach(held -> requeue(session, held));
        if (!due.isEmpty()) {
            fill(session, clock);
        }
    }

    private void fill(Session session, long clock) {
        session.fill(clock, memory, packet -> send.accept(session, packet));
    }

    private void requeue(Session session, Queued held) {
        session.enqueue(held, memory);
        memory.release(held.message());
    }

    /** The retained messages that a new subscription asks for (MQTT 5.0, 3.3.1-9). */
    void sendRetained(Session session, Subscription subscription, long clock) {
        var identifiers = subscription.identifier() == 0 ? List.<Integer>of() : List.of(subscription.identifier());
        for (var message : retained.values()) {
            if (!message.expired(clock) && Topics.matches(subscription.filter(), message.topic)) {
                hand(session, new Queued(message, Math.min(subscription.qos(), message.qos), true, identifiers), clock);
            }
        }
    }

    /** Writes the table of all messages, those in it already and the retained ones, and what is retained. */
    void write(MessageTable messages, WireOutput out) {
        retained.values().forEach(messages::add);
        messages.write(out);
        out.number(lastMessage);
        out.number(retained.size());
        retained.values().forEach(message -> out.number(message.id));
    }

    MessageTable read(WireInput in) {
        var messages = MessageTable.read(in);
        lastMessage = in.number();
        for (var left = in.integer(); left > 0; left--) {
            var message = messages.get(in.number());
            retained.put(message.topic, message);
            memory.hold(message);
        }
        return messages;
    }
}
