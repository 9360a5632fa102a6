package io.havoq.manifest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/** One document being read: collects its problems and where its fields stand, so that all problems are told at once. */
final class Reading {
    private final String source;
    private final List<ManifestProblem> problems = new ArrayList<>();
    private final Map<String, Integer> lines = new HashMap<>();

    Reading(String source) {
        this.source = source;
    }

    String source() {
        return source;
    }

    void problem(Node at, String field, String message) {
        problem(line(at), field, message);
    }

    void problem(int line, String field, String message) {
        problems.add(new ManifestProblem(source, line, field, message));
    }

    /** Checks a text that stands in the file; a complaint becomes a problem. */
    boolean check(TextRule rule, Node at, String field, String text) {
        Optional<String> complaint = rule.complaint(text);
        complaint.ifPresent(words -> problem(at, field, "'" + text + "' " + words));
        return complaint.isEmpty();
    }

    void stands(Node at, String field) {
        lines.putIfAbsent(field, line(at));
    }

    List<ManifestProblem> problems() {
        return problems;
    }

    Map<String, Integer> lines() {
        return lines;
    }

    static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }
}
