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
 * Scenario 11: whatever one node writes to its data fails with EIO. The service stays available, and what was acknowledged is there: a node
 * must not acknowledge what it could not write.
 */
@Tag("P2")
class SyscallFailureIT {
    @Test
    @ChaosExperiment("chaos/11-syscall-failure.yaml")
    @Victim(Role.LEADER)
    void theServiceSurvivesALeaderThatCannotWrite(Experiment experiment, Cluster cluster) {
        survives(experiment, cluster);
    }

    @Test
    @ChaosExperiment("chaos/11-syscall-failure.yaml")
    @Victim(Role.FOLLOWER)
    void theServiceSurvivesAFollowerThatCannotWrite(Experiment experiment, Cluster cluster) {
        survives(experiment, cluster);
    }

    private static void survives(Experiment experiment, Cluster cluster) {
        experiment.during(() -> assertThat(cluster.survivors()).serveClients());
        experiment.hold();

        assertThat(experiment.recover().clusterRto()).isPresent();
        assertThat(cluster.everyNode()).serveClients();
        assertThat(cluster.nodes()).allMatch(Target::ready);
    }
}
