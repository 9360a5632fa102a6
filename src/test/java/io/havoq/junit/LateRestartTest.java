package io.havoq.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Experiment;
import io.havoq.Victim;
import io.havoq.environment.Role;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a broker's recovery is charged with when something else kept its node down; objective of a container-kill: 5 s, 15 s acceptable. */
class LateRestartTest {
    private static final String CONTAINER_KILL = "chaos/10-container-kill.yaml";

    @Test
    void aTimeThatWasMissedOnlyBecauseTheNodeWasKeptDownIsInconclusive() {
        var run = ExtensionRun.of(Killing.class, "recovers-after-40s", "restarts-waited-30s");

        assertThat(run.verdicts()).containsExactly("Killing.body=inconclusive");
        assertThat(run.summary())
                .contains("cluster RTO 40s")
                .contains("was started again 30s after it had ended: the script says so");
    }

    @Test
    void aTimeThatWasMissedAnyhowFails() {
        var run = ExtensionRun.of(Killing.class, "recovers-after-40s", "restarts-waited-10s");

        assertThat(run.verdicts()).containsExactly("Killing.body=failed");
        assertThat(run.summary()).contains("without the time in which emqx-go-");
    }

    @Test
    void aTimeThatWasMissedByABrokerThatNobodyKeptDownFails() {
        assertThat(ExtensionRun.of(Killing.class, "recovers-after-40s").verdicts())
                .containsExactly("Killing.body=failed");
    }

    @Test
    void whatEndsThoughTheFaultEndsNothingIsTheBrokersDoing() {
        var run = ExtensionRun.of(Stressing.class, "recovers-after-70s", "restarts-waited-30s");

        assertThat(run.verdicts()).as(run.summary()).containsExactly("Stressing.body=failed");
    }

    @Test
    void aNodeThatStillWaitsIsWaitedForAndThenInconclusive() {
        var run = ExtensionRun.of(Killing.class, "cluster-never-whole", "restarts-wait");

        assertThat(run.verdicts()).containsExactly("Killing.body=inconclusive");
        assertThat(run.said()).contains("waiting up to 200ms, since ");
        assertThat(ExtensionRun.of(Killing.class, "cluster-never-whole", "restarts-waited-30s")
                        .verdicts())
                .containsExactly("Killing.body=failed");
    }

    /** 30 s are watched: with 10 s left nobody can say that it missed the 15 s anyhow, with 20 s everybody can. */
    @Test
    void aNodeThatCameTooLateToSeeItsBrokerRecoverIsInconclusive() {
        var run = ExtensionRun.of(Killing.class, "cluster-never-whole", "restarts-waited-20s");

        assertThat(run.verdicts()).containsExactly("Killing.body=inconclusive");
        assertThat(run.summary())
                .contains("cluster RTO not reached within the bound")
                .contains("was started again 20s after it had ended");
        assertThat(ExtensionRun.of(Killing.class, "cluster-never-whole", "restarts-waited-10s")
                        .verdicts())
                .containsExactly("Killing.body=failed");
    }

    @Test
    void whatKeepsAWholePodOrItsMachineDownIsNoDoingOfTheBrokerWhateverTheFaultEnds() {
        for (var what : List.of("whole-pods", "machines")) {
            var run = ExtensionRun.of(Stressing.class, "recovers-after-70s", "restarts-waited-30s", what);

            assertThat(run.verdicts()).as(run.summary()).containsExactly("Stressing.body=inconclusive");
        }
        assertThat(ExtensionRun.of(Stressing.class, "recovers-after-70s", "restarts-waited-10s", "whole-pods")
                        .summary())
                .contains("failed")
                .contains("without the time in which emqx-go-0 was kept down for 10s: the script says so");
    }

    @Test
    void aNodeThatStillWaitsExcusesNoLoss() {
        assertThat(ExtensionRun.of(Killing.class, "cluster-never-whole", "restarts-wait", "loses-one")
                        .verdicts())
                .containsExactly("Killing.body=failed");
    }

