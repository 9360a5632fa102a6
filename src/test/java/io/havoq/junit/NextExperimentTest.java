package io.havoq.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Invariant;
import io.havoq.Tolerates;
import io.havoq.junit.HavoqExtensionTest.Passing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an experiment leaves for the next one: the cluster as it is, a new one, or none that could be used. */
class NextExperimentTest {
    private static final String KILL = "chaos/01-pod-kill.yaml";

    @Test
    void aClusterThatDidNotRecoverIsRebuilt() {
        var run = ExtensionRun.of(Repeated.class, "never-recovers");
        assertThat(run.diary()).contains("rebuild");
        assertThat(run.said()).contains("the cluster did not recover and is rebuilt");
    }

    @ChaosExperiment(KILL)
    static class Repeated {
        @RepeatedTest(2)
        void twice() {}

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void each(int number) {
            assertThat(number).isPositive();
        }
    }

    @Test
    void aClusterThatWentAwayIsRebuilt() {
        assertThat(ExtensionRun.of(Passing.class, "cluster-goes").diary()).contains("rebuild");
    }

    @Test
    void aClusterThatDidNotRecoverIsRebuiltEvenIfThatIsTolerated() {
        var run = ExtensionRun.of(Patient.class, "never-recovers");
        assertThat(run.verdicts()).containsExactly("Patient.body=passed");
        assertThat(run.diary()).contains("rebuild");
    }

    @ChaosExperiment(KILL)
    @Tolerates(value = Invariant.RECOVERY_TIME, because = "an operator repairs it by hand")
    @Tolerates(value = Invariant.AVAILABILITY, because = "an operator repairs it by hand")
    static class Patient {
        @Test
        void body() {}
    }

    @ParameterizedTest
    @CsvSource({"never-recovers,failed", "no-effect,inconclusive", "no-evidence,inconclusive"})
    void whereNobodyRebuildsASteadyClusterIsUsedByTheNextExperiment(String plot, String verdict) {
        var run = ExtensionRun.of(Repeated.class, plot, "no-rebuild");
        assertThat(run.verdicts()).hasSize(4).allMatch(each -> each.endsWith("=" + verdict));
        assertThat(run.diary()).doesNotContain("rebuild");
        assertThat(run.diary().stream().filter(entry -> entry.startsWith("inject")))
                .hasSize(4);
        assertThat(run.said()).doesNotContain("is rebuilt").doesNotContain("the run has ended");
    }

    @ParameterizedTest
    @CsvSource({"not-steady-again,no client could connect", "never-ready-again,emqx-go-0 (Running)"})
    void whereNobodyRebuildsAClusterThatIsNotSteadyAgainEndsTheRun(String plot, String reason) {
        var run = ExtensionRun.of(Repeated.class, "never-recovers", "no-rebuild", plot);
        assertThat(run.verdicts().stream().map(verdict -> verdict.replaceFirst(".*=", "")))
                .containsExactly("failed", "inconclusive", "inconclusive", "inconclusive");
        assertThat(run.diary().stream().filter(entry -> entry.startsWith("inject")))
                .hasSize(1);
        assertThat(run.diary()).doesNotContain("rebuild");
        assertThat(run.said())
                .doesNotContain("is rebuilt")
                .contains("not steady again after Repeated")
                .contains(reason);
        assertThat(run.diary().stream().filter("load"::equals)).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void whereNobodyRebuildsWhatIsLeftOfAFaultKeepsTheNextExperimentFromBeginning() {
        var run = ExtensionRun.of(Repeated.class, "never-gone", "no-rebuild");
        assertThat(run.verdicts()).hasSize(4).allMatch(verdict -> verdict.endsWith("=inconclusive"));
        assertThat(run.diary().stream().filter(entry -> entry.startsWith("inject")))
                .hasSize(1);
        assertThat(run.said()).contains("not steady again after Repeated").contains("a rule is left");
    }

    /** An experiment whose set-up throws never asks whether anything of the one before it is left. */
    @Test
    void whatIsLeftOfAFaultIsNotForgottenOverAnExperimentThatNeverBegan() {
        SetUpThrowsOnce.runs = 0;
        var run = ExtensionRun.of(SetUpThrowsOnce.class, "never-gone", "no-rebuild");
        assertThat(run.verdicts()).hasSize(4).allMatch(verdict -> verdict.endsWith("=inconclusive"));
        assertThat(run.diary().stream().filter(entry -> entry.startsWith("inject")))
                .hasSize(1);
        assertThat(run.said()).contains("not steady again after SetUpThrowsOnce");
    }

    @ChaosExperiment(KILL)
    static class SetUpThrowsOnce {
        static int runs;

        @BeforeEach
        void setUp() {
            if (runs++ == 1) {
                throw new IllegalStateException("a set-up of the user's");
            }
        }

        @RepeatedTest(4)
        void body() {}
    }

    @Test
    void whereNobodyRebuildsWhatAFailedInjectionLeftKeepsTheNextExperimentFromBeginning() {
        var run = ExtensionRun.of(Repeated.class, "inject-leaves-something", "no-rebuild");
        assertThat(run.verdicts()).hasSize(4).allMatch(verdict -> verdict.endsWith("=inconclusive"));
        assertThat(run.said()).contains("not steady again after Repeated").contains("it is left in the cluster");
        assertThat(run.diary().stream().filter("load"::equals)).hasSize(1);
    }

    /** It was removed at once, but on some target it may act still. */
    @Test
    void whatAnInjectionThatFailedInPartLeftIsWaitedFor() {
        var left = ExtensionRun.of(Repeated.class, "inject-fails-in-part", "never-gone", "no-rebuild");
        assertThat(left.diary().stream().filter(entry -> entry.startsWith("inject")))
                .hasSize(1);
        assertThat(left.said()).contains("not steady again after Repeated").contains("which failed: a rule is left");
        var gone = ExtensionRun.of(Repeated.class, "inject-fails-in-part", "no-rebuild");
        assertThat(gone.verdicts()).hasSize(4).allMatch(verdict -> verdict.endsWith("=inconclusive"));
        assertThat(gone.said())
                .doesNotContain("not steady again")
                .contains("removed nothing of the fault is left, which was not injected as planned");
    }

    @Test
    void aFaultThatWasNotInjectedIsNotSaidToBeGone() {
        assertThat(ExtensionRun.of(Passing.class, "inject-fails").said())
                .contains("removed nothing: no fault was injected")
                .doesNotContain("nothing of the fault is left");
    }

    @Test
    void aTimeOutWhileTheClusterIsWaitedForDoesNotEndTheRun() {
        var run = ExtensionRun.of(InterruptedOnce.class, "never-recovers", "no-rebuild", "interrupted-again");
        assertThat(run.diary().stream().filter(entry -> entry.startsWith("inject")))
                .hasSize(2);
        assertThat(run.said()).doesNotContain("the run has ended");
    }

    @ChaosExperiment(KILL)
    static class InterruptedOnce {
        @RepeatedTest(3)
        void body() {}

        @AfterEach
        void goOn() {
            var unused = Thread.interrupted();
        }
    }
}
