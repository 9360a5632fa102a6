package io.havoq.fault.local.clock;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Reads the vdso of this process, which nobody has written to: the same image as every other process's. */
final class OwnVdso {
    private OwnVdso() {}

    static VdsoImage read() throws IOException {
        var line = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(map -> map.endsWith("[vdso]"))
                .findFirst()
                .orElseThrow(() -> new IOException("this kernel maps no vdso"));
        // proc(5): from-to in hexadecimal
        var range = line.substring(0, line.indexOf(' ')).split("-", -1);
        long from = Long.parseUnsignedLong(range[0], 16);
        var bytes = ByteBuffer.allocate(Math.toIntExact(Long.parseUnsignedLong(range[1], 16) - from));
        try (var memory = FileChannel.open(Path.of("/proc/self/mem"), StandardOpenOption.READ)) {
            while (bytes.hasRemaining()) {
                if (memory.read(bytes, from + bytes.position()) < 0) {
                    throw new EOFException("the vdso cannot be read from /proc/self/mem");
                }
            }
        }
        return VdsoImage.parse(bytes.array());
    }
}
