package io.havoq.scenarios;

import static io.havoq.HavoqAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.RecoveryObjective;
import io.havoq.Victim;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Scenario 10: one container is killed. It restarts in the same pod within 10 s, and its state is back. */
@ChaosExperiment("chaos/10-container-kill.yaml")
@RecoveryObjective(target = "5s", acceptable = "15s")
@Tag("P2")
class ContainerKillIT {
    private static final Duration RESTART = Duration.ofSeconds(10);

    @Test
    @Victim(Role.LEADER)
    void leaderRestartsInTheSamePod(Experiment experiment, Cluster cluster) {
        othersServeAndTheContainerRestartsInTheSamePod(experiment, cluster);
    }

    @Test
    @Victim(Role.FOLLOWER)
    void followerRestartsInTheSamePod(Experiment experiment, Cluster cluster) {
        othersServeAndTheContainerRestartsInTheSamePod(experiment, cluster);
    }

    private static void othersServeAndTheContainerRestartsInTheSamePod(Experiment experiment, Cluster cluster) {
        experiment.during(() -> assertThat(cluster.survivors()).serveClients());

        assertThat(experiment.recover().membersBack())
                .hasValueSatisfying(restart -> assertThat(restart).isLessThan(RESTART));

        var before = experiment.targets().get(0);
        assertThat(cluster.nodes())
                .filteredOn(node -> node.name().equals(before.name()))
                .singleElement()
                .satisfies(now -> {
                    assertThat(now.uid()).isEqualTo(before.uid());
                    assertThat(now.restartCount()).isEqualTo(before.restartCount() + 1);
                })
                .matches(Target::ready);
    }
}
