package io.havoq.experiment;

import io.havoq.Invariant;
import io.havoq.Level;
import io.havoq.ledger.LedgerViolation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Collects what an experiment finds, in the order in which it is found. Thread-safe. */
final class Findings {
    private final List<Finding> all = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<Invariant, String> tolerated;
    private final boolean strict;
    private int beforeRemoval = Integer.MAX_VALUE;

    /**
     * @param tolerated invariants that may be broken, each with the reason
     * @param strict whether a SHOULD counts as a MUST
     */
    Findings(Map<Invariant, String> tolerated, boolean strict) {
        this.tolerated = Map.copyOf(tolerated);
        this.strict = strict;
    }

    /** An invariant is broken, as the ledger itself establishes. */
    void ledgerViolated(Invariant invariant, Level level, String message) {
        violated(invariant, level, message, true);
    }

    /** An invariant is broken: what the ledger or its like establishes is self-evident, what the checklist saw is not. */
    void violated(LedgerViolation violation) {
        violated(
                violation.invariant(),
                Level.MUST,
                violation.count() + " x " + violation.invariant().word() + ", first: "
                        + String.join(" | ", violation.first()),
                violation.invariant() != Invariant.CHECKLIST);
    }

    /** An invariant is broken, as a check saw it while the fault demonstrably acted. */
    void violated(Invariant invariant, Level level, String message) {
        violated(invariant, level, message, false);
    }

    private void violated(Invariant invariant, Level level, String message, boolean selfEvident) {
        var reason = tolerated.get(invariant);
        if (reason != null) {
            add(new Finding.Violated(
                    invariant.word(),
                    Level.SHOULD,
                    message + " (tolerated because " + reason + ")",
                    selfEvident,
                    Optional.empty()));
        } else {
            add(new Finding.Violated(
                    invariant.word(), strict ? Level.MUST : level, message, selfEvident, Optional.empty()));
        }
    }

    /** An assertion that the test body states as a SHOULD failed. */
    void shouldFailed(String what, AssertionError error) {
        add(new Finding.Violated(
                "should",
                strict ? Level.MUST : Level.SHOULD,
                what + ": " + firstLine(error),
                false,
                Optional.of(error)));
    }

    /** Whether a violation of this level would fail the experiment: strictness and what is tolerated considered. */
    boolean wouldFail(Invariant invariant, Level level) {
        return !tolerated.containsKey(invariant) && (strict || level == Level.MUST);
    }

    /** An assertion of the test body failed. */
    void bodyFailed(AssertionError error) {
        add(new Finding.Violated("test-body", Level.MUST, firstLine(error), false, Optional.of(error)));
    }

    /** Something could not be shown. */
    void unproven(String message) {
        add(new Finding.Unproven(message, Optional.empty()));
    }

    /** Something could not be shown, because this was thrown. */
    void unproven(String doing, Throwable cause) {
        add(new Finding.Unproven(doing + ": " + firstLine(cause), Optional.of(cause)));
    }

    /** This environment cannot do it. */
    void cannotDo(String reason, String remedy) {
        add(new Finding.CannotDo(reason, remedy));
    }

    /** Worth knowing, and judged by no check. */
    synchronized void note(String text) {
        if (!notes.contains(text)) {
            notes.add(text);
        }
    }

    synchronized List<Finding> all() {
        return List.copyOf(all);
    }

    /** What is found from now on is found of a cluster that the fault is to have left. Only the first call counts. */
    synchronized void removalBegins() {
        beforeRemoval = Math.min(beforeRemoval, all.size());
    }

    /**
     * The findings if something of the fault was left: what checks saw after its removal may be its doing. What they saw before stands, and
     * what the ledger establishes does whenever it was.
     */
    synchronized List<Finding> withFaultLeft() {
        return IntStream.range(0, all.size())
                .mapToObj(at -> at < beforeRemoval ? all.get(at) : unblamed(all.get(at)))
                .toList();
    }

    private static Finding unblamed(Finding finding) {
        return finding instanceof Finding.Violated violated && violated.level() == Level.MUST && !violated.selfEvident()
                ? new Finding.Unproven(violated.check() + ": " + violated.message(), violated.cause())
                : finding;
    }

    synchronized List<String> notes() {
        return List.copyOf(notes);
    }

    private synchronized void add(Finding finding) {
        all.add(finding);
    }

    private static String firstLine(Throwable thrown) {
        var message = thrown.getMessage();
        var type = thrown.getClass().getSimpleName();
        return message == null || message.isBlank()
                ? type
                : thrown instanceof AssertionError ? message.strip() : type + ": " + message.strip();
    }
}
