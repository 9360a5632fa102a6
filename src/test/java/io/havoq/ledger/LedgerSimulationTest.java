package io.havoq.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.Invariant;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories with planted defects, judged by the ledger and by a naive model that keeps every event. */
class LedgerSimulationTest {
    private static final long RUN = 5;
    private static final int BYTES = 48;
    private static final List<String> TOPICS = List.of("a/1", "a/1", "a/2", "b");
    private static final List<String> FILTERS = List.of("a/1", "a/+", "#", "b", "c");

    @ParameterizedTest
    @ValueSource(ints = {0, 1000, 2000, 3000})
    void theLedgerAgreesWithTheNaiveModel(int firstSeed) {
        var seen = new EnumMap<Invariant, Integer>(Invariant.class);
        for (var seed = firstSeed; seed < firstSeed + 15; seed++) {
            var history = new History(new Random(seed));
            for (var i = 0; i < 60; i++) {
                history.step();
            }
            check(seed, history, seen);
            for (var i = 0; i < 250; i++) {
                history.step();
            }
            check(seed, history, seen);
        }
        // The histories would prove nothing of a kind that they never show.
        assertThat(seen)
                .containsOnlyKeys(
                        Invariant.QOS1_LOSS,
                        Invariant.QOS2_LOSS,
                        Invariant.QOS2_DUPLICATES,
                        Invariant.ORDER,
                        Invariant.PHANTOM,
                        Invariant.CORRUPTION,
                        Invariant.WRONG_SUBSCRIBER,
                        Invariant.SESSION_LOST);
    }

    private static void check(int seed, History history, Map<Invariant, Integer> seen) {
        var naive = new NaiveJudgement(history.events);
        var judgement = history.ledger.judge();
        assertThat(judgement.violations().stream()
                        .collect(Collectors.toMap(LedgerViolation::invariant, LedgerViolation::count)))
                .as("violations with seed %d", seed)
                .isEqualTo(naive.violations());
        assertThat(judgement.byQos()).as("counts with seed %d", seed).isEqualTo(naive.counts());
        assertThat(history.ledger.missing()).as("missing with seed %d", seed).isEqualTo(naive.missing());
        assertThat(history.ledger.due()).as("due with seed %d", seed).isEqualTo(naive.due());
        judgement.violations().forEach(violation -> {
            seen.merge(violation.invariant(), 1, Integer::sum);
            assertThat(violation.first()).as("named with seed %d", seed).hasSize((int) Math.min(5, violation.count()));
        });
    }

    /** What happened, in order; both judges see only this. */
    private sealed interface Event {
        record Sent(Message message) implements Event {}

        record Settled(Message message, Outcome outcome) implements Event {}

        record PublisherConnected(int publisher, boolean sessionPresent) implements Event {}

        record SubscriberConnected(int subscriber, boolean sessionPresent) implements Event {}

        record Subscribed(int subscriber, int granted) implements Event {}

        record Ended(int subscriber) implements Event {}

        record Delivered(int subscriber, Message message, int qos, boolean retain) implements Event {}

        /** A delivery that is no message of this run as it was sent: the kind that it must be judged as. */
        record Odd(Invariant kind, int row) implements Event {}
    }

    private record Message(int publisher, int qos, long sequence) {
        String topic() {
            return TOPICS.get(publisher);
        }
    }

    private static boolean matches(int subscriber, String topic) {
        return switch (FILTERS.get(subscriber)) {
            case "#" -> true;
            case "a/+" -> topic.startsWith("a/");
            default -> topic.equals(FILTERS.get(subscriber));
        };
    }

    /** Makes a history step by step and tells the ledger of it. */
    private static final class History {
        final Ledger ledger = new Ledger(RUN, BYTES, 0);
        final List<Event> events = new ArrayList<>();
        private final Random random;
        private final List<PublisherLog> publishers = new ArrayList<>();
        private final List<SubscriberLog> subscribers = new ArrayList<>();
        private final List<Message> sent = new ArrayList<>();
        private final List<ByteBuffer> payloads = new ArrayList<>();
        private final List<List<Integer>> queues = new ArrayList<>();
        private long now;

