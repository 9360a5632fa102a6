package io.havoq.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import org.junit.jupiter.api.Test;

/** The order in which an experiment of several faults does things, on a scripted environment. */
class SeveralFaultsTest {
    private static final String CUT = "inject emqx-go-0 towards [emqx-go-2]";
    private static final String SLOW = "inject emqx-go-0 towards [emqx-go-1, emqx-go-2]";

    @ChaosExperiment({"experiments/partition.yaml", "experiments/delay.yaml"})
    static class Both {
        @Test
        void body() {
            ExtensionRun.note("body");
        }
    }

    @Test
    void allArePreparedBeforeTheFirstIsInjected() {
        var run = ExtensionRun.withSetting(Both.class, "havoq.local.max-duration", "50ms", "tells-what-is-prepared");
        assertThat(run.verdicts()).containsExactly("Both.body=passed");
        assertThat(run.diary()).containsSubsequence("prepare 1", "prepare 2", CUT, "after 1", SLOW, "body", "remove");
    }

    /** The second's effect could be taken for the first's. */
    @Test
    void theNextIsNotInjectedBeforeTheOneBeforeWasSeenToAct() {
        var run = ExtensionRun.of(Both.class, "no-effect");
        assertThat(run.verdicts()).containsExactly("Both.body=inconclusive");
        assertThat(run.diary()).containsSubsequence(CUT, "remove").doesNotContain(SLOW, "body");
        assertThat(run.experiment().toString()).contains("no proof within");
    }

    @Test
    void allAreInForceTogetherForTheWholeTime() {
        var run = ExtensionRun.withSetting(Both.class, "havoq.local.max-duration", "500ms", "acts-after-300ms");
        assertThat(run.verdicts()).containsExactly("Both.body=passed");
        assertThat(run.experiment().path("injection").path("heldMillis").asLong())
                .isBetween(500L, 5_000L);
    }
}
