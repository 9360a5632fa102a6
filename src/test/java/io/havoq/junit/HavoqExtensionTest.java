package io.havoq.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.InconclusiveException;
import io.havoq.Invariant;
import io.havoq.RecoveryObjective;
import io.havoq.Tolerates;
import io.havoq.Victim;
import io.havoq.Workload;
import io.havoq.environment.Role;
import io.havoq.junit.ExtensionRun.Seen;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    void theNearestAnnotationWinsAndNestedClassesInherit() {
        var run = ExtensionRun.of(Outer.class);
        assertThat(run.verdicts())
                .containsExactlyInAnyOrder(
                        "Outer.Inner.inherits=passed", "Outer.Inner.ownBaseline=passed", "Outer.Meta.isMeta=passed");
        assertThat(run.diary().stream().filter(entry -> entry.startsWith("inject")))
                .hasSize(2);
    }

    @ChaosExperiment(KILL)
    static class Outer {
        @Nested
        class Inner {
            @Test
            void inherits(Experiment experiment) {
                assertThat(experiment.targets()).hasSize(1);
            }

            @Test
            @ChaosExperiment({})
            void ownBaseline(Experiment experiment) {
                assertThat(experiment.targets()).isEmpty();
            }
        }

        @Nested
        @KillsOne
        class Meta {
            @Test
            void isMeta(Experiment experiment) {
                assertThat(experiment.targets()).hasSize(1);
            }
        }
    }

    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @ChaosExperiment(KILL)
    @interface KillsOne {}

    @Test
    void everyInvocationIsAnInjectionWithAnIdOfItsOwn() {
        var run = ExtensionRun.of(Repeated.class);
        assertThat(run.verdicts())
                .containsExactlyInAnyOrder(
                        "Repeated.twice#1=passed",
                        "Repeated.twice#2=passed",
                        "Repeated.each#1=passed",
                        "Repeated.each#2=passed");
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
    void aRerunOfWhatDidNotPassIsRefusedAndTheFirstResultStays() {
        var first = ExtensionRun.of(Passing.class, "loses-one");
        var second = first.again(Passing.class);
        assertThat(second.verdicts()).containsExactly("Passing.passes=failed", "Passing.passes~2=inconclusive");
        assertThat(second.thrown("passes(Experiment, Cluster, Workload)")).hasMessageContaining("rerun is refused");
    }

    @Test
    void aClusterThatDidNotRecoverIsRebuilt() {
        var run = ExtensionRun.of(Repeated.class, "never-recovers");
        assertThat(run.diary()).contains("rebuild");
        assertThat(run.said()).contains("the cluster did not recover and is rebuilt");
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

    @ParameterizedTest
    @ValueSource(
            classes = {Factory.class, NoSuchManifest.class, BlankManifest.class, BadObjective.class, NoReason.class})
    void aWrongDeclarationIsRefusedBeforeAnythingIsInjected(Class<?> fixture) {
        var run = ExtensionRun.of(fixture);
        assertThat(run.seen("body()")).isEqualTo(Seen.FAILED);
        assertThat(run.diary()).noneMatch(entry -> entry.startsWith("inject"));
    }

    @ChaosExperiment(KILL)
    static class Factory {
        @TestFactory
        List<DynamicTest> body() {
            return List.of(DynamicTest.dynamicTest("one", () -> {}));
        }
    }

    @ChaosExperiment("chaos/no-such.yaml")
    static class NoSuchManifest {
        @Test
        void body() {}
    }

    @ChaosExperiment(" ")
    static class BlankManifest {
        @Test
        void body() {}
    }

    @ChaosExperiment(KILL)
    @RecoveryObjective(target = "30s", acceptable = "10s")
    static class BadObjective {
        @Test
        void body() {}
    }

    @ChaosExperiment(KILL)
    @Tolerates(value = Invariant.ORDER, because = " ")
    static class NoReason {
        @Test
        void body() {}
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

    @Test
    void aTearDownThatBreaksAfterAnUnsupportedExperimentIsInTheResultToo() {
        var run = ExtensionRun.of(BrokenTearDown.class, "unsupported");
        assertThat(run.seen("body()")).isEqualTo(Seen.FAILED);
        assertThat(run.verdicts()).containsExactly("BrokenTearDown.body=inconclusive");
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

    @Test
    void theVictimHasItsRoleWhenTheFaultIsInjected() {
        assertThat(ExtensionRun.of(Passing.class, "leader-moves").diary())
                .contains("inject emqx-go-2")
                .doesNotContain("inject emqx-go-1");
    }

    @Test
    void aRoleThatNoNodeHasIsInconclusiveUnlessTheBrokerTellsNoRoles() {
        var none = ExtensionRun.of(Passing.class, "no-leader");
        assertThat(none.verdicts()).containsExactly("Passing.passes=inconclusive");
        assertThat(none.diary()).noneMatch(entry -> entry.startsWith("inject"));
        assertThat(ExtensionRun.of(Passing.class, "no-roles").verdicts()).containsExactly("Passing.passes=passed");
    }

    @Test
    void rolesThatWereToldAndAreNotToldAnyMoreAreNoReasonToHitAnybody() {
        var gone = ExtensionRun.of(Passing.class, "roles-go");
        assertThat(gone.verdicts()).containsExactly("Passing.passes=inconclusive");
        assertThat(gone.diary()).noneMatch(entry -> entry.startsWith("inject"));
    }

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
