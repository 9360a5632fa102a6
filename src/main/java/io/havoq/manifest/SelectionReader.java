package io.havoq.manifest;

import io.havoq.manifest.Selector.Expression;
import io.havoq.manifest.Selector.Operator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.Pattern;

/**
 * Reads {@code selector}, {@code mode} and {@code value} of a fault's spec (Chaos Mesh {@code api/v1alpha1/selector.go},
 * {@code common_webhook.go}).
 */
final class SelectionReader {
    private static final List<String> MODES = List.of("one", "all", "fixed", "fixed-percent", "random-max-percent");
    private static final List<String> PHASES = List.of("Pending", "Running", "Succeeded", "Failed", "Unknown");
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,9}");
    private static final TextRule ANY = text -> Optional.empty();

    /** Chaos Mesh reads a leading '!' as "not in this phase" ({@code pkg/selector/pod/phase_selector.go}). */
    private static final TextRule PHASE =
            text -> TextRule.oneOf(PHASES).complaint(text.startsWith("!") ? text.substring(1) : text);

    private static final TextRule FIELD = text -> Criteria.FIELDS.contains(text)
            ? Optional.empty()
            : Optional.of("cannot be selected by: expected " + Words.orList(Criteria.FIELDS));

    private static final String PODS_ONLY = "is ignored by Chaos Mesh when pods are named: remove it or 'pods'";

    private SelectionReader() {}

    /** The selection, unless something is wrong with it. */
    static Optional<Selection> read(Fields spec, String namespace) {
        spec.require("selector", "which pods are hit, e.g. labelSelectors");
        var selector = spec.mapping("selector").flatMap(fields -> selector(fields, namespace));
        var mode = mode(spec);
        return selector.flatMap(pods -> mode.map(many -> new Selection(pods, many)));
    }

    private static Optional<Selector> selector(Fields fields, String namespace) {
        var namespaces = fields.texts("namespaces", TextRule.DNS_LABEL);
        var labels = fields.map("labelSelectors", TextRule.LABEL_KEY, TextRule.LABEL_VALUE);
        var annotations = fields.map("annotationSelectors", TextRule.LABEL_KEY, TextRule.LABEL_VALUE);
        var expressions = expressions(fields);
        var phases = fields.texts("podPhaseSelectors", PHASE);
        var nodes = fields.texts("nodes", TextRule.DNS_SUBDOMAIN);
        var pods = fields.lists("pods", TextRule.DNS_LABEL, TextRule.DNS_SUBDOMAIN);
        var byField = fields.map("fieldSelectors", FIELD, ANY);
        fields.refuseOthers(Map.of(
                "nodeSelectors",
                "is not available: no environment tells the labels of its machines; name them in 'nodes'"));
        if (fields.isEmpty()) {
            fields.problemHere("is empty and would match every pod of the namespace, which Havoq refuses: expected e.g."
                    + " labelSelectors; if all are meant, name the namespace in 'namespaces'");
            return Optional.empty();
        }
        if (fields.has("pods")) {
            refuseBesidePods(fields, namespaces, pods);
            return Optional.of(new Selector(
                    List.copyOf(pods.keySet()), Map.of(), Map.of(), List.of(), List.of(), List.of(), pods, Map.of()));
        }
        return Optional.of(new Selector(
                namespaces.isEmpty() ? List.of(namespace) : namespaces,
                labels,
                annotations,
                expressions,
                phases,
                nodes,
                Map.of(),
                byField));
    }

    private static void refuseBesidePods(Fields fields, List<String> namespaces, Map<String, List<String>> pods) {
        for (var other : List.of(
                "labelSelectors",
                "annotationSelectors",
                "expressionSelectors",
                "podPhaseSelectors",
                "nodes",
                "fieldSelectors")) {
            if (fields.has(other)) {
                fields.problem(other, PODS_ONLY);
            }
        }
        if (fields.has("namespaces") && !pods.keySet().equals(Set.copyOf(namespaces))) {
            fields.problem("namespaces", PODS_ONLY);
        }
    }

    private static List<Expression> expressions(Fields selector) {
        var expressions = new ArrayList<Expression>();
        for (var fields : selector.mappings("expressionSelectors")) {
            fields.require("key", "a label's key");
            fields.require("operator", Words.orList(operators()));
            var key = fields.text("key", TextRule.LABEL_KEY);
            var operator = fields.text("operator", TextRule.oneOf(operators())).map(SelectionReader::operator);
            var values = fields.texts("values", TextRule.LABEL_VALUE);
            operator.ifPresent(given -> {
                if (given.takesValues()) {
                    fields.require("values", "at least one value with operator " + given.text());
                } else if (fields.has("values")) {
                    fields.problem("values", "has no meaning with operator " + given.text() + ": remove it");
                }
            });
            fields.refuseOthers(Map.of());
            key.flatMap(label -> operator.map(given -> new Expression(label, given, values)))
                    .ifPresent(expressions::add);
        }
        return expressions;
    }

    private static List<String> operators() {
        return Arrays.stream(Operator.values()).map(Operator::text).toList();
    }

    private static Operator operator(String text) {
        return Arrays.stream(Operator.values())
                .filter(operator -> operator.text().equals(text))
                .findFirst()
                .orElseThrow();
    }

    private static Optional<Mode> mode(Fields spec) {
        spec.require("mode", Words.orList(MODES));
        var word = spec.text("mode", TextRule.oneOf(MODES));
        if (word.isEmpty()) {
            spec.text("value", ANY);
            return Optional.empty();
        }
        return switch (word.get()) {
            case "one" -> withoutValue(spec, new Mode.One());
            case "all" -> withoutValue(spec, new Mode.All());
            case "fixed" -> withValue(spec, "fixed", Integer.MAX_VALUE, Mode.Fixed::new);
            case "fixed-percent" -> withValue(spec, "fixed-percent", 100, Mode.FixedPercent::new);
            default -> withValue(spec, "random-max-percent", 100, Mode.RandomMaxPercent::new);
        };
    }

    private static Optional<Mode> withoutValue(Fields spec, Mode mode) {
        if (spec.has("value")) {
            spec.problem(
                    "value",
                    "is ignored by Chaos Mesh with mode " + mode.text()
                            + ": remove it, or use mode fixed, fixed-percent or random-max-percent");
        }
        return Optional.of(mode);
    }

    private static Optional<Mode> withValue(Fields spec, String mode, int most, IntFunction<Mode> make) {
        var range = most == 100 ? "1 to 100 (percent)" : "1 or more (pods)";
        spec.require("value", "a whole number in quotes, " + range + ", with mode " + mode);
        return spec.text(
                        "value",
                        text -> DIGITS.matcher(text).matches()
                                        && Integer.parseInt(text) >= 1
                                        && Integer.parseInt(text) <= most
                                ? Optional.empty()
                                : Optional.of("does not fit mode " + mode + ": expected a whole number, " + range))
                .map(Integer::parseInt)
                .map(make::apply);
    }
}
