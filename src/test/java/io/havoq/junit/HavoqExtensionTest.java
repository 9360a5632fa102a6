package io.havoq.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.InconclusiveException;
import io.havoq.Invariant;
import io.havoq.Tolerates;
import io.havoq.Victim;
import io.havoq.Workload;
import io.havoq.environment.Role;
import io.havoq.junit.ExtensionRun.Seen;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The extension as JUnit drives it, on small fixture classes and a scripted environment. */
class HavoqExtensionTest {
    private static final String KILL = "chaos/01-pod-kill.yaml";

    @Test
    void livesTheLifeOfAnExperimentInOrder() {
        var run = ExtensionRun.of(Passing.class);
        assertThat(run.verdicts()).containsExactly("Passing.passes=passed");
        assertThat(run.diary())
                .containsExactly(
                        "start",
                        "load",
                        "inject emqx-go-1",
                        "remove",
                        "recovery",
                        "drain",
                        "judge",
                        "clean-up",
                        "end of Passing.passes",
                        "close");
    }

    @ChaosExperiment(KILL)
    static class Passing {
        @Test
        @Victim(Role.LEADER)
        void passes(Experiment experiment, Cluster cluster, Workload workload) {
            assertThat(experiment.targets()).hasSize(1);
            assertThat(cluster.nodes()).hasSize(3);
            assertThat(workload.connectedTo("emqx-go-0")).isOne();
        }
    }

    @Test
    void injectsAfterTheUsersSetUpAndRemovesBeforeTheUsersTearDown() {
        var run = ExtensionRun.of(WithSetUp.class);
        assertThat(run.diary())
                .containsSubsequence("start", "user set-up", "inject emqx-go-1", "body", "remove", "user tear-down");
    }

    @ChaosExperiment(KILL)
    @Victim(Role.LEADER)
    static class WithSetUp {
        @BeforeEach
        void setUp() {
            ExtensionRun.note("user set-up");
        }

        @Test
        void body() {
            ExtensionRun.note("body");
        }

        @AfterEach
        void tearDown() {
            ExtensionRun.note("user tear-down");
        }
    }

