package io.havoq.manifest;

import io.havoq.time.GoDuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The fields of one mapping in a manifest, read strictly: a field that is there must be of the right type, and whatever
 * nobody asked for by the time of {@link #refuseOthers} is unknown.
 */
final class Fields {
    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?(0|[1-9][0-9]{0,8})");

    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]{0,17})");

    private record Entry(Node key, Node value) {}

    private final Reading reading;
    private final MappingNode node;
    private final String path;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();

    private Fields(Reading reading, MappingNode node, String path) {
        this.reading = reading;
        this.node = node;
        this.path = path;
        collect();
    }

    /** The fields of a node that must be a mapping. */
    static Optional<Fields> of(Reading reading, Node node, String path) {
        if (node instanceof MappingNode mapping) {
            return Optional.of(new Fields(reading, mapping, path));
        }
        reading.problem(node, path, "is " + describe(node) + ": expected fields below it");
        return Optional.empty();
    }

    private void collect() {
        for (var tuple : node.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                reading.problem(
                        tuple.getKeyNode(), path, "has a key that is not a word: a template was not filled in?");
                continue;
            }
            var name = key.getValue();
            var first = entries.putIfAbsent(name, new Entry(key, tuple.getValueNode()));
            if (first == null) {
                reading.stands(key, path(name));
            } else {
                reading.problem(key, path(name), "is given twice, first in line " + Reading.line(first.key()));
            }
        }
    }

    /** Whether anything in the document was found wrong so far. */
    boolean hasProblems() {
        return !reading.problems().isEmpty();
    }

    String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    boolean has(String name) {
        known.add(name);
        return entries.containsKey(name);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** A problem with this mapping as a whole. */
    void problemHere(String message) {
        reading.problem(reading.lines().getOrDefault(path, Reading.line(node)), path, message);
    }

    /** A problem with a field that is there, or, where it is not, with the mapping that it should be in. */
    void problem(String name, String message) {
        var entry = entries.get(name);
        if (entry == null) {
            missing(name, message);
        } else {
            reading.problem(entry.key(), path(name), message);
        }
    }

    private void missing(String name, String message) {
        var line = reading.lines().getOrDefault(path, Reading.line(node));
        reading.problem(line, path(name), message);
    }

    /** A field's node, if the field is there and has a value. */
    private Optional<Entry> entry(String name) {
        known.add(name);
        var entry = entries.get(name);
        if (entry != null && entry.value().getTag().equals(Tag.NULL)) {
            problem(name, "has no value");
            return Optional.empty();
        }
        return Optional.ofNullable(entry);
    }

    /** Says that a field is missing if it is; a field that is there without a value is complained of elsewhere. */
    void require(String name, String expected) {
        if (!has(name)) {
            missing(name, "is missing: expected " + expected);
        }
    }

    Optional<Fields> mapping(String name) {
        return entry(name).flatMap(entry -> of(reading, entry.value(), path(name)));
    }

    Optional<String> text(String name, TextRule rule) {
        return entry(name).flatMap(entry -> text(entry.value(), path(name), rule));
    }

    private Optional<String> text(Node value, String field, TextRule rule) {
        if (value instanceof ScalarNode scalar && isText(scalar)) {
            return reading.check(rule, value, field, scalar.getValue())
                    ? Optional.of(scalar.getValue())
                    : Optional.empty();
        }
        var quote = value instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)
                ? ", in quotes: \"" + scalar.getValue() + "\""
                : "";
        reading.problem(value, field, "is " + describe(value) + ": expected text" + quote);
        return Optional.empty();
    }

    /** Kubernetes reads what looks like a date as text, SnakeYAML does not. */
    private static boolean isText(ScalarNode scalar) {
        return scalar.getTag().equals(Tag.STR) || scalar.getTag().equals(Tag.TIMESTAMP);
    }

    /** A whole number of at most 9 digits, not negative. */
    Optional<Integer> count(String name) {
        return entry(name).flatMap(entry -> {
            if (!(entry.value() instanceof ScalarNode scalar)
                    || !scalar.getTag().equals(Tag.INT)
                    || !WHOLE_NUMBER.matcher(scalar.getValue()).matches()) {
                reading.problem(
                        entry.value(),
                        path(name),
                        "is " + describe(entry.value()) + ": expected a whole number of 0 or more, without quotes");
                return Optional.empty();
            }
            var number = Integer.parseInt(scalar.getValue());
            if (number < 0) {
                reading.problem(entry.value(), path(name), number + " is negative: expected 0 or more");
                return Optional.empty();
            }
            return Optional.of(number);
        });
    }

    /** A whole number within bounds. */
    Optional<Long> number(String name, long least, long most) {
        return entry(name).flatMap(entry -> {
            if (entry.value() instanceof ScalarNode scalar
                    && scalar.getTag().equals(Tag.INT)
                    && NUMBER.matcher(scalar.getValue()).matches()
                    && Long.parseLong(scalar.getValue()) >= least
                    && Long.parseLong(scalar.getValue()) <= most) {
                return Optional.of(Long.parseLong(scalar.getValue()));
            }
            reading.problem(
                    entry.value(),
                    path(name),
                    "is " + describe(entry.value()) + ": expected a whole number from " + least + " to " + most
                            + ", without quotes");
            return Optional.empty();
        });
    }

    /** A duration as Go writes it, longer than nothing. */
    Optional<Duration> duration(String name) {
        var given = entries.get(name);
        if (given != null
                && (given.value().getTag().equals(Tag.INT)
                        || given.value().getTag().equals(Tag.FLOAT))) {
            known.add(name);
            reading.problem(
                    given.value(),
                    path(name),
                    "is " + describe(given.value()) + " without a unit: expected a duration, e.g. 500ms, 30s, 2m");
            return Optional.empty();
        }
        return text(name, text -> {
                    try {
                        return GoDuration.parse(text).compareTo(Duration.ZERO) > 0
                                ? Optional.empty()
                                : Optional.of("is no time at all: expected a duration of more than 0, e.g. 30s");
                    } catch (IllegalArgumentException e) {
                        // its message begins with the text in quotes, as ours will
                        return Optional.of(String.valueOf(e.getMessage()).substring(text.length() + 3));
                    }
                })
                .map(GoDuration::parse);
    }

    /** A list of texts, none of them twice. */
    List<String> texts(String name, TextRule rule) {
        var texts = new ArrayList<String>();
        each(
                name,
                (item, field) -> text(item, field, rule).ifPresent(text -> {
                    if (texts.contains(text)) {
                        reading.problem(item, field, "'" + text + "' is in the list twice");
                    }
                    texts.add(text);
                }));
        return texts;
    }

    /** A list of mappings. */
    List<Fields> mappings(String name) {
        var mappings = new ArrayList<Fields>();
        each(name, (item, field) -> of(reading, item, field).ifPresent(mappings::add));
        return mappings;
    }

    private void each(String name, BiConsumer<Node, String> action) {
        entry(name).ifPresent(entry -> {
            if (entry.value() instanceof SequenceNode sequence) {
                if (sequence.getValue().isEmpty()) {
                    problem(name, "is an empty list: expected at least one entry, or no such field");
                }
                for (int index = 0; index < sequence.getValue().size(); index++) {
                    action.accept(sequence.getValue().get(index), path(name) + "[" + index + "]");
                }
            } else {
                reading.problem(entry.value(), path(name), "is " + describe(entry.value()) + ": expected a list");
            }
        });
    }

    /** Texts by key. */
    Map<String, String> map(String name, TextRule keys, TextRule values) {
        var texts = new LinkedHashMap<String, String>();
        mapping(name)
                .ifPresent(map -> map.keys(name, keys)
                        .forEach(key -> map.text(key, values).ifPresent(text -> texts.put(key, text))));
        return texts;
    }

    /** Lists of texts by key. */
    Map<String, List<String>> lists(String name, TextRule keys, TextRule values) {
        var lists = new LinkedHashMap<String, List<String>>();
        mapping(name).ifPresent(map -> map.keys(name, keys).forEach(key -> lists.put(key, map.texts(key, values))));
        return lists;
    }

    private List<String> keys(String name, TextRule rule) {
        if (entries.isEmpty()) {
            reading.problem(node, path, "is empty: expected at least one entry, or no field '" + name + "'");
        }
        return entries.entrySet().stream()
                .filter(entry -> reading.check(rule, entry.getValue().key(), path(entry.getKey()), entry.getKey()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Complains of every field that nobody asked for.
     *
     * @param explanations what to say of fields by name, instead of "unknown"
     */
    void refuseOthers(Map<String, String> explanations) {
        entries.keySet().stream().filter(name -> !known.contains(name)).forEach(name -> {
            var explanation = explanations.getOrDefault(name, Unwanted.EVERYWHERE.get(name));
            problem(
                    name,
                    explanation != null
                            ? explanation
                            : "is unknown: expected " + Words.orList(new ArrayList<>(known))
                                    + Words.didYouMean(name, Collections.unmodifiableSet(known)));
        });
    }

    static String describe(Node node) {
        if (node instanceof MappingNode) {
            return "a mapping";
        }
        if (node instanceof SequenceNode) {
            return "a list";
        }
        if (node instanceof ScalarNode scalar) {
            var tag = scalar.getTag();
            if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
                return "the number " + scalar.getValue();
            }
            if (tag.equals(Tag.BOOL)) {
                return "the truth value " + scalar.getValue();
            }
            if (tag.equals(Tag.NULL)) {
                return "empty";
            }
            return "the text '" + scalar.getValue() + "'";
        }
        return "of an unknown type";
    }
}
