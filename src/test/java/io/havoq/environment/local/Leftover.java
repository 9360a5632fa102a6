package io.havoq.environment.local;

import io.havoq.fault.local.sandbox.SandboxMain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What of a run is still there, found without the code under test: processes and mounts that know the run's directory. */
final class Leftover {
    private Leftover() {}

    /** Living processes whose environment or command line names the directory, other than this one. */
    static List<Long> processes(Path directory) throws IOException {
        return find(directory, words -> true);
    }

    /** Those of them whose program has this name. */
    static List<Long> commands(Path directory, String program) throws IOException {
        return find(directory, words -> words[0].endsWith(program));
    }

    /** Those of them that are sandboxes. */
    static List<Long> sandboxes(Path directory) throws IOException {
        return find(
                directory, words -> words[0].endsWith("java") && List.of(words).contains(SandboxMain.class.getName()));
    }

    /** Those of them that are nodes. */
    static List<Long> nodes(Path directory) throws IOException {
        return find(
                directory, words -> words[0].endsWith("java") && List.of(words).contains(TestNode.class.getName()));
    }

    /** Those of them that run this class. */
    static List<Long> programs(Path directory, Class<?> program) throws IOException {
        return find(directory, words -> List.of(words).contains(program.getName()));
    }

    private static List<Long> find(Path directory, Predicate<String[]> wanted) throws IOException {
        var found = new ArrayList<Long>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var entry : entries) {
                long pid = Long.parseLong(entry.getFileName().toString());
                try {
                    var command = Files.readString(entry.resolve("cmdline"), StandardCharsets.ISO_8859_1);
                    var environment = Files.readString(entry.resolve("environ"), StandardCharsets.ISO_8859_1);
                    if (pid != ProcessHandle.current().pid()
                            && (environment + command).contains(directory.toString())
                            && wanted.test(command.split("\0", -1))) {
                        found.add(pid);
                    }
                } catch (IOException e) {
                    // it ended meanwhile
                }
            }
        }
        return found;
    }

    /** Mounts below the directory, in any process' view. */
    static List<String> mounts(Path directory) throws IOException {
        var found = new ArrayList<String>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var entry : entries) {
                try {
                    Files.readAllLines(entry.resolve("mounts"), StandardCharsets.ISO_8859_1).stream()
                            .filter(line -> line.contains(directory.toString()))
                            .forEach(found::add);
                } catch (IOException e) {
                    // it ended meanwhile
                }
            }
        }
        return found;
    }
}
