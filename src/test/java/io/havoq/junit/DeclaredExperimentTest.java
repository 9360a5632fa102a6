package io.havoq.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Experiment;
import io.havoq.Invariant;
import io.havoq.RecoveryObjective;
import io.havoq.Tolerates;
import io.havoq.junit.ExtensionRun.Seen;
import io.havoq.junit.HavoqExtensionTest.Passing;
import io.havoq.junit.NextExperimentTest.Repeated;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the annotations say is what is done: which fault, to whom, under which id; a wrong declaration is refused. */
class DeclaredExperimentTest {
    private static final String KILL = "chaos/01-pod-kill.yaml";

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

    @Test
    void aRerunOfWhatDidNotPassIsRefusedAndTheFirstResultStays() {
        var first = ExtensionRun.of(Passing.class, "loses-one");
        var second = first.again(Passing.class);
        assertThat(second.verdicts()).containsExactly("Passing.passes=failed", "Passing.passes~2=inconclusive");
        assertThat(second.thrown("passes(Experiment, Cluster, Workload)")).hasMessageContaining("rerun is refused");
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
}
