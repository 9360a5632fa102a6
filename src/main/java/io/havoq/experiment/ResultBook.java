package io.havoq.experiment;

import io.havoq.Verdict;
import io.havoq.report.ExperimentResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The results of this JVM, by results directory. It outlives a run: a build tool that runs failed tests again does so as a
 * new run of the same JVM, and a second try must neither replace the first one's result nor pass in its place. Thread-safe.
 */
final class ResultBook {
    private static final Map<Path, ResultBook> BOOKS = new ConcurrentHashMap<>();

    private final List<ExperimentResult> results = new ArrayList<>();
    private final Map<String, Integer> idsUsed = new HashMap<>();
    private final Map<String, Verdict> verdicts = new HashMap<>();

    private ResultBook() {}

    static ResultBook of(Path directory) {
        return BOOKS.computeIfAbsent(directory.toAbsolutePath().normalize(), key -> new ResultBook());
    }

    /** An id for this label that no other experiment has: the label itself, then {@code label~2} and so on. */
    synchronized String idFor(String label) {
        var used = idsUsed.merge(label, 1, Integer::sum);
        return used == 1 ? label : label + "~" + used;
    }

    synchronized void add(String invocation, ExperimentResult result) {
        results.add(result);
        verdicts.merge(invocation, result.verdict(), (first, second) -> first);
    }

    /** Whether this very test has ended before without passing. */
    synchronized boolean hasNotPassedBefore(String invocation) {
        var before = verdicts.get(invocation);
        return before != null && before != Verdict.PASSED;
    }

    synchronized List<ExperimentResult> results() {
        return List.copyOf(results);
    }
}
