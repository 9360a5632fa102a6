package io.havoq.ledger;

import java.util.Arrays;

/**
 * A set of message numbers, one bit each: what makes the ledger's cost a fraction of a byte per message. Numbers start at
 * 1; the caller must bound them (only numbers that were sent get here). Not thread-safe.
 */
final class SequenceSet {
    private static final long[] NONE = {};

    private long[] words = NONE;
    private long size;

    /** Adds a number; false if it was there. */
    boolean add(long sequence) {
        var index = (int) (sequence >>> 6);
        if (index >= words.length) {
            // Half again: growth stays amortised and the slack below a third.
            words = Arrays.copyOf(words, index + 1 + (index >>> 1));
        }
        var bit = 1L << sequence;
        if ((words[index] & bit) != 0) {
            return false;
        }
        words[index] |= bit;
        size++;
        return true;
    }

    boolean contains(long sequence) {
        return (word((int) (sequence >>> 6)) & (1L << sequence)) != 0;
    }

    long size() {
        return size;
    }

    /** The 64 bits from number {@code 64 * index} on. */
    long word(int index) {
        return index < words.length ? words[index] : 0;
    }

    /** The smallest number that is at least this one, or -1. */
    long next(long sequence) {
        var index = (int) (sequence >>> 6);
        if (index >= words.length) {
            return -1;
        }
        var word = words[index] & (-1L << sequence);
        while (word == 0) {
            index++;
            if (index == words.length) {
                return -1;
            }
            word = words[index];
        }
        return ((long) index << 6) + Long.numberOfTrailingZeros(word);
    }

    /** The bits of word {@code index} that stand for numbers above {@code from} and up to {@code to}. */
    static long mask(int index, long from, long to) {
        var base = (long) index << 6;
        var low = from + 1 - base;
        var high = to - base;
        if (low > 63 || high < 0) {
            return 0;
        }
        var mask = low <= 0 ? -1L : -1L << low;
        return high >= 63 ? mask : mask & ~(-1L << (high + 1));
    }
}
