package io.havoq.ledger;

import java.util.List;
import java.util.Map;

/**
 * The ledger's judgement at one moment.
 *
 * @param byQos counts by published QoS, keys 0, 1 and 2 always present
 * @param violations broken invariants, most serious first; empty if none
 * @param warnings what is not a violation and worth knowing: QoS granted lower than asked, conflicts, foreign messages
 */
public record Judgement(Map<Integer, QosCounts> byQos, List<LedgerViolation> violations, List<String> warnings) {
    /** Copies the collections. */
    public Judgement {
        byQos = Map.copyOf(byQos);
        violations = List.copyOf(violations);
        warnings = List.copyOf(warnings);
    }
}
