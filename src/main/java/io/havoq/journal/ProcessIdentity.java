package io.havoq.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process, told apart from every other that had or will have its pid.
 *
 * @param pid as seen in its own pid namespace
 * @param start what no later process of that pid has: on Linux the boot's id and the start time in ticks after boot, which no step of
 *     the wall clock changes, else the start time
 * @param space the pid namespace that the pid belongs to; empty where there are none
 */
record ProcessIdentity(long pid, String start, String space) {
    static ProcessIdentity self() {
        return of(ProcessHandle.current().pid())
                .orElseThrow(() -> new IllegalStateException("this process has no entry of its own in /proc"));
    }

    static Optional<ProcessIdentity> of(long pid) {
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            return ProcessHandle.of(pid)
                    .flatMap(handle -> handle.info().startInstant())
                    .map(start -> new ProcessIdentity(pid, start.toString(), ""));
        }
        try {
            var stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            // proc(5): pid (comm) state ... starttime is field 22; comm may hold spaces and parentheses
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            if (fields[0].equals("Z") || fields[0].equals("X")) {
                return Optional.empty();
            }
            var boot = bootId();
            return Optional.of(new ProcessIdentity(pid, boot + "/" + fields[19], pidNamespace()));
        } catch (IOException e) {
            return Optional.empty(); // there is no such process
        }
    }

    /** Whether pids mean the same to the process that this was recorded by and to this one. */
    boolean comparable() {
        return space.equals(self().space);
    }

    boolean alive() {
        return of(pid).equals(Optional.of(this));
    }

    private static String bootId() throws IOException {
        // In one read: a second one on a file of /proc/sys finds its end.
        try (var in = Files.newInputStream(Path.of("/proc/sys/kernel/random/boot_id"))) {
            return new String(in.readNBytes(100), StandardCharsets.US_ASCII).strip();
        }
    }

    private static String pidNamespace() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
    }
}
