package io.havoq.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One publisher's messages of one QoS, numbered from 1: what was sent, when and to which node, and what became of it.
 * Guarded by its publisher's lock, except {@link #sent()}.
 */
final class MessageStream {
    /**
     * Consecutive messages of one connection. Messages up to {@code provenEnd} certainly travelled on it, for it or a later
     * one was acknowledged while the connection stood; later ones may have been queued for the next connection.
     */
    private static final class Run {
        final long first;
        final String node;
        final int connection;
        long provenEnd;

        Run(long first, String node, int connection) {
            this.first = first;
            this.node = node;
            this.connection = connection;
        }
    }

    private final RecordedPublisher publisher;
    private final int qos;
    private final SequenceSet acknowledged = new SequenceSet();
    private final SequenceSet refused = new SequenceSet();
    private final SequenceSet refusedAtOnce = new SequenceSet();
    private final SequenceSet unknown = new SequenceSet();
    private final SequenceSet republished = new SequenceSet();
    private final List<Run> runs = new ArrayList<>();
    private int[] sentAt = new int[16];
    private int[] settledAt = new int[16];

    private volatile long sent;

    MessageStream(RecordedPublisher publisher, int qos) {
        this.publisher = publisher;
        this.qos = qos;
    }

    long send(String node, int connection, int at) {
        var sequence = sent + 1;
        var index = (int) sequence;
        if (index >= sentAt.length) {
            sentAt = Arrays.copyOf(sentAt, index + (index >>> 1));
            settledAt = Arrays.copyOf(settledAt, index + (index >>> 1));
        }
        sentAt[index] = at;
        if (runs.isEmpty() || runs.get(runs.size() - 1).connection != connection) {
            runs.add(new Run(sequence, node, connection));
        }
        sent = sequence;
        return sequence;
    }

    /** Records an outcome; false if there was one. */
    boolean settle(long sequence, Outcome outcome, int connection, int at) {
        if (sequence < 1 || sequence > sent) {
            throw new IllegalArgumentException("an outcome for message " + sequence + " of " + this
                    + ", which was sent " + sent + " times; expected a number that sending() gave out");
        }
        if (settled(sequence)) {
            return false;
        }
        settledAt[(int) sequence] = at;
        switch (outcome) {
            case ACKNOWLEDGED -> {
                acknowledged.add(sequence);
                var run = runs.get(runs.size() - 1);
                if (run.connection == connection && sequence >= run.first) {
                    run.provenEnd = Math.max(run.provenEnd, sequence);
                }
            }
            case REFUSED -> {
                refused.add(sequence);
                // Sent on an older connection too, its broker may have accepted it and the answer was lost.
                if (run(sequence).connection == connection) {
                    refusedAtOnce.add(sequence);
                }
            }
            case UNKNOWN -> unknown.add(sequence);
        }
        return true;
    }

    private boolean settled(long sequence) {
        return acknowledged.contains(sequence) || refused.contains(sequence) || unknown.contains(sequence);
    }

    /** The client may send everything outstanding again under new packet identifiers. */
    void republish() {
        for (var index = 0; index <= sent >>> 6; index++) {
            var outstanding = ~(acknowledged.word(index) | refused.word(index) | unknown.word(index))
                    & SequenceSet.mask(index, 0, sent);
            for (; outstanding != 0; outstanding &= outstanding - 1) {
                republished.add(((long) index << 6) + Long.numberOfTrailingZeros(outstanding));
            }
        }
    }

    /** True if a message, and a later one, certainly left on one connection: TCP then kept their order. */
    boolean sameConnection(long sequence, long later) {
        return later <= run(sequence).provenEnd;
    }

    private Run run(long sequence) {
        var low = 0;
        for (var high = runs.size() - 1; low < high; ) {
            var middle = (low + high + 1) >>> 1;
            if (runs.get(middle).first <= sequence) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return runs.get(low);
    }

    /** Sends and acknowledgements of some messages that went to one node. */
    interface ByNode {
        void count(String node, long sent, long acknowledged);
    }

    void byNode(ByNode counts) {
        for (var i = 0; i < runs.size(); i++) {
            var after = runs.get(i).first - 1;
            var upTo = i + 1 < runs.size() ? runs.get(i + 1).first - 1 : sent;
            var count = 0L;
            for (var index = (int) ((after + 1) >>> 6); index <= upTo >>> 6; index++) {
                count += Long.bitCount(acknowledged.word(index) & SequenceSet.mask(index, after, upTo));
            }
            counts.count(runs.get(i).node, upTo - after, count);
        }
    }

    String node(long sequence) {
        return run(sequence).node;
    }

    int sentAt(long sequence) {
        return sentAt[(int) sequence];
    }

    int settledAt(long sequence) {
        return settledAt[(int) sequence];
    }

    long sent() {
        return sent;
    }

    long outstanding() {
        return sent - acknowledged.size() - refused.size() - unknown.size();
    }

    SequenceSet acknowledged() {
        return acknowledged;
    }

    SequenceSet refused() {
        return refused;
    }

    /** Refused while the connection stood that they were sent on: no broker ever accepted them. */
    SequenceSet refusedAtOnce() {
        return refusedAtOnce;
    }

    SequenceSet unknown() {
        return unknown;
    }

    SequenceSet republished() {
        return republished;
    }

    int qos() {
        return qos;
    }

    RecordedPublisher publisher() {
        return publisher;
    }

    @Override
    public String toString() {
        return publisher + " at QoS " + qos;
    }
}
