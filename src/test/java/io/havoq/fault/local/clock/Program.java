package io.havoq.fault.local.clock;

import io.havoq.fault.local.service.ProcessTree;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of a node's that tells its clocks when it is asked. */
final class Program implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final Writer in;

    private Program(Process process) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.in = process.outputWriter(StandardCharsets.UTF_8);
    }

    static Program start(List<String> command) throws IOException {
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put(ProcessTree.VARIABLE, "test/" + System.nanoTime());
        return new Program(builder.start());
    }

    static Program java() throws IOException {
        return start(javaWords());
    }

    /** With threads that read the clocks all the time, and yield to whoever else wants the processor. */
    static Program busyJava(int threads) throws IOException {
        var words = new ArrayList<>(List.of("nice", "-n", "19"));
        words.addAll(javaWords());
        words.add(Integer.toString(threads));
        return start(words);
    }

    private static List<String> javaWords() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                ClockTeller.class.getName());
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** The words of one answer: the time of day first, in seconds. */
    List<String> ask() throws IOException {
        in.write("now\n");
        in.flush();
        var line = out.readLine();
        if (line == null) {
            throw new IOException("process " + pid() + " has ended");
        }
        return List.of(line.split(" ", -1));
    }

    /** Its time of day. */
    Instant time() throws IOException {
        return Instant.ofEpochMilli(Math.round(Double.parseDouble(ask().get(0)) * 1000));
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }
}
