package io.havoq.fault.local.stress;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process beside this one that removes the control groups when this one has ended without doing so: the kernel keeps a group
 * whose processes have ended, and after a SIGKILL nobody of this run is left. It waits for the end of its input, which the kernel
 * closes. In a session of its own, since whole process groups are killed, too. Thread-safe.
 */
public final class GroupKeeper implements Closeable {
    /** A group can be removed when its last process has ended, which takes a moment; 200 looks are ten seconds. */
    private static final String SCRIPT = """
            trap '' HUP INT TERM
            while read -r line; do :; done
            looks=0
            while [ $looks -lt 200 ]; do
              left=
              for group; do
                [ -d "$group" ] || continue
                rmdir "$group"/*/ 2> /dev/null
                rmdir "$group" 2> /dev/null || left=some
              done
              [ -n "$left" ] || exit 0
              sleep 0.05
              looks=$((looks + 1))
            done
            """;

    private static final long END_SECONDS = 5;

    private final Process process;

    private GroupKeeper(Process process) {
        this.process = process;
    }

    /**
     * Starts to keep watch over groups, which need not be there yet.
     *
     * @param owner by which a later run knows the process
     */
    public static GroupKeeper of(GroupPlace place, String owner) throws IOException {
        var words = new ArrayList<>(List.of("setsid", "sh", "-c", SCRIPT, "havoq-groups"));
        place.directories().forEach(directory -> words.add(directory.toString()));
        var builder = new ProcessBuilder(words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HAVOQ_OWNER", owner);
        return new GroupKeeper(builder.start());
    }

    /** After the groups were removed: ends the process. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
