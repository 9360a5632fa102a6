package io.havoq.scenarios;

import static io.havoq.HavoqAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.RecoveryObjective;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Scenario 2: two nodes against one. The majority serves on; the minority takes no new connections and acknowledges nothing;
 * after healing the state merges by itself. Recovery counts from healing.
 */
@RecoveryObjective(target = "30s", acceptable = "60s")
@Tag("P0")
class NetworkPartitionIT {
    @Test
    @ChaosExperiment("chaos/02-network-partition.yaml")
    void theMajorityServesAndTheMinorityRefuses(Experiment experiment, Cluster cluster) {
        experiment.during(() -> {
            assertThat(cluster.minority()).refuseClients();
            assertThat(cluster.majority()).serveClients();
            experiment.hold();
        });

        assertThat(experiment.recover().clusterRto()).isPresent();
    }

    /** What one node sends is lost while it hears the others: nobody may be told that a message is safe which is not. */
    @Test
    @ChaosExperiment("chaos/17-network-partition-one-way.yaml")
    void aNodeThatIsNotHeardHarmsNobody(Experiment experiment, Cluster cluster) {
        experiment.during(() -> {
            assertThat(cluster.majority()).serveClients();
            experiment.hold();
        });

        assertThat(experiment.recover().clusterRto()).isPresent();
    }
}
