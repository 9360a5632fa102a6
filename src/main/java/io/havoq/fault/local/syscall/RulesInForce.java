package io.havoq.fault.local.syscall;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The rules in force, and what each has done: a node's calls meet its own, in the order in which they were imposed. Thread-safe. */
final class RulesInForce {
    /** By the rule's name, then by the node's; kept until it is lifted. */
    private final Map<String, Map<String, ActiveRule>> rules = new LinkedHashMap<>();

    /** By the node's name, for every call that is made: read without a lock. */
    private final Map<String, List<ActiveRule>> byNode = new ConcurrentHashMap<>();

    synchronized void impose(String rule, String node, ActiveRule active) {
        rules.computeIfAbsent(rule, any -> new LinkedHashMap<>()).put(node, active);
        refresh();
    }

    /** Returns what no call is to meet any longer. */
    synchronized Set<ActiveRule> lift(String rule) {
        var lifted = rules.remove(rule);
        if (lifted == null) {
            return Set.of();
        }
        refresh();
        return Set.copyOf(lifted.values());
    }

    private void refresh() {
        var present = new LinkedHashMap<String, List<ActiveRule>>();
        rules.values()
                .forEach(nodes -> nodes.forEach((node, active) ->
                        present.computeIfAbsent(node, any -> new ArrayList<>()).add(active)));
        byNode.keySet().retainAll(present.keySet());
        present.forEach((node, list) -> byNode.put(node, List.copyOf(list)));
    }

    /** Those that a node's calls meet. */
    List<ActiveRule> of(String node) {
        return byNode.getOrDefault(node, List.of());
    }

    boolean concern(String node) {
        return byNode.containsKey(node);
    }

    /** For each node its name, and for each call that was met its name and three numbers. */
    synchronized List<String> counters(String rule) {
        return rules.getOrDefault(rule, Map.of()).entrySet().stream()
                .flatMap(node -> Stream.concat(
                        Stream.of(String.join("\t", node.getKey(), "", "0", "0", "0")),
                        node.getValue().counters().entrySet().stream()
                                .map(call -> String.join(
                                        "\t",
                                        node.getKey(),
                                        call.getKey().text(),
                                        Long.toString(call.getValue().hit()),
                                        Long.toString(call.getValue().delayed()),
                                        Long.toString(call.getValue().failed())))))
                .toList();
    }
}
