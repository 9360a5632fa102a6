package io.havoq.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Undoes what every environment on this machine may leave: processes and directories. */
final class Leftovers {
    static final Map<String, Journal.Action> ACTIONS = Map.of(
            Undo.PROCESSES, Leftovers::processes,
            Undo.PROCESS, Leftovers::process,
            Undo.DIRECTORY, Leftovers::directory,
            Undo.GROUP, Leftovers::group);

    private static final Duration KILL = Duration.ofSeconds(5);

    private Leftovers() {}

    private static String processes(Undo undo) throws IOException {
        var variable = undo.details().get("variable");
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            return "";
        }
        var killed = new ArrayList<String>();
        // Again until none is found: a process that was starting another one while it was killed.
        for (var found = carrying(variable); !found.isEmpty(); found = carrying(variable)) {
            for (var handle : found) {
                killed.add(Long.toString(handle.pid()));
                kill(handle);
            }
        }
        return killed.isEmpty() ? "" : "killed processes " + killed + " with " + variable;
    }

    private static List<ProcessHandle> carrying(String variable) throws IOException {
        var found = new ArrayList<ProcessHandle>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var entry : entries) {
                // The handle first: it remembers the start time, so that a reused pid is never killed.
                var handle = ProcessHandle.of(Long.parseLong(entry.getFileName().toString()));
                if (handle.isPresent() && carries(entry, variable)) {
                    found.add(handle.get());
                }
            }
        }
        return found;
    }

    private static boolean carries(Path entry, String variable) {
        try {
            var environment = new String(Files.readAllBytes(entry.resolve("environ")), StandardCharsets.UTF_8);
            return ("\0" + environment).contains("\0" + variable + "\0");
        } catch (IOException e) {
            return false; // it ended meanwhile, or it is another user's and so not ours
        }
    }

    private static String process(Undo undo) throws IOException {
        long pid = Long.parseLong(undo.details().get("pid"));
        var handle = ProcessHandle.of(pid);
        var identity = ProcessIdentity.of(pid);
        if (handle.isEmpty() || identity.isEmpty()) {
            return "";
        }
        var command = handle.get().info().command().orElse("");
        if (!identity.get().start().equals(undo.details().get("start"))
                || !command.equals(undo.details().get("command"))) {
            return ""; // another process has the pid now
        }
        kill(handle.get());
        return "killed process " + pid + " (" + command + ")";
    }

    private static void kill(ProcessHandle handle) throws IOException {
        handle.destroyForcibly();
        try {
            if (!ProcessEnd.await(handle, KILL)) {
                throw new IOException("process " + handle.pid() + " survives SIGKILL");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while process " + handle.pid() + " was killed", e);
        }
    }

    private static String group(Undo undo) throws IOException {
        var directory = Path.of(undo.details().get("path"));
        return GroupEnd.remove(directory, KILL) ? "removed the control group " + directory : "";
    }

    private static String directory(Undo undo) throws IOException {
        var directory = Path.of(undo.details().get("path"));
        if (!Files.exists(directory)) {
            return "";
        }
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
        return "removed " + directory;
    }
}
