package io.havoq.fault.local.stress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Whom the kernel ends first for want of memory. Only who has CAP_SYS_RESOURCE may lower a process' oom_score_adj (proc(5)); where
 * that is missing the node's processes are raised by as much as the stressor was to be lowered, since nothing but the difference
 * within a group decides. Guarded by its owner.
 */
final class OomScore {
    private static final int MOST = 1000;
    private static final long SECONDS = 5;

    private final Map<Long, String> raised = new LinkedHashMap<>();

    /**
     * Prepares for a stressor with this figure.
     *
     * @param processes the node's
     * @return what the stressor is to set for itself; empty: nothing
     */
    String prepare(int wanted, Set<Long> processes) throws IOException {
        int own = Integer.parseInt(read(Path.of("/proc/self/oom_score_adj")));
        if (wanted >= own || mayLower(wanted)) {
            return Integer.toString(wanted);
        }
        for (var pid : processes) {
            try {
                var file = file(pid);
                var before = read(file);
                raised.put(pid, before);
                write(file, Math.min(MOST, Integer.parseInt(before) + own - wanted));
            } catch (NoSuchFileException e) {
                raised.remove(pid); // it ended meanwhile
            }
        }
        return "";
    }

    /** Whether the node's processes were raised. */
    boolean raised() {
        return !raised.isEmpty();
    }

    /** Puts back what was raised. Idempotent. */
    void restore() throws IOException {
        for (var process : raised.entrySet()) {
            var file = file(process.getKey());
            try {
                if (Files.exists(file)) {
                    write(file, Integer.parseInt(process.getValue()));
                }
            } catch (IOException e) {
                if (Files.exists(file)) {
                    throw e;
                } // it ended meanwhile
            }
        }
        raised.clear();
    }

    private static boolean mayLower(int wanted) throws IOException {
        var trial = new ProcessBuilder("sh", "-c", "echo " + wanted + " > /proc/$$/oom_score_adj")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return trial.waitFor(SECONDS, TimeUnit.SECONDS) && trial.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while it was tried to lower oom_score_adj", e);
        } finally {
            trial.destroyForcibly();
        }
    }

    private static Path file(long pid) {
        return Path.of("/proc/" + pid + "/oom_score_adj");
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.US_ASCII).strip();
    }

    private static void write(Path file, int figure) throws IOException {
        Files.writeString(file, Integer.toString(figure), StandardCharsets.US_ASCII);
    }
}
