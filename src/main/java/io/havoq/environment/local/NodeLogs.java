package io.havoq.environment.local;

import io.havoq.environment.EnvironmentException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The nodes' logs as the sandbox writes them: a current file, and {@code .1} with what was before it. */
final class NodeLogs {
    private static final int LINE_BYTES = 400;

    private final Path directory;

    NodeLogs(Path directory) {
        this.directory = directory;
    }

    /** Makes the directory and removes what an earlier run left of these nodes. */
    void prepare(List<String> nodes) {
        try {
            Files.createDirectories(directory);
            for (var node : nodes) {
                Files.deleteIfExists(file(node));
                Files.deleteIfExists(older(node));
            }
        } catch (IOException e) {
            throw new EnvironmentException(
                    "the nodes' logs cannot be written under " + directory + " (" + e.getMessage()
                            + "): make it writable, or run the build elsewhere",
                    e);
        }
    }

    Path file(String node) {
        return directory.resolve(node + ".log").toAbsolutePath();
    }

    private Path older(String node) {
        return directory.resolve(node + ".log.1").toAbsolutePath();
    }

    Optional<Path> existing(String node) {
        return Optional.of(file(node)).filter(Files::exists);
    }

    List<String> tail(String node, int lines) {
        var tail = new ArrayList<String>();
        for (var file : List.of(older(node), file(node))) {
            tail.addAll(lastLines(file, lines));
        }
        return List.copyOf(tail.subList(Math.max(0, tail.size() - lines), tail.size()));
    }

    private static List<String> lastLines(Path file, int lines) {
        try (var channel = Files.newByteChannel(file)) {
            long wanted = Math.min(channel.size(), (long) lines * LINE_BYTES);
            var buffer = ByteBuffer.allocate((int) Math.min(wanted, 16 << 20));
            channel.position(channel.size() - buffer.capacity());
            int read = 0;
            while (buffer.hasRemaining() && read >= 0) {
                read = channel.read(buffer);
            }
            var all = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return all.subList(Math.max(0, all.size() - lines), all.size());
        } catch (IOException e) {
            return List.of(); // nothing was written yet, or it is being rotated
        }
    }
}
