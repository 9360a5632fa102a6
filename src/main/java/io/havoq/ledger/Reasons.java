package io.havoq.ledger;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts why messages were refused or their outcome stayed unknown; bounded in distinct reasons. Thread-safe. */
final class Reasons {
    private static final int DISTINCT = 20;

    private final Map<String, Long> counts = new LinkedHashMap<>();

    synchronized void count(Outcome outcome, int qos, String reason) {
        var word = outcome == Outcome.REFUSED ? "refused" : "outcome unknown";
        var key = word + " at QoS " + qos + ": " + reason;
        counts.merge(
                counts.size() < DISTINCT || counts.containsKey(key) ? key : word + ": other reasons", 1L, Long::sum);
    }

    synchronized List<String> lines() {
        var lines = new ArrayList<String>();
        counts.forEach((reason, count) -> lines.add(count + " " + reason));
        return lines;
    }
}
