package io.havoq.fault.local.dns;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A query as far as it could be read (RFC 1035, section 4). Nothing in it is trusted: a message that is too short to be
 * answered, or is itself an answer, gives none; another that is malformed gives one without a question.
 *
 * @param id of the message
 * @param flags its second 16 bits
 * @param asked what is asked, null if that cannot be read
 * @param udpPayload the longest answer that the asker takes in a datagram (RFC 6891)
 * @param extended whether it has an OPT record
 */
record Question(int id, int flags, @Nullable Asked asked, int udpPayload, boolean extended) {
    static final int HEADER = 12;
    static final int PLAIN_PAYLOAD = 512;

    private static final int MOST_PAYLOAD = 4096;
    private static final int LONGEST_NAME = 255;
    private static final int OPT = 41;

    /**
     * What is asked.
     *
     * @param name in lower case, without the final dot; octets that are not printable, and dots within a label, are escaped as
     *     in zone files
     * @param wire the question as it came, to be repeated: its letters' case may serve the asker as a check
     */
    record Asked(String name, int type, int recordClass, ByteBuffer wire) {}

    /** Reads a message, which is left as it is; empty if no answer is due. */
    static Optional<Question> parse(ByteBuffer message) {
        var in = message.duplicate();
        if (in.remaining() < HEADER) {
            return Optional.empty();
        }
        int id = in.getShort() & 0xffff;
        int flags = in.getShort() & 0xffff;
        if ((flags & 0x8000) != 0) {
            // An answer: to answer it could go on for ever.
            return Optional.empty();
        }
        int questions = in.getShort() & 0xffff;
        int others = (in.getShort() & 0xffff) + (in.getShort() & 0xffff);
        int additional = in.getShort() & 0xffff;
        var malformed = Optional.of(new Question(id, flags, null, PLAIN_PAYLOAD, false));
        if (questions != 1 || others != 0) {
            return malformed;
        }
        int start = in.position();
        var name = readName(in);
        if (name == null || in.remaining() < 4) {
            return malformed;
        }
        int type = in.getShort() & 0xffff;
        int recordClass = in.getShort() & 0xffff;
        var wire = new byte[in.position() - start];
        in.get(start, wire);
        var asked = new Asked(name, type, recordClass, ByteBuffer.wrap(wire).asReadOnlyBuffer());
        int payload = PLAIN_PAYLOAD;
        boolean extended = false;
        for (int i = 0; i < additional; i++) {
            if (!skipName(in) || in.remaining() < 10) {
                return malformed;
            }
            int recordType = in.getShort() & 0xffff;
            int size = in.getShort() & 0xffff;
            in.getInt();
            int length = in.getShort() & 0xffff;
            if (in.remaining() < length) {
                return malformed;
            }
            in.position(in.position() + length);
            if (recordType == OPT) {
                extended = true;
                payload = Math.max(PLAIN_PAYLOAD, Math.min(MOST_PAYLOAD, size));
            }
        }
        return Optional.of(new Question(id, flags, asked, payload, extended));
    }

    int opcode() {
        return flags >> 11 & 0xf;
    }

    /** A question's name has nothing before it that a compression pointer could point to, so that none is allowed. */
    private static @Nullable String readName(ByteBuffer in) {
        var name = new StringBuilder();
        int octets = 1;
        while (in.hasRemaining()) {
            int length = in.get() & 0xff;
            if (length == 0) {
                return name.toString();
            }
            octets += length + 1;
            if (length > 63 || octets > LONGEST_NAME || in.remaining() < length) {
                return null;
            }
            if (name.length() > 0) {
                name.append('.');
            }
            for (int i = 0; i < length; i++) {
                append(name, in.get() & 0xff);
            }
        }
        return null;
    }

    private static void append(StringBuilder name, int octet) {
        if (octet >= 'A' && octet <= 'Z') {
            name.append((char) (octet + 'a' - 'A'));
        } else if (octet > ' ' && octet < 0x7f && octet != '.' && octet != '\\') {
            name.append((char) octet);
        } else {
            name.append('\\').append((char) ('0' + octet / 100)).append((char) ('0' + octet / 10 % 10));
            name.append((char) ('0' + octet % 10));
        }
    }

    /** Steps over a name; a pointer ends it and is not followed. */
    private static boolean skipName(ByteBuffer in) {
        while (in.hasRemaining()) {
            int length = in.get() & 0xff;
            if (length == 0) {
                return true;
            }
            if (length >= 0xc0) {
                if (!in.hasRemaining()) {
                    return false;
                }
                in.get();
                return true;
            }
            if (length > 63 || in.remaining() < length) {
                return false;
            }
            in.position(in.position() + length);
        }
        return false;
    }
}
