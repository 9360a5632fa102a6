package io.havoq.fault.local.syscall;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A {@link Witness} that runs: what is asked of it and what it answers. Thread-safe. */
final class WitnessProcess implements Closeable {
    private static final long END_SECONDS = 5;

    /** A JVM is up, and its calls are served, in some tenths of a second. */
    private static final long START_SECONDS = 60;

    private final Process process;
    private final BufferedWriter questions;
    private final BufferedReader answers;

    private WitnessProcess(Process process) {
        this.process = process;
        this.questions = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Takes over a process that has just been started, and waits until its calls are served.
     *
     * @throws IOException with its own words if they are not
     */
    static WitnessProcess of(Process process) throws IOException {
        var witness = new WitnessProcess(process);
        var said = new ArrayList<String>();
        var late = new AtomicBoolean();
        var bound = CompletableFuture.runAsync(
                () -> {
                    late.set(true);
                    process.destroyForcibly();
                },
                CompletableFuture.delayedExecutor(START_SECONDS, TimeUnit.SECONDS));
        try {
            for (var line = witness.answers.readLine(); !"ready".equals(line); line = witness.answers.readLine()) {
                if (line == null) {
                    witness.close();
                    var why = late.get()
                            ? "the witness was not ready within " + START_SECONDS + " s"
                            : "the witness ended without a word";
                    throw new IOException(said.isEmpty() ? why : String.join("; ", said));
                }
                said.add(line);
            }
        } finally {
            bound.cancel(false);
        }
        return witness;
    }

    /** One line for each call that it made. */
    synchronized List<String> look(String question) throws IOException {
        questions.write(question);
        questions.write('\n');
        questions.flush();
        var lines = new ArrayList<String>();
        for (var line = answers.readLine(); !"end".equals(line); line = answers.readLine()) {
            if (line == null) {
                throw new IOException("the witness has ended: " + lines);
            }
            if (line.startsWith("problem\t")) {
                throw new IOException("the witness: " + line.substring("problem\t".length()));
            }
            lines.add(line);
        }
        return lines;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
