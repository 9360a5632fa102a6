package io.havoq.manifest;

import java.util.List;
import java.util.stream.Collectors;

/** Manifests are wrong: every problem that was found, each with file, line and field. Nothing was injected. */
public final class ManifestException extends RuntimeException {
    private final transient List<ManifestProblem> problems;

    /** Problems in the order of their lines; at least one. */
    public ManifestException(List<ManifestProblem> problems) {
        super(message(problems));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong, in the order of files and lines. */
    public List<ManifestProblem> problems() {
        return problems;
    }

    private static String message(List<ManifestProblem> problems) {
        if (problems.isEmpty()) {
            throw new IllegalArgumentException("a manifest exception needs at least one problem");
        }
        if (problems.size() == 1) {
            return problems.get(0).toString();
        }
        return problems.stream()
                .map(problem -> "\n  " + problem)
                .collect(Collectors.joining("", problems.size() + " problems in the manifests:", ""));
    }
}
