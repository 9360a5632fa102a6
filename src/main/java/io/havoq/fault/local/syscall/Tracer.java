package io.havoq.fault.local.syscall;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Has processes watched that run already: runs an {@link Attachment} for them, within a limit. */
final class Tracer {
    /** A JVM that starts on a busy machine. */
    private static final Duration START = Duration.ofSeconds(20);

    private static final Duration EACH = Duration.ofSeconds(10);

    private final OwnPrograms programs;
    private final ScheduledExecutorService later;

    Tracer(OwnPrograms programs, ScheduledExecutorService later) {
        this.programs = programs;
        this.later = later;
    }

    /**
     * Returns when they are watched, or have ended.
     *
     * @param calls the numbers of the system calls that are watched
     * @throws IOException if one of them is not watched then, though it runs
     */
    void install(List<Attachable> processes, String calls) throws IOException {
        var arguments = new ArrayList<>(List.of(calls));
        processes.forEach(process -> arguments.addAll(
                List.of(process.node(), Long.toString(process.pid()), Long.toString(process.ticks()))));
        var tracer = new ProcessBuilder(programs.command(Attachment.class, arguments))
                .redirectErrorStream(true)
                .start();
        // It has limits of its own for each step; what it stopped when it is killed goes on, or ends with it.
        var most = START.plus(EACH.multipliedBy(processes.size()));
        // not Process.destroyForcibly(), which closes what is being read
        var limit = later.schedule(tracer.toHandle()::destroyForcibly, most.toNanos(), TimeUnit.NANOSECONDS);
        var said = new ArrayList<String>();
        try (var lines = tracer.inputReader(StandardCharsets.UTF_8)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
            }
        } finally {
            if (!limit.cancel(false)) {
                said.add("the tracer was killed, since it did not end within " + most.toSeconds() + " s");
            }
        }
        var done = said.stream()
                .filter(line -> line.startsWith(Attachment.WATCHED) || line.startsWith(Attachment.ENDED))
                .count();
        if (done != processes.size() || said.size() != processes.size()) {
            throw new IOException("system calls of running processes cannot be watched: " + String.join("; ", said));
        }
    }
}
