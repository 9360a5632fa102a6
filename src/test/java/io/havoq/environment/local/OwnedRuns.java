package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.broker.BrokerSettings;
import io.havoq.environment.local.LocalSettings.IsolationMode;
import io.havoq.journal.JournalSettings;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.zip.Deflater;

/** Runs of {@link OwnerMain} in processes of their own, as whatever user and with whatever rights, and what is left of them. */
final class OwnedRuns implements AutoCloseable {
    static final Duration BOUND = Duration.ofSeconds(2);
    /** Nobody in particular, with no rights. */
    private static final int ORDINARY_USER = 65_534;

    private final Path directory;
    private final String classPath;
    private final Path work;
    private final List<Process> owners = new ArrayList<>();

    /**
     * @param directory of one test
     * @param classPath from {@link #packClasses}
     */
    OwnedRuns(Path directory, String classPath) throws IOException {
        this.directory = directory;
        this.classPath = classPath;
        makeReadable(directory);
        work = Files.createDirectory(directory.resolve("work"));
    }

    /** The class path of the runs, where every user may read it: jars, so that it is a few files and not hundreds. */
    static String packClasses(Path classes) throws IOException {
        makeReadable(classes);
        var packed = new ArrayList<String>();
        for (var entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            var path = Path.of(entry);
            var jar = classes.resolve(packed.size() + ".jar");
            if (Files.isDirectory(path)) {
                pack(path, jar);
            } else if (path.getFileName().toString().matches("(jackson|jna|awaitility|hamcrest)-.*")) {
                Files.copy(path, jar);
            } else {
                continue;
            }
            packed.add(jar.toString());
        }
        return String.join(File.pathSeparator, packed);
    }

    private static void pack(Path from, Path to) throws IOException {
        try (var jar = new JarOutputStream(Files.newOutputStream(to));
                var files = Files.walk(from)) {
            // Packed once, read by every run: not worth compressing.
            jar.setLevel(Deflater.NO_COMPRESSION);
            for (var file : files.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(from.relativize(file).toString()));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
    }

    private static void makeReadable(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Where the runs keep what they keep. */
    Path work() {
        return work;
    }

    /** The words before a command that make it an ordinary user's, to whom the work directory is given. */
    List<String> asOrdinaryUser() throws IOException {
        Files.setAttribute(work, "unix:uid", ORDINARY_USER);
        return List.of("setpriv", "--reuid=" + ORDINARY_USER, "--regid=" + ORDINARY_USER, "--clear-groups");
    }

    /**
     * Starts a run.
     *
     * @param before the words before its command line
     * @param how the last argument of {@link OwnerMain}
     * @param peculiar of its {@linkplain TestNode nodes}
     */
    Process start(List<String> before, IsolationMode isolation, String how, String... peculiar) throws IOException {
        var words = new ArrayList<>(before);
        words.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                classPath,
                "-D" + JournalSettings.STATE.key() + "=" + work.resolve("state"),
                "-D" + LocalSettings.ISOLATION.key() + "=" + isolation.name().toLowerCase(Locale.ROOT),
                "-D" + LocalSettings.NODES.key() + "=2",
                "-D" + BrokerSettings.COMMAND.key() + "="
                        + TestNode.command(peculiar).replaceAll("-cp '[^']*'", "-cp '" + classPath + "'"),
                "-D" + BrokerSettings.ENVIRONMENT.key() + "=HAVOQ_TEST=" + directory,
                OwnerMain.class.getName(),
                work.resolve("output").toString(),
                how));
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        owners.add(process);
        return process;
    }

    static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Reads what a run says until a line begins so. */
    static List<String> readTo(BufferedReader output, String beginning) throws IOException {
        var lines = new ArrayList<String>();
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            lines.add(line);
            if (line.startsWith(beginning)) {
                return lines;
            }
        }
        throw new AssertionError("ended before '" + beginning + "': " + String.join("\n", lines));
    }

    void assertNothingLeft() {
        await("everything is gone")
                .atMost(BOUND)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> {
                    assertThat(Leftover.processes(directory)).as("processes").isEmpty();
                    assertThat(Leftover.mounts(directory)).as("mounts").isEmpty();
                    // The journal's file is what tells the next run; everything else is gone.
                    assertThat(files(work.resolve("state"))).as("files").allMatch(file -> file.contains("/journal/"));
                });
    }

    static List<String> files(Path root) throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (var files = Files.walk(root)) {
            return files.filter(
                            file -> !Files.isDirectory(file) || file.getParent().endsWith("data"))
                    .map(Path::toString)
                    .toList();
        }
    }

    @Override
    public void close() throws IOException {
        owners.forEach(Process::destroyForcibly);
        // What a test found left behind is not left behind by the test.
        for (var pid : Leftover.processes(directory)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