        History(Random random) {
            this.random = random;
            for (var i = 0; i < TOPICS.size(); i++) {
                publishers.add(ledger.publisher(7 * i, "p" + i, TOPICS.get(i)));
            }
            for (var i = 0; i < FILTERS.size(); i++) {
                subscribers.add(ledger.subscriber(i, "s" + i, FILTERS.get(i)));
                queues.add(new ArrayList<>());
            }
        }

        void step() {
            now += 1_000_000;
            var chance = random.nextInt(100);
            if (chance < 35) {
                send();
            } else if (chance < 55) {
                settle();
            } else if (chance < 85) {
                deliver();
            } else if (chance < 88) {
                connectPublisher();
            } else if (chance < 91) {
                connectSubscriber();
            } else if (chance < 95) {
                subscribe();
            } else if (chance < 96) {
                end();
            } else {
                deliverOddly();
            }
        }

        private void send() {
            var publisher = random.nextInt(TOPICS.size());
            var message = publishers.get(publisher).sending(random.nextInt(3), "n", now, now);
            var index = sent.size();
            sent.add(new Message(publisher, message.qos(), message.sequence()));
            payloads.add(message.payload());
            events.add(new Event.Sent(sent.get(index)));
            for (var subscriber = 0; subscriber < FILTERS.size(); subscriber++) {
                if (matches(subscriber, TOPICS.get(publisher))) {
                    queues.get(subscriber).add(index);
                }
            }
        }

        private void settle() {
            if (!sent.isEmpty()) {
                // Mostly recent ones, sometimes one that has an outcome.
                var message = sent.get(Math.max(0, sent.size() - 1 - random.nextInt(12)));
                var outcome = random.nextInt(10) < 7
                        ? Outcome.ACKNOWLEDGED
                        : random.nextInt(3) < 2 ? Outcome.UNKNOWN : Outcome.REFUSED;
                publishers.get(message.publisher()).outcome(message.qos(), message.sequence(), outcome, now, "");
                events.add(new Event.Settled(message, outcome));
            }
        }

        private void deliver() {
            var subscriber = random.nextInt(FILTERS.size());
            var queue = queues.get(subscriber);
            if (queue.isEmpty()) {
                return;
            }
            // Mostly the oldest; sometimes another (reordered), sometimes it stays (a duplicate), sometimes it is lost.
            var at = random.nextInt(5) == 0 ? random.nextInt(queue.size()) : 0;
            int index = random.nextInt(6) == 0 ? queue.get(at) : queue.remove(at);
            if (random.nextInt(12) != 0) {
                var message = sent.get(index);
                var qos = random.nextInt(8) == 0 ? random.nextInt(3) : message.qos();
                var retain = random.nextInt(20) == 0;
                subscribers.get(subscriber).delivered(message.topic(), qos, false, retain, payloads.get(index), now);
                events.add(new Event.Delivered(subscriber, message, qos, retain));
            }
        }

        private void connectPublisher() {
            var publisher = random.nextInt(TOPICS.size());
            var present = random.nextBoolean();
            publishers.get(publisher).connected("n", present, now);
            events.add(new Event.PublisherConnected(publisher, present));
        }

        private void connectSubscriber() {
            var subscriber = random.nextInt(FILTERS.size());
            var present = random.nextBoolean();
            subscribers.get(subscriber).connected("n", present, now);
            events.add(new Event.SubscriberConnected(subscriber, present));
        }

        private void subscribe() {
            var subscriber = random.nextInt(FILTERS.size());
            var granted = random.nextInt(4) == 0 ? random.nextInt(3) : 2;
            subscribers.get(subscriber).subscribed(granted, now);
            events.add(new Event.Subscribed(subscriber, granted));
        }

        private void end() {
            var subscriber = random.nextInt(FILTERS.size());
            subscribers.get(subscriber).ended(now);
            events.add(new Event.Ended(subscriber));
        }

