package io.havoq.journal;

import java.nio.file.Path;
import java.util.Map;

/**
 * One thing that must be undone, recorded before it is done.
 *
 * @param id unique within its owner
 * @param kind which action undoes it; {@code processes}, {@code process}, {@code directory} and {@code group} are the
 *     journal's own
 * @param details what the action needs to know
 */
public record Undo(String id, String kind, Map<String, String> details) {
    /** Processes that carry a variable in their environment. */
    public static final String PROCESSES = "processes";

    /** One process. */
    public static final String PROCESS = "process";

    /** A directory and what is in it. */
    public static final String DIRECTORY = "directory";

    /** A control group and those in it. */
    public static final String GROUP = "group";

    /** Copies the details. */
    public Undo {
        details = Map.copyOf(details);
    }

    /**
     * Every process of this user whose environment holds exactly this variable; for Linux, where a process' environment can be
     * read. The value must be unique in the world.
     */
    public static Undo processes(String id, String variable, String value) {
        return new Undo(id, PROCESSES, Map.of("variable", variable + "=" + value));
    }

    /** A running process, killed only if pid, start time and command are still the same. */
    public static Undo process(String id, long pid) {
        var identity = ProcessIdentity.of(pid);
        var command = ProcessHandle.of(pid).flatMap(handle -> handle.info().command());
        return new Undo(
                id,
                PROCESS,
                Map.of(
                        "pid",
                        Long.toString(pid),
                        "start",
                        identity.map(ProcessIdentity::start).orElse(""),
                        "command",
                        command.orElse("")));
    }

    /** A control group that Havoq makes, by its directory; its processes must have ended before. */
    public static Undo group(String id, Path directory) {
        return new Undo(id, GROUP, Map.of("path", directory.toAbsolutePath().toString()));
    }

    /** A directory that Havoq makes. Links in it are removed, not followed. */
    public static Undo directory(String id, Path directory) {
        return new Undo(id, DIRECTORY, Map.of("path", directory.toAbsolutePath().toString()));
    }
}
