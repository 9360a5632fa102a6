package io.havoq.broker.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The messages of one session that wait for their successor: the state of {@link Defect#SWAP_NEIGHBOURS}. */
final class HeldBack {
    private record Entry(Queued queued, long until) {}

    private final List<Entry> entries = new ArrayList<>();

    void add(Queued queued, long until) {
        entries.add(new Entry(queued, until));
    }

    boolean holdsPredecessorOf(Queued queued) {
        return entries.stream().anyMatch(entry -> sameStream(entry.queued(), queued));
    }

    /** Takes out the predecessors of a message that has just been queued. */
    List<Queued> takePredecessorsOf(Queued queued) {
        var taken = entries.stream()
                .map(Entry::queued)
                .filter(held -> sameStream(held, queued))
                .toList();
        entries.removeIf(entry -> sameStream(entry.queued(), queued));
        return taken;
    }

    /** Takes out those that have waited long enough. */
    List<Queued> takeDue(long clock) {
        if (entries.isEmpty()) {
            return List.of();
        }
        var taken = entries.stream()
                .filter(entry -> clock >= entry.until())
                .map(Entry::queued)
                .toList();
        entries.removeIf(entry -> clock >= entry.until());
        return taken;
    }

    void clear() {
        entries.clear();
    }

    void messages(Consumer<Message> each) {
        entries.forEach(entry -> each.accept(entry.queued().message()));
    }

    void write(WireOutput out) {
        out.number(entries.size());
        for (var entry : entries) {
            entry.queued().write(out);
            out.number(entry.until());
        }
    }

    void read(WireInput in, MessageTable messages) {
        for (var left = in.integer(); left > 0; left--) {
            entries.add(new Entry(Queued.read(in, messages), in.number()));
        }
    }

    private static boolean sameStream(Queued held, Queued queued) {
        var first = held.message();
        var second = queued.message();
        return held.qos() == queued.qos()
                && first.publisher.equals(second.publisher)
                && first.topic.equals(second.topic);
    }
}
