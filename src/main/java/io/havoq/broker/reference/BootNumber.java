package io.havoq.broker.reference;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Numbers the starts of a node, so that a late batch of an earlier start is known as such. */
final class BootNumber {
    private BootNumber() {}

    /**
     * One more than at the last start, on disk before it is used. A disk without a number may be a new one of a node that the others know:
     * the time in milliseconds is above every number that it can have reached on the old one.
     */
    static long next(Path data) throws IOException {
        var file = data.resolve("boot");
        var last = Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : System.currentTimeMillis();
        var temporary = data.resolve("boot.tmp");
        try (var channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(
                    (Long.toString(last + 1) + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return last + 1;
    }
}