    @Test
    void aFailedAssertionFailsAndTheRestStillHappens() {
        var run = ExtensionRun.of(FailingBody.class);
        assertThat(run.verdicts()).containsExactly("FailingBody.body=failed");
        assertThat(run.seen("body()")).isEqualTo(Seen.FAILED);
        assertThat(run.thrown("body()"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("survivors are silent");
        assertThat(run.diary()).containsSubsequence("inject emqx-go-1", "remove", "recovery", "judge", "clean-up");
    }

    @Test
    void aFailedAssertionWithoutProofThatTheFaultActedNeverRuns() {
        var run = ExtensionRun.of(FailingBody.class, "no-effect");
        assertThat(run.verdicts()).containsExactly("FailingBody.body=inconclusive");
        assertThat(run.thrown("body()"))
                .isInstanceOf(InconclusiveException.class)
                .hasMessageContaining("no proof");
        assertThat(run.diary()).containsSubsequence("inject emqx-go-1", "remove");
    }

    @Test
    void whatTheEnvironmentDoubtsIsInconclusive() {
        var run = ExtensionRun.of(Passing.class, "doubted");
        assertThat(run.verdicts()).containsExactly("Passing.passes=inconclusive");
        assertThat(run.thrown("passes(Experiment, Cluster, Workload)"))
                .hasMessageContaining("nobody can vouch for the fault")
                .hasMessageContaining("seen through a keyhole");
    }

    @Test
    void whatTheEnvironmentDoesNotAllowIsUnsupportedAndNothingIsInjected() {
        var run = ExtensionRun.of(Passing.class, "too-many");
        assertThat(run.verdicts()).containsExactly("Passing.passes=unsupported");
        assertThat(run.diary()).noneMatch(entry -> entry.startsWith("inject") || entry.equals("load"));
    }

    @Test
    void kubernetesWithoutAContextIsAClearErrorAndNotAPass() {
        var run = ExtensionRun.withSettings(
                Passing.class, Map.of("havoq.environment", "kubernetes", "havoq.kubeconfig", "/nonexistent"));
        assertThat(run.seen("passes(Experiment, Cluster, Workload)")).isEqualTo(Seen.FAILED);
        assertThat(run.thrown("passes(Experiment, Cluster, Workload)"))
                .hasMessageContaining("setting havoq.context: is not set")
                .hasMessageContaining("current context is never taken");
    }

    @ChaosExperiment(KILL)
    @Victim(Role.LEADER)
    static class FailingBody {
        @Test
        void body() {
            throw new AssertionError("survivors are silent");
        }
    }

    @Test
    void anErrorOfTheTestItselfIsInconclusive() {
        var run = ExtensionRun.of(BrokenBody.class);
        assertThat(run.verdicts()).containsExactly("BrokenBody.body=inconclusive");
        assertThat(run.thrown("body()"))
                .isInstanceOf(InconclusiveException.class)
                .hasMessageContaining("broken test");
    }

    @ChaosExperiment(KILL)
    static class BrokenBody {
        @Test
        void body() {
            throw new IllegalStateException("broken test");
        }
    }

    @Test
    void whatTheEnvironmentCannotDoAbortsTheTestOrFailsIt() {
        var aborted = ExtensionRun.of(Passing.class, "unsupported");
        assertThat(aborted.verdicts()).containsExactly("Passing.passes=unsupported");
        assertThat(aborted.seen("passes(Experiment, Cluster, Workload)")).isEqualTo(Seen.ABORTED);
        assertThat(aborted.diary()).noneMatch(entry -> entry.startsWith("inject"));

        var failed = ExtensionRun.withSetting(Passing.class, "havoq.unsupported", "fail", "unsupported");
        assertThat(failed.verdicts()).containsExactly("Passing.passes=unsupported");
        assertThat(failed.seen("passes(Experiment, Cluster, Workload)")).isEqualTo(Seen.FAILED);
    }

    @Test
    void aDryRunSaysWhatWouldBeHitAndDoesNothing() {
        var run = ExtensionRun.withSetting(Passing.class, "havoq.dry-run", "true");
        assertThat(run.verdicts()).containsExactly("Passing.passes=unsupported");
        assertThat(run.seen("passes(Experiment, Cluster, Workload)")).isEqualTo(Seen.ABORTED);
        assertThat(run.summary()).contains("PodChaos pod-kill on emqx-go-1");
        assertThat(run.diary()).doesNotContain("load").noneMatch(entry -> entry.startsWith("inject"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-cluster",
                "never-ready",
                "no-load",
                "inject-fails",
                "no-effect",
                "engine-word-only",
                "nothing-outstanding",
                "remove-fails",
                "never-gone",
                "no-evidence",
                "grants-qos-0",
                "checklist-breaks",
                "cluster-goes",
                "cluster-goes,loses-one",
                "clean-up-fails"
            })
    void whatDidNotDemonstrablyHappenIsInconclusive(String plot) {
        var run = ExtensionRun.of(Passing.class, plot.split(","));
        assertThat(run.verdicts()).containsExactly("Passing.passes=inconclusive");
        assertThat(run.seen("passes(Experiment, Cluster, Workload)")).isEqualTo(Seen.FAILED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "loses-one",
                "never-recovers",
                "loses-one,checklist-breaks",
                "loses-one,clean-up-fails",
                "never-recovers,clean-up-fails"
            })
    void aBrokenMustFailsWhateverElseWentWrong(String plot) {
        var run = ExtensionRun.of(Passing.class, plot.split(","));
        assertThat(run.verdicts()).containsExactly("Passing.passes=failed");
        assertThat(run.thrown("passes(Experiment, Cluster, Workload)")).isInstanceOf(AssertionError.class);
    }

    @Test
    void theLedgersOwnViolationFailsEvenWithoutProofThatTheFaultActed() {
        var run = ExtensionRun.of(Passing.class, "loses-one", "engine-word-only");
        assertThat(run.verdicts()).containsExactly("Passing.passes=failed");
    }

    @Test
    void whatIsToleratedByNameDoesNotFail() {
        var run = ExtensionRun.of(Tolerant.class, "loses-one");
        assertThat(run.verdicts()).containsExactly("Tolerant.body=passed");
        assertThat(run.summary()).contains("the broker promises none");
    }

    @ChaosExperiment(KILL)
    @Tolerates(value = Invariant.QOS1_LOSS, because = "the broker promises none")
    static class Tolerant {
        @Test
        void body() {}
    }

    @Test
    void duringDemandsThatTheFaultIsInForce() {
        var run = ExtensionRun.of(During.class, "ends-early");
        assertThat(run.verdicts()).containsExactly("During.body=inconclusive");
        assertThat(ExtensionRun.of(During.class).verdicts()).containsExactly("During.body=passed");
    }

    @ChaosExperiment(KILL)
    static class During {
        @Test
        void body(Experiment experiment) {
            experiment.during(() -> {});
        }
    }

    @Test
    void recoverIsIdempotentAndTheLedgerIsDrainedOnFirstUseAfterIt() {
        var run = ExtensionRun.of(Recovering.class);
        assertThat(run.verdicts()).containsExactly("Recovering.body=passed");
        assertThat(run.diary()).containsOnlyOnce("remove", "recovery", "drain");
        assertThat(run.diary()).containsSubsequence("remove", "recovery", "drain", "body ends", "judge");
    }

    @ChaosExperiment(KILL)
    static class Recovering {
        @Test
        void body(Experiment experiment, Workload workload) {
            assertThat(experiment.recover()).isEqualTo(experiment.recover());
            assertThat(workload.ledger().missing()).isZero();
            ExtensionRun.note("body ends");
        }
    }

    @Test
    void anAssumptionThatDoesNotHoldSkipsTheTestAfterRemoval() {
        var run = ExtensionRun.of(Assuming.class);
        assertThat(run.verdicts()).containsExactly("Assuming.body=unsupported");
        assertThat(run.seen("body()")).isEqualTo(Seen.ABORTED);
        assertThat(run.diary()).contains("remove");
    }

    @ChaosExperiment(KILL)
    static class Assuming {
        @Test
        void body() {
            Assumptions.assumeTrue(false, "not on Tuesdays");
        }
    }

    @Test
    void whatAnAfterEachThrowsIsInTheResultToo() {
        var run = ExtensionRun.of(BrokenTearDown.class);
        assertThat(run.verdicts()).containsExactly("BrokenTearDown.body=inconclusive");
        assertThat(run.seen("body()")).isEqualTo(Seen.FAILED);
    }

    @ChaosExperiment(KILL)
    static class BrokenTearDown {
        @Test
        void body() {}

        @AfterEach
        void tearDown() {
            throw new IllegalStateException("tear-down broke");
        }
    }

    @Test
    void aNodeThatEndsItselfWhileItIsAskedWhatTheFaultMetCountsAmongThoseCutOff() {
        var run = ExtensionRun.of(UnderStress.class, "ends-itself-late");
        assertThat(run.verdicts()).containsExactly("UnderStress.body=passed");
        assertThat(run.said()).contains("where it met 3 connected clients and 5 outstanding publishes");
    }

    @ChaosExperiment("chaos/05-memory-stress.yaml")
    static class UnderStress {
        @Test
        void body() {}
    }

    @ChaosExperiment(KILL)
    static class FailsUnderTheFault {
        @Test
        void body(Experiment experiment) {
            assertThat(experiment).isNull();
        }
    }

    @ChaosExperiment(KILL)
    static class FailsAfterTheFault {
        @Test
        void body(Experiment experiment) {
            experiment.recover();
            assertThat(experiment).isNull();
        }
    }

    @Test
    void whatIsNotSeenToRecoverFromAFaultThatIsLeftIsNotBlamedOnTheBroker() {
        assertThat(ExtensionRun.of(Passing.class, "never-recovers").verdicts())
                .containsExactly("Passing.passes=failed");
        assertThat(ExtensionRun.of(Passing.class, "never-recovers", "never-gone")
                        .verdicts())
                .containsExactly("Passing.passes=inconclusive");
        assertThat(ExtensionRun.of(Passing.class, "loses-one", "never-gone").verdicts())
                .containsExactly("Passing.passes=failed");
        assertThat(ExtensionRun.of(FailsUnderTheFault.class, "never-gone").verdicts())
                .as("what was seen before the removal stands")
                .containsExactly("FailsUnderTheFault.body=failed");
        assertThat(ExtensionRun.of(FailsAfterTheFault.class, "never-gone").verdicts())
                .containsExactly("FailsAfterTheFault.body=inconclusive");
        assertThat(ExtensionRun.of(FailsAfterTheFault.class).verdicts())
                .containsExactly("FailsAfterTheFault.body=failed");
        assertThat(ExtensionRun.of(Passing.class, "never-recovers", "node-not-back")
                        .verdicts())
                .as("a node that does not come back is its own failure")
                .containsExactly("Passing.passes=failed");
        assertThat(ExtensionRun.of(Passing.class, "never-recovers", "nobody-can-tell")
                        .verdicts())
                .as("nor is what nobody can tell from it")
                .containsExactly("Passing.passes=failed");
        var untold = ExtensionRun.of(Passing.class, "nobody-can-tell");
        assertThat(untold.verdicts()).containsExactly("Passing.passes=inconclusive");
        assertThat(untold.said())
                .contains("it cannot be told whether something of the fault is left on")
                .contains("its peer is silent");
    }

    @Test
    void theViewThatASetUpAskedForKnowsTheFaultLater() {
        assertThat(ExtensionRun.of(SeenInSetUp.class).verdicts()).containsExactly("SeenInSetUp.body=passed");
    }

    @ChaosExperiment(KILL)
    static class SeenInSetUp {
        @BeforeEach
        void setUp(Experiment experiment) {
            assertThat(experiment.targets()).isEmpty();
        }

        @Test
        void body(Experiment experiment) {
            assertThat(experiment.targets()).hasSize(1);
            experiment.during(() -> {});
        }
    }

    @Test
    void aTearDownThatBreaksAfterAnUnsupportedExperimentIsInTheResultToo() {
        var run = ExtensionRun.of(BrokenTearDown.class, "unsupported");
        assertThat(run.seen("body()")).isEqualTo(Seen.FAILED);
        assertThat(run.verdicts()).containsExactly("BrokenTearDown.body=inconclusive");
    }
}