        private void deliverOddly() {
            var publisher = random.nextInt(TOPICS.size());
            var subscriber = random.nextInt(FILTERS.size());
            var topic = TOPICS.get(publisher);
            var qos = random.nextInt(3);
            var never = new PayloadHeader(qos, 7 * publisher, RUN, 100_000 + random.nextInt(9), 0);
            switch (random.nextInt(6)) {
                case 0 -> odd(subscriber, topic, 1, never.payload(BYTES), Invariant.PHANTOM, qos);
                case 1 -> {
                    var elsewhere = new PayloadHeader(qos, 7 * publisher, RUN + 1, 1, 0);
                    odd(subscriber, topic, 1, elsewhere.payload(BYTES), Invariant.PHANTOM, 1);
                }
                case 2 -> {
                    var flipped = never.payload(BYTES);
                    var at = random.nextInt(BYTES);
                    flipped.put(at, (byte) (flipped.get(at) ^ (1 << random.nextInt(8))));
                    odd(subscriber, topic, 2, flipped, Invariant.CORRUPTION, 2);
                }
                case 3 -> {
                    if (!sent.isEmpty()) {
                        var index = random.nextInt(sent.size());
                        var other = sent.get(index).topic().equals("b") ? "a/2" : "b";
                        odd(
                                subscriber,
                                other,
                                0,
                                payloads.get(index),
                                Invariant.CORRUPTION,
                                sent.get(index).qos());
                    }
                }
                case 4 -> {
                    if (!sent.isEmpty()) {
                        var index = random.nextInt(sent.size());
                        odd(4, sent.get(index).topic(), 0, payloads.get(index), Invariant.WRONG_SUBSCRIBER, 0);
                    }
                }
                default -> odd(3, "not/ours", 1, ByteBuffer.allocate(3), Invariant.WRONG_SUBSCRIBER, 0);
            }
        }

        private void odd(int subscriber, String topic, int qos, ByteBuffer payload, Invariant kind, int row) {
            subscribers.get(subscriber).delivered(topic, qos, false, false, payload, now);
            events.add(new Event.Odd(kind, row));
        }
    }

    /** Judges by walking over all events again and again; slow, and close to the words of the definitions. */
    private static final class NaiveJudgement {
        private final List<Event> events;
        private final Map<Invariant, Long> violations = new EnumMap<>(Invariant.class);
        private final long[][] rows = new long[3][11];
        private long missing;
        private long due;

        NaiveJudgement(List<Event> events) {
            this.events = events;
            var messages = events.stream()
                    .filter(Event.Sent.class::isInstance)
                    .map(event -> ((Event.Sent) event).message())
                    .toList();
            for (var message : messages) {
                judge(message);
            }
            sessions();
            for (var event : events) {
                if (event instanceof Event.Odd odd) {
                    violation(odd.kind(), 1);
                    if (odd.kind() != Invariant.WRONG_SUBSCRIBER) {
                        rows[odd.row()][odd.kind() == Invariant.PHANTOM ? 8 : 9]++;
                    }
                }
            }
        }

