package io.havoq.fault.local.sandbox;

import java.util.ArrayList;
import java.util.List;

/** What the sandbox tells the test JVM. Times are CLOCK_MONOTONIC, which both processes share. */
public sealed interface Event {
    /** The sandbox is set up and takes commands. */
    record Ready() implements Event {}

    /** The sandbox could not be set up, and ends. */
    record Failed(String message) implements Event {}

    /** A node's process runs; {@code pid} as the sandbox sees it. */
    record Started(String node, long run, long pid, long atNanos) implements Event {}

    /** A node's process could not be started. */
    record NotStarted(String node, long run, String message, long atNanos) implements Event {}

    /**
     * A node's process ended, and nothing that it started is left.
     *
     * @param status its exit status; 128 + the signal's number if a signal ended it
     * @param atNanos when the process itself ended
     */
    record Exited(String node, long run, int status, long atNanos) implements Event {}

    /** Something about a node that people should know: its log cannot be written, it cannot be ended. */
    record Notice(String node, String message) implements Event {}

    /**
     * What came of a {@link Command.Call}.
     *
     * @param values what was asked for; or the one message that says why it could not be had
     */
    record Answer(long number, boolean succeeded, List<String> values) implements Event {
        /** Copies the values. */
        public Answer {
            values = List.copyOf(values);
        }
    }

    /** The sandbox itself ended. Made by the test JVM, never sent. */
    record Ended(String message) implements Event {}

    /** This event as a line of the protocol. */
    default String line() {
        if (this instanceof Ready) {
            return Line.of(List.of("ready"));
        } else if (this instanceof Failed failed) {
            return Line.of(List.of("failed", failed.message));
        } else if (this instanceof Started started) {
            return Line.of(List.of(
                    "started",
                    started.node,
                    Long.toString(started.run),
                    Long.toString(started.pid),
                    Long.toString(started.atNanos)));
        } else if (this instanceof NotStarted not) {
            return Line.of(
                    List.of("not-started", not.node, Long.toString(not.run), not.message, Long.toString(not.atNanos)));
        } else if (this instanceof Exited exited) {
            return Line.of(List.of(
                    "exited",
                    exited.node,
                    Long.toString(exited.run),
                    Integer.toString(exited.status),
                    Long.toString(exited.atNanos)));
        } else if (this instanceof Notice notice) {
            return Line.of(List.of("notice", notice.node, notice.message));
        } else if (this instanceof Answer answer) {
            var fields = new ArrayList<>(
                    List.of("answer", Long.toString(answer.number), Boolean.toString(answer.succeeded)));
            fields.addAll(answer.values);
            return Line.of(fields);
        }
        throw new IllegalStateException("never sent: " + this);
    }

    /** Reads a line of the protocol. */
    static Event parse(String line) {
        var fields = Line.fields(line);
        return switch (fields.get(0)) {
            case "ready" -> new Ready();
            case "failed" -> new Failed(fields.get(1));
            case "started" ->
                new Started(
                        fields.get(1),
                        Long.parseLong(fields.get(2)),
                        Long.parseLong(fields.get(3)),
                        Long.parseLong(fields.get(4)));
            case "not-started" ->
                new NotStarted(
                        fields.get(1), Long.parseLong(fields.get(2)), fields.get(3), Long.parseLong(fields.get(4)));
            case "exited" ->
                new Exited(
                        fields.get(1),
                        Long.parseLong(fields.get(2)),
                        Integer.parseInt(fields.get(3)),
                        Long.parseLong(fields.get(4)));
            case "answer" ->
                new Answer(
                        Long.parseLong(fields.get(1)),
                        Boolean.parseBoolean(fields.get(2)),
                        fields.subList(3, fields.size()));
            case "notice" -> new Notice(fields.get(1), fields.get(2));
            default -> throw new IllegalArgumentException("unknown event of the sandbox's protocol: " + line);
        };
    }
}
