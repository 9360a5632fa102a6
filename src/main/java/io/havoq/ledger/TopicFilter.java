package io.havoq.ledger;

/**
 * A subscription's topic filter with MQTT's wildcards (MQTT 5.0 and 3.1.1, 4.7). Immutable. Shared subscriptions are
 * refused: they are exempt from order and may be served by any member, so this ledger cannot judge them.
 */
final class TopicFilter {
    private final String filter;
    private final String[] levels;
    private final boolean wild;

    TopicFilter(String filter) {
        this.filter = filter;
        levels = levels(filter);
        wild = filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0;
        if (filter.isEmpty()) {
            throw new IllegalArgumentException("the topic filter is empty; expected at least one character");
        }
        if (filter.startsWith("$share/")) {
            throw new IllegalArgumentException("topic filter '" + filter
                    + "' is a shared subscription, which the ledger cannot judge; subscribe without $share");
        }
        for (var i = 0; i < levels.length; i++) {
            var level = levels[i];
            var wildcard = level.indexOf('+') >= 0 || level.indexOf('#') >= 0;
            if ((wildcard && level.length() > 1) || (level.equals("#") && i < levels.length - 1)) {
                throw new IllegalArgumentException("topic filter '" + filter
                        + "' is invalid; expected '+' to fill a whole level and '#' only as the whole last level");
            }
        }
    }

    boolean matches(String topic) {
        if (!wild) {
            return filter.equals(topic);
        }
        // A leading wildcard does not match a topic that begins with $ (MQTT 5.0, 4.7.2-1).
        if (topic.startsWith("$") && (levels[0].equals("+") || levels[0].equals("#"))) {
            return false;
        }
        var names = levels(topic);
        for (var i = 0; i < levels.length; i++) {
            if (levels[i].equals("#")) {
                return true; // also the parent level itself: "a/#" matches "a"
            }
            if (i >= names.length || (!levels[i].equals("+") && !levels[i].equals(names[i]))) {
                return false;
            }
            if (i == names.length - 1 && i == levels.length - 2 && levels[i + 1].equals("#")) {
                return true;
            }
        }
        return names.length == levels.length;
    }

    private static String[] levels(String topic) {
        return topic.split("/", -1);
    }

    @Override
    public String toString() {
        return filter;
    }
}
