package io.havoq.experiment;

import io.havoq.Level;
import io.havoq.Verdict;
import java.util.List;

/**
 * Turns findings into a verdict: failed before inconclusive before unsupported before passed. A violation counts as failed
 * only if the check that saw it was itself valid: without proof that the fault acted, only what is self-evident is.
 */
final class VerdictRule {
    private VerdictRule() {}

    /** @param acted whether the fault demonstrably acted; true for a baseline */
    static Verdict of(List<Finding> findings, boolean acted) {
        var verdict = Verdict.PASSED;
        for (var finding : findings) {
            var own = of(finding, acted);
            if (own.compareTo(verdict) < 0) {
                verdict = own;
            }
        }
        return verdict;
    }

    /** What one finding alone amounts to. */
    static Verdict of(Finding finding, boolean acted) {
        if (finding instanceof Finding.Violated violated) {
            if (violated.level() == Level.SHOULD) {
                return Verdict.PASSED;
            }
            return acted || violated.selfEvident() ? Verdict.FAILED : Verdict.INCONCLUSIVE;
        }
        return finding instanceof Finding.Unproven ? Verdict.INCONCLUSIVE : Verdict.UNSUPPORTED;
    }
}
