package io.havoq.ledger;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The 40 bytes at the beginning of every payload that say which message it is. Big-endian:
 *
 * <pre>
 *  0  magic "HQ" (2), version (1), flags: published QoS in the two low bits (1)
 *  4  publisher id (4); a publisher has one topic, so this also names the topic
 *  8  run id (8)
 * 16  sequence, from 1, per publisher and QoS (8)
 * 24  intended send time, monotonic nanoseconds (8)
 * 32  length of the whole payload (4)
 * 36  CRC32C of everything else, header and filling (4)
 * </pre>
 *
 * <p>The rest is filled from publisher and sequence, so that no two payloads are alike.
 */
record PayloadHeader(int qos, int publisher, long run, long sequence, long intendedNanos) {
    static final int BYTES = 40;
    private static final int MAGIC_AND_VERSION = ('H' << 24) | ('Q' << 16) | (1 << 8);
    private static final int CRC_AT = 36;

    ByteBuffer payload(int length) {
        var buffer = ByteBuffer.allocate(length);
        buffer.putInt(MAGIC_AND_VERSION | qos)
                .putInt(publisher)
                .putLong(run)
                .putLong(sequence)
                .putLong(intendedNanos)
                .putInt(length)
                .putInt(0);
        // A 64-bit linear congruential sequence (Knuth's MMIX constants): cheap, and every byte position varies.
        var filling = (((long) publisher << 2) | qos) * 0x9E3779B97F4A7C15L + sequence;
        while (buffer.remaining() >= Long.BYTES) {
            filling = filling * 6364136223846793005L + 1442695040888963407L;
            buffer.putLong(filling);
        }
        while (buffer.hasRemaining()) {
            filling = filling * 6364136223846793005L + 1442695040888963407L;
            buffer.put((byte) (filling >>> 56));
        }
        buffer.putInt(CRC_AT, crc(buffer.flip()));
        return buffer;
    }

    /** What a payload turned out to be: {@code problem} is null exactly if the header is not. */
    record Reading(@Nullable PayloadHeader header, @Nullable String problem) {}

    /** Reads a payload between position and limit, which stay as they are. */
    static Reading read(ByteBuffer payload) {
        var bytes = payload.slice();
        if (bytes.remaining() < BYTES) {
            return new Reading(null, "its payload of " + bytes.remaining() + " B is shorter than the header");
        }
        var first = bytes.getInt(0);
        if ((first & 0xFFFFFF00) != MAGIC_AND_VERSION) {
            return new Reading(null, "its payload does not begin with this ledger's header");
        }
        var expected = bytes.getInt(32);
        if (expected != bytes.remaining()) {
            return new Reading(null, "its payload has " + bytes.remaining() + " B, the header says " + expected);
        }
        if (crc(bytes) != bytes.getInt(CRC_AT)) {
            return new Reading(null, "its payload does not match its CRC");
        }
        return new Reading(
                new PayloadHeader(first & 3, bytes.getInt(4), bytes.getLong(8), bytes.getLong(16), bytes.getLong(24)),
                null);
    }

    private static int crc(ByteBuffer payload) {
        var crc = new CRC32C();
        var bytes = payload.duplicate();
        crc.update(bytes.position(0).limit(CRC_AT));
        crc.update(bytes.limit(payload.limit()).position(BYTES));
        return (int) crc.getValue();
    }
}
