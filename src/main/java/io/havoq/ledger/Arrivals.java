package io.havoq.ledger;

import java.util.Arrays;

/**
 * What arrived of one stream at one subscriber, a bit for each message. Guarded by its subscriber's lock; what also looks
 * at the stream's outcomes needs the publisher's lock, taken second.
 */
final class Arrivals {
    private static final long[] NONE = {};

    /** A message whose first delivery came after that of a later one, the nearest such. */
    record Inversion(long sequence, long later, long atNanos) {}

    private final MessageStream stream;
    private final SequenceSet delivered = new SequenceSet();
    private final SequenceSet retained = new SequenceSet();
    private final SequenceSet duplicated = new SequenceSet();
    private long duplicates;
    private long highest;
    // Triples: sequence, the later one, when. A sequence can stand here only once.
    private long[] inversions = NONE;
    private int inverted;
    // Pairs for the first few: sequence, when it came again.
    private long[] again = NONE;
    // The last number sent before each term of the subscription in force; empty while it is not.
    private long[] terms = NONE;

    Arrivals(MessageStream stream, int terms) {
        this.stream = stream;
        this.terms = new long[terms];
    }

    /** Records a delivery; true if it was the message's first. */
    boolean deliver(long sequence, long nowNanos) {
        if (!delivered.add(sequence)) {
            duplicates++;
            if (duplicated.add(sequence) && again.length < 2 * Offenders.NAMED) {
                again = Arrays.copyOf(again, again.length + 2);
                again[again.length - 2] = sequence;
                again[again.length - 1] = nowNanos;
            }
            return false;
        }
        if (sequence > highest) {
            highest = sequence;
        } else if (terms.length > 0 && sequence > terms[0]) {
            if (inverted * 3 == inversions.length) {
                inversions = Arrays.copyOf(inversions, 3 * (inverted + 1 + inverted / 2));
            }
            inversions[3 * inverted] = sequence;
            inversions[3 * inverted + 1] = delivered.next(sequence + 1);
            inversions[3 * inverted + 2] = nowNanos;
            inverted++;
        }
        return true;
    }

    void deliverRetained(long sequence) {
        retained.add(sequence);
    }

    /** The subscription is in force, or its grant changed, for what is sent from now on. */
    void term() {
        terms = Arrays.copyOf(terms, terms.length + 1);
        terms[terms.length - 1] = stream.sent();
    }

    void end() {
        terms = NONE;
    }

    /** The number before the first message of a term. */
    long after(int term) {
        return terms[term];
    }

    /** The last message of a term. */
    long upTo(int term) {
        return term + 1 < terms.length ? terms[term + 1] : stream.sent();
    }

    int terms() {
        return terms.length;
    }

    /** The term that a message was sent in, or -1. */
    int term(long sequence) {
        var term = terms.length - 1;
        while (term >= 0 && sequence <= terms[term]) {
            term--;
        }
        return term;
    }

    /** The acknowledged messages among the 64 from {@code 64 * index} on, as bits. */
    long due(int index, long after, long upTo) {
        return stream.acknowledged().word(index) & SequenceSet.mask(index, after, upTo);
    }

    /** Those of them that never came. */
    long missing(int index, long after, long upTo) {
        return due(index, after, upTo) & ~delivered.word(index) & ~retained.word(index);
    }

    long missing(long after, long upTo) {
        var count = 0L;
        for (var index = (int) ((after + 1) >>> 6); index <= upTo >>> 6; index++) {
            count += Long.bitCount(missing(index, after, upTo));
        }
        return count;
    }

    int inversions() {
        return inverted;
    }

    Inversion inversion(int index) {
        return new Inversion(inversions[3 * index], inversions[3 * index + 1], inversions[3 * index + 2]);
    }

    /** When a message came for the second time, if it is among the few that are remembered; else 0. */
    long cameAgainAt(long sequence) {
        for (var i = 0; i < again.length; i += 2) {
            if (again[i] == sequence) {
                return again[i + 1];
            }
        }
        return 0;
    }

    MessageStream stream() {
        return stream;
    }

    SequenceSet delivered() {
        return delivered;
    }

    SequenceSet duplicated() {
        return duplicated;
    }

    long duplicates() {
        return duplicates;
    }

    long retained() {
        return retained.size();
    }
}
