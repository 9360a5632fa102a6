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

/** Scenario 1: one pod is killed. The others serve on, clients reconnect, and the pod comes back as a new one and rejoins. */
@ChaosExperiment("chaos/01-pod-kill.yaml")
@RecoveryObjective(target = "10s", acceptable = "30s")
@Tag("P0")
class PodKillIT {
    @Test
    @Tag("smoke")
    @Victim(Role.LEADER)
    void majorityServesWhileTheLeaderIsDown(Experiment experiment, Cluster cluster) {
        othersServeAndThePodComesBackAsANewOne(experiment, cluster);
    }

    @Test
    @Victim(Role.FOLLOWER)
    void majorityServesWhileAFollowerIsDown(Experiment experiment, Cluster cluster) {
        othersServeAndThePodComesBackAsANewOne(experiment, cluster);
    }

    private static void othersServeAndThePodComesBackAsANewOne(Experiment experiment, Cluster cluster) {
        experiment.during(() -> assertThat(cluster.survivors()).serveClients());

        assertThat(experiment.recover().clusterRto()).isPresent();

        var before = experiment.targets().get(0);
        assertThat(node(cluster, before)).satisfies(now -> {
            assertThat(now.uid()).isNotEqualTo(before.uid());
            assertThat(now.restartCount()).isZero();
            assertThat(now.ready()).isTrue();
        });
    }

    private static Target node(Cluster cluster, Target before) {
        return cluster.nodes().stream()
                .filter(node -> node.name().equals(before.name()))
                .findFirst()
                .orElseThrow();
    }
}
