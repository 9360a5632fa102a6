package io.havoq.recovery;

import io.havoq.ledger.LedgerViolation;
import io.havoq.report.ExperimentResult.Check;
import java.util.List;

/**
 * What a probe found: lines for the recovery checklist, and the invariants that are broken, each with its first offenders.
 */
public record CheckResult(List<Check> checks, List<LedgerViolation> violations) {
    /** Copies the collections. */
    public CheckResult {
        checks = List.copyOf(checks);
        violations = List.copyOf(violations);
    }

    /** What could not be looked at is not in order: lines without a violation become {@code NOT_CHECKED}. */
    static List<Check> unlessUnreachable(List<Check> checks, Offenders unreachable) {
        return unreachable.none()
                ? checks
                : checks.stream()
                        .map(check -> check.state() == Check.State.OK
                                ? new Check(
                                        check.level(),
                                        check.name(),
                                        Check.State.NOT_CHECKED,
                                        "not everything could be looked at, see below")
                                : check)
                        .toList();
    }
}
