package io.havoq.fault.local.dns;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a question is answered with: a response code and the data of records that all belong to the name asked. */
record Answer(int code, List<byte[]> records, int timeToLive) {
    static final int NO_ERROR = 0;
    static final int FORMAT_ERROR = 1;
    static final int SERVER_FAILURE = 2;
    static final int NAME_ERROR = 3;
    static final int NOT_IMPLEMENTED = 4;
    static final int REFUSED = 5;

    private static final int FLAG_RESPONSE = 0x8000;
    private static final int FLAG_AUTHORITATIVE = 0x0400;
    private static final int FLAG_TRUNCATED = 0x0200;
    /** Opcode and "recursion desired" are repeated. */
    private static final int KEPT_FLAGS = 0x7900;

    private static final int POINTER_TO_QUESTION = 0xc000 | Question.HEADER;
    private static final int OPT_BYTES = 11;

    static Answer of(int code) {
        return new Answer(code, List.of(), 0);
    }

    static Answer addresses(List<? extends InetAddress> addresses, int timeToLive) {
        return new Answer(
                NO_ERROR, addresses.stream().map(InetAddress::getAddress).toList(), timeToLive);
    }

    static Answer name(String name, int timeToLive) {
        var wire = ByteBuffer.allocate(name.length() + 2);
        for (var label : name.split("\\.", -1)) {
            var octets = label.getBytes(StandardCharsets.US_ASCII);
            wire.put((byte) octets.length).put(octets);
        }
        return new Answer(NO_ERROR, List.of(wire.put((byte) 0).array()), timeToLive);
    }

    /** The message, at most that long: where the records do not fit, none is in it and it says that it is truncated. */
    ByteBuffer message(Question question, int atMost) {
        var asked = question.asked();
        int fixed = Question.HEADER
                + (asked == null ? 0 : asked.wire().remaining())
                + (question.extended() ? OPT_BYTES : 0);
        int all = fixed + records.stream().mapToInt(data -> 12 + data.length).sum();
        boolean fits = all <= atMost;
        var out = ByteBuffer.allocate(fits ? all : fixed);
        out.putShort((short) question.id());
        out.putShort((short) (FLAG_RESPONSE
                | FLAG_AUTHORITATIVE
                | (question.flags() & KEPT_FLAGS)
                | (fits ? 0 : FLAG_TRUNCATED)
                | code));
        out.putShort((short) (asked == null ? 0 : 1));
        out.putShort((short) (fits ? records.size() : 0));
        out.putShort((short) 0);
        out.putShort((short) (question.extended() ? 1 : 0));
        if (asked != null) {
            out.put(asked.wire().duplicate());
            for (var data : fits ? records : List.<byte[]>of()) {
                out.putShort((short) POINTER_TO_QUESTION);
                out.putShort((short) asked.type());
                out.putShort((short) 1);
                out.putInt(timeToLive);
                out.putShort((short) data.length);
                out.put(data);
            }
        }
        if (question.extended()) {
            out.put((byte) 0)
                    .putShort((short) 41)
                    .putShort((short) 1232)
                    .putInt(0)
                    .putShort((short) 0);
        }
        return out.flip();
    }
}