        private void judge(Message message) {
            var row = rows[message.qos()];
            var outcome = outcome(message);
            row[0]++;
            row[1] += outcome == Outcome.ACKNOWLEDGED ? 1 : 0;
            row[2] += outcome == Outcome.UNKNOWN ? 1 : 0;
            row[3] += outcome == Outcome.REFUSED ? 1 : 0;
            var arrived = false;
            for (var subscriber = 0; subscriber < FILTERS.size(); subscriber++) {
                if (!matches(subscriber, message.topic())) {
                    continue;
                }
                var live = deliveries(subscriber, message, false);
                var first = live.isEmpty() ? -1 : live.get(0);
                arrived |= first >= 0;
                row[4] += first >= 0 ? 1 : 0;
                row[6] += Math.max(0, live.size() - 1);
                if (first >= 0
                        && outcome == Outcome.REFUSED
                        && connection(message.publisher(), sentAt(message))
                                == connection(message.publisher(), settledAt(message))) {
                    row[8]++;
                    violation(Invariant.PHANTOM, 1);
                }
                var dependable = dependable(subscriber, message);
                var never = first < 0 && deliveries(subscriber, message, true).isEmpty();
                if (outcome == Outcome.ACKNOWLEDGED && dependable >= 0) {
                    var effective = Math.min(message.qos(), dependable);
                    due += effective > 0 ? 1 : 0;
                    if (never && effective > 0) {
                        missing++;
                        row[5]++;
                        violation(effective == 1 ? Invariant.QOS1_LOSS : Invariant.QOS2_LOSS, 1);
                    } else if (never && message.qos() == 0) {
                        row[5]++;
                    }
                }
                var grantForDuplicates = dependable >= 0 ? dependable : lowestGrantEver(subscriber);
                if (live.size() > 1 && message.qos() == 2 && grantForDuplicates == 2 && !republished(message)) {
                    violation(Invariant.QOS2_DUPLICATES, 1);
                }
                if (first >= 0 && overtaken(subscriber, message, first, outcome)) {
                    row[7]++;
                    violation(Invariant.ORDER, 1);
                }
                raised(subscriber, message);
            }
            row[10] += arrived && outcome == Outcome.UNKNOWN ? 1 : 0;
        }

        private void raised(int subscriber, Message message) {
            for (var event : events) {
                if (event instanceof Event.Delivered delivered
                        && delivered.subscriber() == subscriber
                        && delivered.message().equals(message)) {
                    var highest = highestGrantEver(subscriber);
                    if (delivered.qos() > message.qos() || (highest >= 0 && delivered.qos() > highest)) {
                        rows[message.qos()][9]++;
                        violation(Invariant.CORRUPTION, 1);
                    }
                }
            }
        }

        /** The nearest later message that came before decides, as any other would that left on the same connection. */
        private boolean overtaken(int subscriber, Message message, int first, @Nullable Outcome outcome) {
            var begin = inForceSince(subscriber, first);
            if (begin < 0 || sentAt(message) < begin) {
                return false;
            }
            var overtaken = false;
            for (var i = 0; i < first; i++) {
                if (events.get(i) instanceof Event.Delivered before
                        && !before.retain()
                        && before.subscriber() == subscriber
                        && before.message().publisher() == message.publisher()
                        && before.message().qos() == message.qos()
                        && before.message().sequence() > message.sequence()) {
                    overtaken |= (message.qos() > 0 && outcome == Outcome.ACKNOWLEDGED)
                            || sameConnection(message, before.message());
                }
            }
            return overtaken;
        }

        /** Both were recorded on one connection, and the later one or one after it was acknowledged while it stood. */
        private boolean sameConnection(Message message, Message later) {
            var connection = connection(message.publisher(), sentAt(message));
            if (connection(message.publisher(), sentAt(later)) != connection) {
                return false;
            }
            for (var i = 0; i < events.size(); i++) {
                if (events.get(i) instanceof Event.Settled settled
                        && settled.message().publisher() == message.publisher()
                        && settled.message().qos() == message.qos()
                        && settled.message().sequence() >= later.sequence()
                        && settled.outcome() == Outcome.ACKNOWLEDGED
                        && settledAt(settled.message()) == i
                        && connection(message.publisher(), sentAt(settled.message())) == connection
                        && connection(message.publisher(), i) == connection) {
                    return true;
                }
            }
            return false;
        }

        private int connection(int publisher, int at) {
            var connection = 0;
            for (var i = 0; i < at; i++) {
                if (events.get(i) instanceof Event.PublisherConnected connected && connected.publisher() == publisher) {
                    connection++;
                }
            }
            return connection;
        }

        private boolean republished(Message message) {
            var connectedBefore = false;
            var settled = settledAt(message);
            for (var i = 0; i < events.size(); i++) {
                if (events.get(i) instanceof Event.PublisherConnected connected
                        && connected.publisher() == message.publisher()) {
                    if (connectedBefore
                            && !connected.sessionPresent()
                            && i > sentAt(message)
                            && (settled < 0 || i < settled)) {
                        return true;
                    }
                    connectedBefore = true;
                }
            }
            return false;
        }

