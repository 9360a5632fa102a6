package io.havoq.scenarios;

import static io.havoq.HavoqAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.Victim;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Scenario 5: one node is made to need more memory than its limit. The kernel ends its container, which restarts in its pod and
 * rejoins; persistent sessions are back, which the checklist judges.
 */
@ChaosExperiment("chaos/05-memory-stress.yaml")
@Tag("P1")
class MemoryStressIT {
    @Test
    @Victim(Role.LEADER)
    void theLeaderIsEndedAtItsLimitAndComesBack(Experiment experiment, Cluster cluster) {
        othersServeAndTheContainerRestartsInTheSamePod(experiment, cluster);
    }

    @Test
    @Victim(Role.FOLLOWER)
    void aFollowerIsEndedAtItsLimitAndComesBack(Experiment experiment, Cluster cluster) {
        othersServeAndTheContainerRestartsInTheSamePod(experiment, cluster);
    }

    private static void othersServeAndTheContainerRestartsInTheSamePod(Experiment experiment, Cluster cluster) {
        experiment.during(() -> assertThat(cluster.survivors()).serveClients());
        experiment.hold();

        assertThat(experiment.recover().clusterRto()).isPresent();

        var before = experiment.targets().get(0);
        assertThat(cluster.nodes())
                .filteredOn(node -> node.name().equals(before.name()))
                .singleElement()
                .satisfies(now -> {
                    assertThat(now.uid()).isEqualTo(before.uid());
                    assertThat(now.restartCount()).isGreaterThan(before.restartCount());
                })
                .matches(Target::ready);
    }
}
