package io.havoq.fault.local.dns;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Makes queries and reads answers for tests, independently of the code under test. */
final class Message {
    static final int A = 1;
    static final int PTR = 12;
    static final int AAAA = 28;
    static final int SRV = 33;

    record Reply(int id, int flags, int code, String question, int additional, List<byte[]> data, List<Integer> lives) {
        List<String> addresses() throws UnknownHostException {
            var all = new ArrayList<String>();
            for (var bytes : data) {
                all.add(InetAddress.getByAddress(bytes).getHostAddress());
            }
            return all;
        }
    }

    private Message() {}

    static byte[] query(int id, String name, int type) {
        return query(id, name, type, 0);
    }

    /** With an OPT record if a payload size is given. */
    static byte[] query(int id, String name, int type, int payload) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(12)
                .putShort((short) id)
                .putShort((short) 0x0100)
                .putShort((short) 1)
                .putInt(0)
                .putShort((short) (payload == 0 ? 0 : 1))
                .array());
        for (var label : name.split("\\.", -1)) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
        }
        out.write(0);
        out.writeBytes(new byte[] {0, (byte) type, 0, 1});
        if (payload != 0) {
            out.writeBytes(new byte[] {0, 0, 41, (byte) (payload >> 8), (byte) payload, 0, 0, 0, 0, 0, 0});
        }
        return out.toByteArray();
    }

    static Reply read(ByteBuffer in) {
        int id = in.getShort() & 0xffff;
        int flags = in.getShort() & 0xffff;
        int questions = in.getShort();
        int answers = in.getShort();
        in.getShort();
        int additional = in.getShort();
        var question = questions == 0 ? "" : name(in);
        if (questions != 0) {
            in.getInt();
        }
        var data = new ArrayList<byte[]>();
        var lives = new ArrayList<Integer>();
        for (int i = 0; i < answers; i++) {
            if (in.getShort() != (short) 0xc00c) {
                throw new AssertionError("the record's name is not the question's");
            }
            in.getInt();
            lives.add(in.getInt());
            var bytes = new byte[in.getShort()];
            in.get(bytes);
            data.add(bytes);
        }
        return new Reply(id, flags, flags & 0xf, question, additional, data, lives);
    }

    static String name(ByteBuffer in) {
        var labels = new ArrayList<String>();
        for (int length = in.get(); length != 0; length = in.get()) {
            var label = new byte[length];
            in.get(label);
            labels.add(new String(label, StandardCharsets.ISO_8859_1));
        }
        return String.join(".", labels);
    }
}