    @Test
    void whatABodyAssertsOfATimeThatNobodyCanChargeTheBrokerWithIsInconclusive() {
        assertThat(ExtensionRun.of(Asserting.class, "recovers-after-40s", "restarts-waited-30s")
                        .verdicts())
                .containsExactly("Asserting.body=inconclusive");
        assertThat(ExtensionRun.of(Asserting.class, "recovers-after-40s").verdicts())
                .containsExactly("Asserting.body=failed");
    }

    @Test
    void whatABodyAssertsOfATimeOnAMachineThatWasOverloadedIsInconclusive() {
        var run = ExtensionRun.of(Asserting.class, "recovers-after-40s", "overloaded");

        assertThat(run.verdicts()).containsExactly("Asserting.body=inconclusive");
        assertThat(run.summary()).contains("test body, not judged, since this machine was overloaded");
        assertThat(ExtensionRun.of(Asserting.class, "recovers-after-40s", "overloaded", "loses-one")
                        .verdicts())
                .containsExactly("Asserting.body=failed");
        assertThat(ExtensionRun.of(AssertingBefore.class, "overloaded").verdicts())
                .containsExactly("AssertingBefore.body=failed");
    }

    @Test
    void whatABodyAssertsBeforeItAsksForTheRecoveryIsJudged() {
        assertThat(ExtensionRun.of(AssertingBefore.class, "restarts-waited-30s").verdicts())
                .containsExactly("AssertingBefore.body=failed");
    }

    @Test
    void aNodeThatStartsAtOnceIsChosenRather() {
        var seeds = Map.of("havoq.seed", "1");
        var usual = injectedAt(ExtensionRun.withSettings(Followers.class, seeds));
        var other = usual.equals("emqx-go-0") ? "emqx-go-2" : "emqx-go-0";
        var run = ExtensionRun.withSettings(
                Followers.class, seeds, "restart-of-" + usual + "-would-wait", "restart-of-emqx-go-1-would-wait");

        assertThat(injectedAt(run)).isEqualTo(other);
        assertThat(run.summary())
                .contains(usual + " is not chosen, since it may be started again late: it ended a minute ago")
                .doesNotContain("emqx-go-1 is not chosen");
        assertThat(injectedAt(ExtensionRun.withSettings(Followers.class, seeds, "restart-of-" + other + "-would-wait")))
                .isEqualTo(usual);
    }

    private static String injectedAt(ExtensionRun run) {
        return run.diary().stream()
                .filter(entry -> entry.startsWith("inject "))
                .map(entry -> entry.substring("inject ".length()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theRoleComesFirst() {
        var run = ExtensionRun.of(Leader.class, "restart-of-emqx-go-1-would-wait");

        assertThat(run.diary()).contains("inject emqx-go-1");
        assertThat(run.summary())
                .contains(
                        "emqx-go-1 may be started again late, and there is no other to choose: it ended a minute ago");
    }

    @ChaosExperiment(CONTAINER_KILL)
    static class Killing {
        @Test
        void body() {}
    }

    @ChaosExperiment("chaos/04-cpu-stress.yaml")
    static class Stressing {
        @Test
        void body() {}
    }

    @ChaosExperiment(CONTAINER_KILL)
    static class Followers {
        @Test
        @Victim(Role.FOLLOWER)
        void body() {}
    }

    @ChaosExperiment(CONTAINER_KILL)
    static class Leader {
        @Test
        @Victim(Role.LEADER)
        void body() {}
    }

    @ChaosExperiment(CONTAINER_KILL)
    static class Asserting {
        @Test
        void body(Experiment experiment) {
            assertThat(experiment.recover().membersBack())
                    .hasValueSatisfying(back -> assertThat(back).isLessThan(Duration.ofSeconds(20)));
        }
    }

    @ChaosExperiment(CONTAINER_KILL)
    static class AssertingBefore {
        @Test
        void body() {
            assertThat(1).isEqualTo(2);
        }
    }
}
