package io.havoq.scenarios;

import static io.havoq.HavoqAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.Victim;
import io.havoq.Workload;
import io.havoq.environment.Role;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Scenario 4: one node has to share its processor with something that takes 80 % of it. It may be slow, but everybody is served, and
 * the others do not notice.
 */
@ChaosExperiment("chaos/04-cpu-stress.yaml")
@Tag("P0")
class CpuStressIT {
    private static final double P99_MILLIS = 500;

    @Test
    @Victim(Role.LEADER)
    void everyNodeServesWhileTheLeaderIsBusy(Experiment experiment, Cluster cluster, Workload workload) {
        everyNodeServes(experiment, cluster, workload);
    }

    @Test
    @Victim(Role.FOLLOWER)
    void everyNodeServesWhileAFollowerIsBusy(Experiment experiment, Cluster cluster, Workload workload) {
        everyNodeServes(experiment, cluster, workload);
    }

    private static void everyNodeServes(Experiment experiment, Cluster cluster, Workload workload) {
        experiment.during(() -> {
            assertThat(cluster.survivors()).serveClients();
            assertThat(cluster.everyNode()).serveClients();
        });
        experiment.hold();
        experiment.should(
                "P99 of the latency below 500 ms",
                () -> assertThat(workload.latencyDuring().p99()).isLessThan(P99_MILLIS));

        assertThat(experiment.recover().clusterRto()).isPresent();
    }
}
