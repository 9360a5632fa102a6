package io.havoq.fault.local.network;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Writes packets to a file in the pcap format, version 2.4 with nanoseconds and link type RAW, which Wireshark opens. It stops at its
 * bound; a file that cannot be written does not stop the packets either, but is told at the end.
 */
final class Capture {
    private static final int MAGIC_NANOSECONDS = 0xa1b2_3c4d;
    private static final int LINKTYPE_RAW = 101;
    private static final int SNAPLEN = 65_535;
    private static final int HEADER_BYTES = 24;
    private static final int RECORD_BYTES = 16;
    private static final int BUFFER_BYTES = 1 << 16;

    private final OutputStream out;
    private final long maxBytes;
    private final Instant start = Instant.now();
    private final long startNanos = System.nanoTime();
    private final byte[] content = new byte[SNAPLEN];
    private long packets;
    private long bytes = HEADER_BYTES;
    private long left;
    private @Nullable IOException failure;
    private boolean ended;

    Capture(Path file, long maxBytes) throws IOException {
        this.maxBytes = maxBytes;
        this.out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES);
        var header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(MAGIC_NANOSECONDS).putShort((short) 2).putShort((short) 4);
        header.putInt(0).putInt(0).putInt(SNAPLEN).putInt(LINKTYPE_RAW);
        out.write(header.array());
    }

    synchronized void add(ByteBuffer packet) {
        if (ended) {
            return;
        }
        var length = packet.limit();
        if (failure != null || bytes + RECORD_BYTES + length > maxBytes) {
            left++;
            return;
        }
        var at = start.plusNanos(System.nanoTime() - startNanos);
        var header = ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt((int) at.getEpochSecond())
                .putInt(at.getNano())
                .putInt(length)
                .putInt(length);
        packet.get(0, content, 0, length);
        try {
            out.write(header.array());
            out.write(content, 0, length);
            packets++;
            bytes += RECORD_BYTES + length;
        } catch (IOException e) {
            failure = e;
            left++;
        }
    }

    synchronized PacketSwitch.Captured end() throws IOException {
        ended = true;
        try (out) {
            if (failure != null) {
                throw new IOException("the capture broke off after " + packets + " packets", failure);
            }
        }
        return new PacketSwitch.Captured(packets, bytes, left);
    }
}
