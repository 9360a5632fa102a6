package io.havoq.broker.reference;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the broker's own binary forms (log entries, snapshots) into a growing array. Not thread-safe. */
final class WireOutput {
    private byte[] bytes;
    private int size;

    WireOutput(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    void octet(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
    }

    void flag(boolean value) {
        octet(value ? 1 : 0);
    }

    /** An unsigned number in base 128, lowest digits first; negative numbers take ten bytes. */
    void number(long value) {
        var rest = value;
        while ((rest & ~0x7FL) != 0) {
            octet((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        octet((int) rest);
    }

    void blob(byte[] value) {
        number(value.length);
        raw(value);
    }

    void text(String value) {
        blob(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes without their length. */
    void raw(byte[] value) {
        ensure(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    private void ensure(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }
}
