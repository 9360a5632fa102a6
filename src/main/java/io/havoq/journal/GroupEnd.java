package io.havoq.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Removes a control group with the groups in it. The kernel refuses that while a process is in one, and for a moment after it ended
 * (cgroups(7)); the files in it cannot be removed and go with it.
 */
public final class GroupEnd {
    private static final long LOOK_AGAIN_NANOS = 20_000_000;

    private GroupEnd() {}

    /**
     * Removes the group's directory.
     *
     * @return false if there was none
     * @throws IOException if it is still there after the bound
     */
    public static boolean remove(Path group, Duration bound) throws IOException {
        if (!Files.isDirectory(group)) {
            return false;
        }
        long deadline = System.nanoTime() + bound.toNanos();
        while (true) {
            try {
                for (var directory : directories(group)) {
                    Files.deleteIfExists(directory);
                }
                return true;
            } catch (IOException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IOException("the control group " + group + " cannot be removed: " + e, e);
                }
                LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            }
        }
    }

    /** Innermost first. */
    private static List<Path> directories(Path group) throws IOException {
        try (var files = Files.walk(group)) {
            return files.filter(Files::isDirectory)
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }
}
