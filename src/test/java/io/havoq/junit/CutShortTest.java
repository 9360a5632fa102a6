package io.havoq.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Experiment;
import io.havoq.Workload;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a time-out or a failure cut short in the test's body is made up for at the end, and is never taken for lost. */
class CutShortTest {
    private static final String KILL = "chaos/01-pod-kill.yaml";

    @Test
    void aTimeOutIsInconclusiveAndRemovalRunsWithoutTheInterrupt() {
        var run = ExtensionRun.of(TooSlow.class);
        assertThat(run.verdicts()).containsExactly("TooSlow.body=inconclusive");
        assertThat(run.diary()).contains("remove", "drain", "clean-up");
        assertThat(run.diary()).noneMatch(entry -> entry.contains("interrupted"));
    }

    @ChaosExperiment(KILL)
    static class TooSlow {
        @Test
        @Timeout(value = 200, unit = TimeUnit.MILLISECONDS)
        void body() throws InterruptedException {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw e;
            }
        }
    }

    @Test
    void whatATimeOutCutShortInTheBodyIsDoneAtTheEnd() {
        var run = ExtensionRun.of(TooSlowToRecover.class, "recovery-hangs-once");
        assertThat(run.verdicts()).containsExactly("TooSlowToRecover.body=inconclusive");
        assertThat(run.diary()).containsSubsequence("remove", "recovery", "recovery", "drain", "judge", "clean-up");
        assertThat(run.diary()).doesNotContain("rebuild").noneMatch(entry -> entry.contains("interrupted"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"drain-hangs-once,one-is-late", "drain-hangs,one-is-late"})
    void whatWasNotWaitedForIsNotLost(String plot) {
        var run = ExtensionRun.of(Draining.class, plot.split(","));
        assertThat(run.verdicts()).containsExactly("Draining.body=inconclusive");
        assertThat(run.diary()).containsSubsequence("drain", "drain");
    }

    @ChaosExperiment(KILL)
    static class Draining {
        @Test
        void body(Experiment experiment, Workload workload) {
            experiment.recover();
            assertThat(workload.ledger().outstanding()).isZero();
        }
    }

    @Test
    void aRemovalThatFailedInTheBodyIsTriedAgainAtTheEnd() {
        var run = ExtensionRun.of(TooSlowToRecover.class, "remove-fails-once");
        assertThat(run.diary()).containsSubsequence("remove", "remove", "recovery", "judge");
        assertThat(run.verdicts()).containsExactly("TooSlowToRecover.body=inconclusive");
    }

    @ChaosExperiment(KILL)
    static class TooSlowToRecover {
        @Test
        @Timeout(value = 500, unit = TimeUnit.MILLISECONDS)
        void body(Experiment experiment) {
            experiment.recover();
        }
    }
}
