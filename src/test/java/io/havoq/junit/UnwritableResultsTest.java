package io.havoq.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.junit.ExtensionRun.Seen;
import io.havoq.junit.HavoqExtensionTest.Passing;
import java.io.IOException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Results that cannot be written are red, before the experiment or after it. */
class UnwritableResultsTest {
    private static final String KILL = "chaos/01-pod-kill.yaml";

    @Test
    void resultsThatCannotBeWrittenStopTheExperimentBeforeItBegins() {
        var run = ExtensionRun.into("pom.xml/results", Passing.class);
        var test = "passes(Experiment, Cluster, Workload)";
        assertThat(run.seen(test)).isEqualTo(Seen.FAILED);
        assertThat(run.thrown(test)).hasMessageContaining("results").hasMessageContaining("pom.xml");
        assertThat(run.diary()).noneMatch(entry -> entry.startsWith("inject"));
    }

    @Test
    void resultsThatCannotBeWrittenInTheEndAreNoSilentPass() {
        var run = ExtensionRun.of(LosesItsResults.class);
        assertThat(run.seen("repetition 1 of 2")).isEqualTo(Seen.SUCCESSFUL);
        assertThat(run.seen("repetition 2 of 2")).isEqualTo(Seen.FAILED);
        assertThat(run.engineFailure()).hasStackTraceContaining("cannot be written");
    }

    @ChaosExperiment(KILL)
    static class LosesItsResults {
        @RepeatedTest(2)
        void body() throws IOException {
            ExtensionRun.replaceResultsByAFile();
        }
    }
}
