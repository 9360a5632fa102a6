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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Scenario 14: the machine under one node loses its power. Nobody is told: connections stay open and silent until somebody gives them
 * up. The others serve on; the node comes back as after a pod kill.
 */
@ChaosExperiment("chaos/14-node-failure.yaml")
@RecoveryObjective(target = "60s", acceptable = "120s")
@Tag("P2")
class NodeFailureIT {
    @Test
    @Victim(Role.LEADER)
    void majorityServesWhileTheLeadersMachineIsOff(Experiment experiment, Cluster cluster) {
        othersServeAndTheNodeComesBack(experiment, cluster);
    }

    @Test
    @Victim(Role.FOLLOWER)
    void majorityServesWhileAFollowersMachineIsOff(Experiment experiment, Cluster cluster) {
        othersServeAndTheNodeComesBack(experiment, cluster);
    }

    private static void othersServeAndTheNodeComesBack(Experiment experiment, Cluster cluster) {
        experiment.during(() -> assertThat(cluster.survivors()).serveClients());

        assertThat(experiment.recover().clusterRto()).isPresent();

        var before = experiment.targets().get(0);
        assertThat(cluster.nodes())
                .filteredOn(node -> node.name().equals(before.name()))
                .singleElement()
                .satisfies(now -> assertThat(now.uid()).isNotEqualTo(before.uid()))
                .matches(Target::ready);
    }
}