        /** The event with which the subscription that is in force at a time came into force, or -1. */
        private int inForceSince(int subscriber, int at) {
            var since = -1;
            for (var i = 0; i < at; i++) {
                if (events.get(i) instanceof Event.Subscribed subscribed && subscribed.subscriber() == subscriber) {
                    since = since < 0 ? i : since;
                } else if (events.get(i) instanceof Event.Ended ended && ended.subscriber() == subscriber) {
                    since = -1;
                }
            }
            return since;
        }

        /** The lowest grant from the message's sending on, or -1 if no subscription was in force from then until now. */
        private int dependable(int subscriber, Message message) {
            var since = inForceSince(subscriber, events.size());
            var sent = sentAt(message);
            if (since < 0 || since > sent) {
                return -1;
            }
            var atSending = -1;
            var lowest = 2;
            for (var i = since; i < events.size(); i++) {
                if (events.get(i) instanceof Event.Subscribed subscribed && subscribed.subscriber() == subscriber) {
                    if (i < sent) {
                        atSending = subscribed.granted();
                    } else {
                        lowest = Math.min(lowest, subscribed.granted());
                    }
                }
            }
            return Math.min(lowest, atSending);
        }

        private List<Integer> grants(int subscriber) {
            return events.stream()
                    .filter(event ->
                            event instanceof Event.Subscribed subscribed && subscribed.subscriber() == subscriber)
                    .map(event -> ((Event.Subscribed) event).granted())
                    .toList();
        }

        private int lowestGrantEver(int subscriber) {
            return grants(subscriber).stream().mapToInt(grant -> grant).min().orElse(-1);
        }

        private int highestGrantEver(int subscriber) {
            return grants(subscriber).stream().mapToInt(grant -> grant).max().orElse(-1);
        }

        private List<Integer> deliveries(int subscriber, Message message, boolean retain) {
            var found = new ArrayList<Integer>();
            for (var i = 0; i < events.size(); i++) {
                if (events.get(i).equals(new Event.Delivered(subscriber, message, 0, retain))
                        || events.get(i).equals(new Event.Delivered(subscriber, message, 1, retain))
                        || events.get(i).equals(new Event.Delivered(subscriber, message, 2, retain))) {
                    found.add(i);
                }
            }
            return found;
        }

        private int sentAt(Message message) {
            return events.indexOf(new Event.Sent(message));
        }

        private int settledAt(Message message) {
            for (var i = 0; i < events.size(); i++) {
                if (events.get(i) instanceof Event.Settled settled
                        && settled.message().equals(message)) {
                    return i;
                }
            }
            return -1;
        }

        private @Nullable Outcome outcome(Message message) {
            var at = settledAt(message);
            return at < 0 ? null : ((Event.Settled) events.get(at)).outcome();
        }

        private void sessions() {
            for (var subscriber = 0; subscriber < FILTERS.size(); subscriber++) {
                var known = false;
                for (var event : events) {
                    if (event instanceof Event.SubscriberConnected connected && connected.subscriber() == subscriber) {
                        if (known && !connected.sessionPresent()) {
                            violation(Invariant.SESSION_LOST, 1);
                        }
                        known = true;
                    } else if (event instanceof Event.Ended ended && ended.subscriber() == subscriber) {
                        known = false;
                    }
                }
            }
        }

        private void violation(Invariant kind, long count) {
            violations.merge(kind, count, Long::sum);
        }

        Map<Invariant, Long> violations() {
            return violations;
        }

        Map<Integer, QosCounts> counts() {
            return Map.of(0, row(0), 1, row(1), 2, row(2));
        }

        private QosCounts row(int qos) {
            var row = rows[qos];
            return new QosCounts(
                    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10]);
        }

        long missing() {
            return missing;
        }

        long due() {
            return due;
        }
    }
}
