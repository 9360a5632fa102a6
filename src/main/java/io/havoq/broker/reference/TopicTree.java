package io.havoq.broker.reference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** All subscriptions, by the levels of their filters. Not thread-safe. */
final class TopicTree {
    private static final class Node {
        final Map<String, Node> children = new TreeMap<>();
        final Map<Session, Subscription> subscriptions = new LinkedHashMap<>();
    }

    private final Node root = new Node();
    private int size;

    /** Adds or replaces the subscription of a session to the same filter; tells whether it is new. */
    boolean add(Session session, Subscription subscription) {
        var node = root;
        for (var level : Topics.levels(subscription.filter())) {
            node = node.children.computeIfAbsent(level, key -> new Node());
        }
        var added = node.subscriptions.put(session, subscription) == null;
        size += added ? 1 : 0;
        return added;
    }

    /** Removes it, and the levels nobody needs any more; tells whether it was there. */
    boolean remove(Session session, String filter) {
        var removed = remove(root, Topics.levels(filter), 0, session);
        size -= removed ? 1 : 0;
        return removed;
    }

    int size() {
        return size;
    }

    private static boolean remove(Node node, String[] levels, int depth, Session session) {
        if (depth == levels.length) {
            return node.subscriptions.remove(session) != null;
        }
        var child = node.children.get(levels[depth]);
        if (child == null) {
            return false;
        }
        var removed = remove(child, levels, depth + 1, session);
        if (child.children.isEmpty() && child.subscriptions.isEmpty()) {
            node.children.remove(levels[depth]);
        }
        return removed;
    }

    /** Every matching subscription of every session. */
    Map<Session, List<Subscription>> matches(String topic) {
        var found = new LinkedHashMap<Session, List<Subscription>>();
        BiConsumer<Session, Subscription> collect = (session, subscription) ->
                found.computeIfAbsent(session, key -> new ArrayList<>(1)).add(subscription);
        collect(root, Topics.levels(topic), 0, topic.startsWith("$"), collect);
        return found;
    }

    private static void collect(
            Node node, String[] levels, int depth, boolean reserved, BiConsumer<Session, Subscription> collect) {
        var wildcards = !(reserved && depth == 0);
        if (wildcards) {
            // "a/#" matches "a" too (4.7.1-2): looked at on the level itself and past the last.
            all(node.children.get("#"), collect);
        }
        if (depth == levels.length) {
            node.subscriptions.forEach(collect);
            return;
        }
        var exact = node.children.get(levels[depth]);
        if (exact != null) {
            collect(exact, levels, depth + 1, reserved, collect);
        }
        var any = wildcards ? node.children.get("+") : null;
        if (any != null) {
            collect(any, levels, depth + 1, reserved, collect);
        }
    }

    private static void all(@Nullable Node node, BiConsumer<Session, Subscription> collect) {
        if (node != null) {
            node.subscriptions.forEach(collect);
        }
    }
}
