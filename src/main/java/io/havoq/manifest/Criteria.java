package io.havoq.manifest;

import io.havoq.manifest.Selector.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Why a selector does not take a candidate: every criterion that excludes it (Chaos Mesh {@code pkg/selector/pod}). */
final class Criteria {
    /** The {@code fieldSelectors} that candidates can answer. */
    static final List<String> FIELDS = List.of("metadata.name", "spec.nodeName", "status.phase");

    private Criteria() {}

    /** Whether the selector selects by nothing at all, which would match every pod there is. */
    static boolean none(Selector selector) {
        return selector.namespaces().isEmpty()
                && selector.labels().isEmpty()
                && selector.annotations().isEmpty()
                && selector.expressions().isEmpty()
                && selector.podPhases().isEmpty()
                && selector.nodes().isEmpty()
                && selector.pods().isEmpty()
                && selector.fields().isEmpty();
    }

    /** The criteria that exclude the candidate, as a manifest writes them; empty if it is selected. */
    static List<String> excluding(Selector selector, Candidate candidate) {
        var reasons = new ArrayList<String>();
        if (!selector.pods().isEmpty()) {
            if (!selector.pods().getOrDefault(candidate.namespace(), List.of()).contains(candidate.name())) {
                reasons.add("pods");
            }
            return reasons;
        }
        if (!selector.namespaces().isEmpty() && !selector.namespaces().contains(candidate.namespace())) {
            reasons.add("namespaces " + selector.namespaces());
        }
        unequal("labelSelectors", selector.labels(), candidate.labels(), reasons);
        for (var expression : selector.expressions()) {
            if (!matches(expression, candidate.labels())) {
                reasons.add("expressionSelectors " + expression);
            }
        }
        unequal("annotationSelectors", selector.annotations(), candidate.annotations(), reasons);
        unequal("fieldSelectors", selector.fields(), fields(candidate), reasons);
        if (!inPhase(selector.podPhases(), candidate.phase())) {
            reasons.add("podPhaseSelectors " + selector.podPhases());
        }
        if (!selector.nodes().isEmpty() && !selector.nodes().contains(candidate.nodeName())) {
            reasons.add("nodes " + selector.nodes());
        }
        return reasons;
    }

    private static void unequal(
            String criterion, Map<String, String> wanted, Map<String, String> actual, List<String> reasons) {
        wanted.forEach((key, value) -> {
            if (!value.equals(actual.get(key))) {
                reasons.add(criterion + " " + key + "=" + value);
            }
        });
    }

    /** As Kubernetes' {@code labels.Requirement}: NotIn also takes what does not have the key at all. */
    private static boolean matches(Expression expression, Map<String, String> labels) {
        var actual = labels.get(expression.key());
        return switch (expression.operator()) {
            case IN -> actual != null && expression.values().contains(actual);
            case NOT_IN -> actual == null || !expression.values().contains(actual);
            case EXISTS -> actual != null;
            case DOES_NOT_EXIST -> actual == null;
        };
    }

    /** One of the phases without '!' if there are any, and none of those with ({@code phase_selector.go}). */
    private static boolean inPhase(List<String> phases, String actual) {
        var wanted = phases.stream().filter(phase -> !phase.startsWith("!")).toList();
        return (wanted.isEmpty() || wanted.contains(actual)) && !phases.contains("!" + actual);
    }

    private static Map<String, String> fields(Candidate candidate) {
        return Map.of(
                "metadata.name", candidate.name(),
                "spec.nodeName", candidate.nodeName(),
                "status.phase", candidate.phase());
    }
}
