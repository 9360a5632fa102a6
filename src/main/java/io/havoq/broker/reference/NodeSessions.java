package io.havoq.broker.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the log says of one node: its boot, the last of its batches, and the sessions that its connections serve. */
final class NodeSessions {
    private final String name;
    private final SortedMap<Long, Session> attached = new TreeMap<>();
    private long boot;
    private long sequence;

    NodeSessions(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    long boot() {
        return boot;
    }

    long sequence() {
        return sequence;
    }

    /** Whether a batch is the next one; a repeated one is not, nor one that follows a gap, nor one of an earlier boot. */
    boolean next(Batch batch) {
        return batch.boot() == boot ? batch.sequence() == sequence + 1 : batch.boot() > boot && batch.sequence() == 1;
    }

    void applied(Batch batch) {
        boot = batch.boot();
        sequence = batch.sequence();
    }

    void put(long connection, Session session) {
        attached.put(connection, session);
    }

    void remove(long connection) {
        attached.remove(connection);
    }

    @Nullable
    Session session(long connection) {
        return attached.get(connection);
    }

    List<Session> sessions() {
        return new ArrayList<>(attached.values());
    }

    int size() {
        return attached.size();
    }

    void write(WireOutput out) {
        out.text(name);
        out.number(boot);
        out.number(sequence);
    }

    static NodeSessions read(WireInput in) {
        var node = new NodeSessions(in.text());
        node.boot = in.number();
        node.sequence = in.number();
        return node;
    }
}
