package io.havoq.fault.local.probe;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A datagram of the probe: magic, token of the probe, kind, series, sequence number, CRC32C of all but the kind, filling. The
 * kind is left out so that an echo of a damaged request still shows the damage.
 */
final class Datagram {
    /** The fixed part, bytes. */
    static final int HEADER = 28;

    /** What UDP carries over IPv4 at most, bytes. */
    static final int MOST = 65_507;

    static final int REQUEST = 1;
    static final int REPLY = 2;
    static final int TRAIN = 3;

    private static final int MAGIC = 0x48564551;
    private static final int KIND_AT = 12;
    private static final int SERIES_AT = 16;
    private static final int SEQUENCE_AT = 20;
    private static final int CHECK_AT = 24;

    private Datagram() {}

    static ByteBuffer make(ByteBuffer into, long token, int kind, int series, int sequence, int bytes) {
        into.clear().limit(bytes);
        into.putInt(MAGIC)
                .putLong(token)
                .putInt(kind)
                .putInt(series)
                .putInt(sequence)
                .putInt(0);
        for (int i = HEADER; i < bytes; i++) {
            into.put((byte) (i * 31 + sequence));
        }
        into.flip();
        return into.putInt(CHECK_AT, check(into));
    }

    /** Whether it is one of this probe's, as far as the damage that it may have lets it be known. */
    static boolean belongs(ByteBuffer datagram, long token) {
        return datagram.remaining() >= HEADER && datagram.getInt(0) == MAGIC && datagram.getLong(4) == token;
    }

    static boolean intact(ByteBuffer datagram) {
        return datagram.getInt(CHECK_AT) == check(datagram);
    }

    static int kind(ByteBuffer datagram) {
        return datagram.getInt(KIND_AT);
    }

    static int series(ByteBuffer datagram) {
        return datagram.getInt(SERIES_AT);
    }

    static int sequence(ByteBuffer datagram) {
        return datagram.getInt(SEQUENCE_AT);
    }

    static ByteBuffer reply(ByteBuffer request) {
        return request.putInt(KIND_AT, REPLY);
    }

    private static int check(ByteBuffer datagram) {
        var sum = new CRC32C();
        sum.update(datagram.slice(0, KIND_AT));
        sum.update(datagram.slice(SERIES_AT, CHECK_AT - SERIES_AT));
        sum.update(datagram.slice(HEADER, datagram.limit() - HEADER));
        return (int) sum.getValue();
    }
}
