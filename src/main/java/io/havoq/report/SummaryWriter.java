package io.havoq.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Keeps {@code summary.json} and {@code summary.md} in step with the run: both are replaced whole after every
 * experiment, so that a run that is interrupted leaves the results of all that ended. JVMs of one run (forks, reruns)
 * add to one summary, and no experiment that is in it ever leaves it: a rerun that passed does not hide one that failed.
 * Thread-safe, and safe among processes.
 */
public final class SummaryWriter {
    static final String JSON_FILE = "summary.json";
    static final String MARKDOWN_FILE = "summary.md";

    static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** A file lock holds processes apart, this one threads: a second lock of the same file by one JVM throws. */
    private static final Object THREADS = new Object();

    private final Path directory;
    private final String run;
    private final long process;

    SummaryWriter(Path directory, String run, long process) {
        this.directory = directory;
        this.run = run;
        this.process = process;
    }

    /** A writer to the directory and for the run that the settings name. */
    public static SummaryWriter of(Settings settings) {
        var process = ProcessHandle.current();
        var named = settings.get(ReportSettings.RUN).strip();
        var run = named.isEmpty() ? process.info().startInstant().orElse(Instant.EPOCH) + "/" + process.pid() : named;
        return new SummaryWriter(Path.of(settings.get(ReportSettings.RESULTS)), run, process.pid());
    }

    /** Where the files are written. */
    public Path directory() {
        return directory;
    }

    /**
     * Makes the directory, and tries whether files can be made in it.
     *
     * @throws IOException if the results of an experiment could not be written there
     */
    public void prepare() throws IOException {
        Files.createDirectories(directory);
        Files.delete(Files.createTempFile(directory, ".trial", ""));
    }

    /**
     * Replaces both files.
     *
     * @param result the run so far: all experiments of this JVM that have ended
     * @throws IOException if they cannot be written; the files of before are then still whole
     */
    public void write(RunResult result) throws IOException {
        synchronized (THREADS) {
            Files.createDirectories(directory);
            try (var lock = FileChannel.open(
                            directory.resolve(".summary.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = lock.lock()) {
                if (!held.isValid()) {
                    throw new IOException("the lock of " + directory + " was lost at once: is the file system shared?");
                }
                var summary = SummaryJson.run(result, run, process);
                addOtherProcesses(summary);
                replace(JSON_FILE, MAPPER.writeValueAsString(summary) + "\n");
                replace(MARKDOWN_FILE, SummaryMarkdown.of(summary));
            }
        }
    }

    private void addOtherProcesses(ObjectNode summary) throws IOException {
        var earlier = readEarlier();
        if (earlier == null) {
            return;
        }
        var mine = summary.withArray("experiments").deepCopy();
        var all = summary.putArray("experiments");
        var started = Instant.parse(summary.path("startedAt").asText());
        var ended = started.plusMillis(summary.path("durationMillis").asLong());
        for (var experiment : earlier.path("experiments")) {
            if (experiment.path("process").asLong() != process) {
                all.add(experiment);
                var at = Instant.parse(experiment.path("startedAt").asText());
                started = at.isBefore(started) ? at : started;
            }
        }
        all.addAll(mine);
        summary.put("startedAt", started.toString());
        summary.put("durationMillis", Duration.between(started, ended).toMillis());
    }

    /** The summary that is there, if it is one of this run. */
    private @Nullable ObjectNode readEarlier() throws IOException {
        var file = directory.resolve(JSON_FILE);
        if (!Files.exists(file)) {
            return null;
        }
        // Written by this class only, and whole: what cannot be read is a fault to show, not to overwrite.
        return MAPPER.readTree(file.toFile()) instanceof ObjectNode summary
                        && summary.path("run").asText().equals(run)
                ? summary
                : null;
    }

    private void replace(String name, String text) throws IOException {
        var temporary = directory.resolve("." + name + ".new");
        Files.writeString(temporary, text);
        Files.move(
                temporary,
                directory.resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }
}
