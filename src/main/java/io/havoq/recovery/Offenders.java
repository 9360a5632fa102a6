package io.havoq.recovery;

import io.havoq.Invariant;
import io.havoq.ledger.LedgerViolation;
import io.havoq.report.ExperimentResult.Check;
import java.util.ArrayList;
import java.util.List;

/** Collects what breaks one invariant: counts all, keeps the first ten for people. */
final class Offenders {
    private static final int KEPT = 10;

    private final Invariant invariant;
    private final List<String> first = new ArrayList<>();
    private long count;

    Offenders(Invariant invariant) {
        this.invariant = invariant;
    }

    void add(String offender) {
        add(1, offender);
    }

    void add(long messages, String offender) {
        count += messages;
        if (first.size() < KEPT) {
            first.add(offender);
        }
    }

    boolean none() {
        return count == 0;
    }

    List<LedgerViolation> violation() {
        return none() ? List.of() : List.of(new LedgerViolation(invariant, count, List.copyOf(first)));
    }

    /** A checklist line: in order with a summary, or violated with the first offenders. */
    Check check(String level, String name, String inOrder) {
        return none()
                ? new Check(level, name, Check.State.OK, inOrder)
                : new Check(level, name, Check.State.VIOLATED, count + ": " + String.join("; ", first));
    }
}
