package io.havoq.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.InconclusiveException;
import io.havoq.Invariant;
import io.havoq.Level;
import io.havoq.Verdict;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class VerdictRuleTest {
    private final Findings findings = new Findings(Map.of(), false);

    @Test
    void nothingFoundIsPassed() {
        assertThat(verdict(true)).isEqualTo(Verdict.PASSED);
    }

    @Test
    void aBrokenMustFails() {
        findings.violated(Invariant.RECOVERY_TIME, Level.MUST, "31 s");
        assertThat(verdict(true)).isEqualTo(Verdict.FAILED);
    }

    @Test
    void aBrokenMustWithoutProofThatTheFaultActedIsInconclusive() {
        findings.violated(Invariant.RECOVERY_TIME, Level.MUST, "31 s");
        assertThat(verdict(false)).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void whatTheLedgerEstablishesFailsEvenWithoutProofThatTheFaultActed() {
        findings.ledgerViolated(Invariant.QOS1_LOSS, Level.MUST, "1 lost");
        assertThat(verdict(false)).isEqualTo(Verdict.FAILED);
    }

    @Test
    void aFailedAssertionOfTheBodyWithoutProofIsInconclusive() {
        findings.bodyFailed(new AssertionError("survivors do not serve"));
        assertThat(verdict(false)).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(true)).isEqualTo(Verdict.FAILED);
    }

    @Test
    void failedGoesBeforeInconclusiveAndThatBeforeUnsupported() {
        findings.cannotDo("no namespaces", "enable them");
        assertThat(verdict(true)).isEqualTo(Verdict.UNSUPPORTED);
        findings.unproven("no load");
        assertThat(verdict(true)).isEqualTo(Verdict.INCONCLUSIVE);
        findings.violated(Invariant.ORDER, Level.MUST, "2 before 1");
        assertThat(verdict(true)).isEqualTo(Verdict.FAILED);
    }

    @Test
    void aBrokenShouldOnlyWarnsUnlessStrict() {
        findings.violated(Invariant.RECOVERY_TIME, Level.SHOULD, "12 s");
        assertThat(verdict(true)).isEqualTo(Verdict.PASSED);
        var strict = new Findings(Map.of(), true);
        strict.violated(Invariant.RECOVERY_TIME, Level.SHOULD, "12 s");
        assertThat(VerdictRule.of(strict.all(), true)).isEqualTo(Verdict.FAILED);
    }

    @Test
    void whatIsToleratedWarnsWithItsReasonEvenWhenStrict() {
        var tolerant = new Findings(Map.of(Invariant.ORDER, "the broker promises none"), true);
        tolerant.ledgerViolated(Invariant.ORDER, Level.MUST, "2 before 1");
        assertThat(VerdictRule.of(tolerant.all(), true)).isEqualTo(Verdict.PASSED);
        assertThat(tolerant.all().get(0).message()).contains("2 before 1", "the broker promises none");
    }

    @Test
    void jUnitSeesTheSameVerdict() {
        findings.unproven("no load");
        assertThat(thrown(Verdict.INCONCLUSIVE, false)).isInstanceOf(InconclusiveException.class);
        assertThat(thrown(Verdict.FAILED, false)).isInstanceOf(AssertionFailedError.class);
        assertThat(thrown(Verdict.UNSUPPORTED, false)).isInstanceOf(TestAbortedException.class);
        assertThat(thrown(Verdict.UNSUPPORTED, true)).isInstanceOf(InconclusiveException.class);
        assertThat(VerdictThrowable.of(Verdict.PASSED, findings.all(), true, true))
                .isEmpty();
    }

    @Test
    void allProblemsAreReportedTogetherTheDecidingOnesFirst() {
        findings.unproven("no proof", new IllegalStateException("probe broke"));
        findings.violated(Invariant.QOS1_LOSS, Level.MUST, "3 lost");
        var thrown = thrown(verdict(true), false);
        assertThat(thrown.getMessage()).containsSubsequence("failed:", "3 lost", "no proof");
        assertThat(thrown.getSuppressed()).hasSize(1);
    }

    private Throwable thrown(Verdict verdict, boolean unsupportedFails) {
        return VerdictThrowable.of(verdict, findings.all(), true, unsupportedFails)
                .orElseThrow();
    }

    private Verdict verdict(boolean acted) {
        return VerdictRule.of(findings.all(), acted);
    }
}
