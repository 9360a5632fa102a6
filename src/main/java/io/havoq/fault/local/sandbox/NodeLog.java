package io.havoq.fault.local.sandbox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A node's output on disk, never larger than its bound: a full file becomes {@code .1}, the one before it goes. So the end
 * of the log is always there, at least half of the bound long.
 */
final class NodeLog {
    private final Path file;
    private final long half;
    private FileChannel channel;
    private boolean lineOpen;

    NodeLog(Path file, long maxBytes) throws IOException {
        this.file = file;
        this.half = Math.max(1, maxBytes / 2);
        this.channel = open(file);
    }

    /** The part of the log before the current file. */
    static Path older(Path file) {
        return file.resolveSibling(file.getFileName() + ".1");
    }

    synchronized void write(byte[] bytes, int length) throws IOException {
        int offset = 0;
        while (offset < length) {
            if (channel.size() >= half) {
                rotate();
            }
            int part = (int) Math.min(length - offset, half - channel.size());
            var buffer = ByteBuffer.wrap(bytes, offset, part);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            offset += part;
        }
        lineOpen = length > 0 && bytes[length - 1] != '\n';
    }

    /** Writes a line of the sandbox's own between those of the node. */
    synchronized void remark(String remark) throws IOException {
        var bytes = ((lineOpen ? "\n" : "") + "--- " + remark + "\n").getBytes(StandardCharsets.UTF_8);
        write(bytes, bytes.length);
    }

    private void rotate() throws IOException {
        channel.close();
        Files.move(file, older(file), StandardCopyOption.REPLACE_EXISTING);
        channel = open(file);
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }
}
