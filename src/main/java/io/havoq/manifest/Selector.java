package io.havoq.manifest;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Chaos Mesh's {@code spec.selector}: everything given must match. Empty collections select by nothing.
 *
 * @param namespaces defaults to the manifest's own namespace
 * @param podPhases phases to be in, or with a leading {@code !} not to be in
 * @param pods explicit pod names by namespace; when given, Chaos Mesh ignores the other criteria
 * @param fields {@code metadata.name}, {@code spec.nodeName}, {@code status.phase}
 */
public record Selector(
        List<String> namespaces,
        Map<String, String> labels,
        Map<String, String> annotations,
        List<Expression> expressions,
        List<String> podPhases,
        List<String> nodes,
        Map<String, List<String>> pods,
        Map<String, String> fields) {

    /** Copies the collections; maps are ordered by key, so that what is printed is always the same. */
    public Selector {
        namespaces = List.copyOf(namespaces);
        labels = sorted(labels);
        annotations = sorted(annotations);
        expressions = List.copyOf(expressions);
        podPhases = List.copyOf(podPhases);
        nodes = List.copyOf(nodes);
        var copies = new TreeMap<String, List<String>>();
        pods.forEach((namespace, names) -> copies.put(namespace, List.copyOf(names)));
        pods = Collections.unmodifiableMap(copies);
        fields = sorted(fields);
    }

    /** A selector without {@code fieldSelectors}. */
    public Selector(
            List<String> namespaces,
            Map<String, String> labels,
            Map<String, String> annotations,
            List<Expression> expressions,
            List<String> podPhases,
            List<String> nodes,
            Map<String, List<String>> pods) {
        this(namespaces, labels, annotations, expressions, podPhases, nodes, pods, Map.of());
    }

    /** Every pod of some namespaces: where a selector built in code begins. */
    public static Selector inNamespaces(String... namespaces) {
        return new Selector(
                List.of(namespaces), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of(), Map.of());
    }

    /** Pods by their names. */
    public static Selector ofPods(String namespace, List<String> names) {
        return new Selector(
                List.of(namespace),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                Map.of(namespace, names),
                Map.of());
    }

    /** This selector with other namespaces. */
    public Selector withNamespaces(List<String> namespaces) {
        return new Selector(namespaces, labels, annotations, expressions, podPhases, nodes, pods, fields);
    }

    /** This selector with other labels. */
    public Selector withLabels(Map<String, String> labels) {
        return new Selector(namespaces, labels, annotations, expressions, podPhases, nodes, pods, fields);
    }

    /** This selector with other explicit pods. */
    public Selector withPods(Map<String, List<String>> pods) {
        return new Selector(namespaces, labels, annotations, expressions, podPhases, nodes, pods, fields);
    }

    /**
     * Whether what is selected here and there is visibly not apart: a pod named in both, or one selector that has every
     * criterion of the other.
     */
    boolean mayShare(Selector other) {
        if (!pods.isEmpty() && !other.pods.isEmpty()) {
            return pods.entrySet().stream()
                    .anyMatch(entry -> !Collections.disjoint(
                            entry.getValue(), other.pods.getOrDefault(entry.getKey(), List.of())));
        }
        return !Collections.disjoint(namespaces, other.namespaces) && (within(other) || other.within(this));
    }

    /** Whether this selector has every criterion that the other has, in namespaces of both. */
    private boolean within(Selector other) {
        return other.pods.isEmpty()
                && labels.entrySet().containsAll(other.labels.entrySet())
                && annotations.entrySet().containsAll(other.annotations.entrySet())
                && expressions.containsAll(other.expressions)
                && podPhases.containsAll(other.podPhases)
                && (other.nodes.isEmpty() || other.nodes.equals(nodes))
                && fields.entrySet().containsAll(other.fields.entrySet());
    }

    private static Map<String, String> sorted(Map<String, String> map) {
        return Collections.unmodifiableMap(new TreeMap<>(map));
    }

    /** One entry of {@code expressionSelectors}, as a Kubernetes label selector requirement. */
    public record Expression(String key, Operator operator, List<String> values) {
        /** Copies the values. */
        public Expression {
            values = List.copyOf(values);
        }

        @Override
        public String toString() {
            return key + " " + operator.text() + (values.isEmpty() ? "" : " " + values);
        }
    }

    /** The operators of a label selector requirement. */
    public enum Operator {
        IN("In"),
        NOT_IN("NotIn"),
        EXISTS("Exists"),
        DOES_NOT_EXIST("DoesNotExist");

        private final String text;

        Operator(String text) {
            this.text = text;
        }

        /** As a manifest writes it. */
        public String text() {
            return text;
        }

        /** Whether {@code values} must be given; with the others it must not. */
        boolean takesValues() {
            return this == IN || this == NOT_IN;
        }
    }
}
