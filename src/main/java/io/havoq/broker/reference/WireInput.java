package io.havoq.broker.reference;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what {@link WireOutput} wrote. Not thread-safe. */
final class WireInput {
    private final byte[] bytes;
    private int position;

    WireInput(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean exhausted() {
        return position >= bytes.length;
    }

    int octet() {
        if (position >= bytes.length) {
            throw new IllegalArgumentException("the bytes end at " + position + ", in the middle of a value");
        }
        return bytes[position++] & 0xFF;
    }

    boolean flag() {
        return octet() != 0;
    }

    long number() {
        long value = 0;
        for (var shift = 0; shift < 70; shift += 7) {
            var digit = octet();
            value |= (long) (digit & 0x7F) << shift;
            if (digit < 0x80) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than ten bytes before position " + position);
    }

    int integer() {
        return Math.toIntExact(number());
    }

    byte[] blob() {
        var length = integer();
        if (length < 0 || length > bytes.length - position) {
            throw new IllegalArgumentException("a length of " + length + " at position " + position + ", only "
                    + (bytes.length - position) + " bytes follow");
        }
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    String text() {
        return new String(blob(), StandardCharsets.UTF_8);
    }
}
