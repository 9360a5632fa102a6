package io.havoq.broker.reference;

/** The rules on topic names and filters (MQTT 5.0 and 3.1.1, section 4.7). */
final class Topics {
    private Topics() {}

    /** A name to publish to: not empty, no wildcard, no null character. */
    static boolean validName(String name) {
        return !name.isEmpty() && name.indexOf('+') < 0 && name.indexOf('#') < 0 && name.indexOf(0) < 0;
    }

    /** A filter to subscribe to: '#' alone in the last level, '+' alone in its level. */
    static boolean validFilter(String filter) {
        if (filter.isEmpty() || filter.indexOf(0) >= 0) {
            return false;
        }
        var levels = levels(filter);
        for (var i = 0; i < levels.length; i++) {
            var level = levels[i];
            if (level.indexOf('#') >= 0 && !(level.equals("#") && i == levels.length - 1)) {
                return false;
            }
            if (level.indexOf('+') >= 0 && !level.equals("+")) {
                return false;
            }
        }
        return true;
    }

    /** A shared subscription, which this broker does not offer. */
    static boolean shared(String filter) {
        return filter.startsWith("$share/");
    }

    static boolean matches(String filter, String name) {
        var wanted = levels(filter);
        var given = levels(name);
        // A wildcard in the first level does not match $SYS and the like (4.7.2-1).
        if (name.startsWith("$") && (wanted[0].equals("#") || wanted[0].equals("+"))) {
            return false;
        }
        for (var i = 0; i < wanted.length; i++) {
            if (wanted[i].equals("#")) {
                return true;
            }
            if (i >= given.length || !(wanted[i].equals("+") || wanted[i].equals(given[i]))) {
                return false;
            }
        }
        return wanted.length == given.length;
    }

    static String[] levels(String topic) {
        return topic.split("/", -1);
    }
}
