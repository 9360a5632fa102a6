package io.havoq.fault.local.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the test JVM asks of its sandbox. */
public sealed interface Command {
    /**
     * Start a node's process.
     *
     * @param run which start of this node it is; its events carry the same number
     * @param data created if it is not there; the process' working directory
     * @param log where its output goes, in a ring of bounded size
     * @param environment all of its variables
     */
    record Start(String node, long run, Path data, Path log, List<String> program, Map<String, String> environment)
            implements Command {
        /** Copies the collections. */
        public Start {
            program = List.copyOf(program);
            environment = Map.copyOf(environment);
        }
    }

    /**
     * End a node's process and all that it started: SIGTERM to the process, and SIGKILL to everything of it after the grace
     * period; 0 is SIGKILL at once.
     */
    record Stop(String node, long run, Duration grace) implements Command {}

    /**
     * Ask a service of the sandbox for something; {@link Event.Answer} carries the same number.
     *
     * @param verb the service's name, a dot, and what is wanted of it
     */
    record Call(long number, String verb, List<String> arguments) implements Command {
        /** Copies the arguments. */
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /** This command as a line of the protocol. */
    default String line() {
        var fields = new ArrayList<String>();
        if (this instanceof Start start) {
            fields.addAll(List.of(
                    "start", start.node, Long.toString(start.run), start.data.toString(), start.log.toString()));
            fields.add(Integer.toString(start.program.size()));
            fields.addAll(start.program);
            start.environment.forEach((name, value) -> {
                fields.add(name);
                fields.add(value);
            });
        } else if (this instanceof Stop stop) {
            fields.addAll(List.of("stop", stop.node, Long.toString(stop.run), Long.toString(stop.grace.toMillis())));
        } else if (this instanceof Call call) {
            fields.addAll(List.of("call", Long.toString(call.number), call.verb));
            fields.addAll(call.arguments);
        }
        return Line.of(fields);
    }

    /** Reads a line of the protocol. */
    static Command parse(String line) {
        var fields = Line.fields(line);
        return switch (fields.get(0)) {
            case "start" -> {
                int words = Integer.parseInt(fields.get(5));
                var environment = new LinkedHashMap<String, String>();
                for (int i = 6 + words; i < fields.size(); i += 2) {
                    environment.put(fields.get(i), fields.get(i + 1));
                }
                yield new Start(
                        fields.get(1),
                        Long.parseLong(fields.get(2)),
                        Path.of(fields.get(3)),
                        Path.of(fields.get(4)),
                        fields.subList(6, 6 + words),
                        environment);
            }
            case "stop" ->
                new Stop(
                        fields.get(1), Long.parseLong(fields.get(2)), Duration.ofMillis(Long.parseLong(fields.get(3))));
            case "call" -> new Call(Long.parseLong(fields.get(1)), fields.get(2), fields.subList(3, fields.size()));
            default -> throw new IllegalArgumentException("unknown command of the sandbox's protocol: " + line);
        };
    }
}
