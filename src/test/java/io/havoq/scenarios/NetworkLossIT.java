package io.havoq.scenarios;

import static io.havoq.HavoqAssertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Scenario 6: the network between the nodes loses packets, doubles them, or flips bits in them. TCP mends that: the cluster
 * serves on, more slowly, and every message arrives in the end, which the ledger judges.
 */
@Tag("P1")
class NetworkLossIT {
    @Test
    @ChaosExperiment("chaos/06-network-loss.yaml")
    void everyMessageArrivesThoughPacketsAreLost(Experiment experiment, Cluster cluster) {
        experiment.during(() -> assertThat(cluster.everyNode()).serveClients());
    }

    /** Both at once: what is flipped in one of the two copies arrives in the other. */
    @Test
    @ChaosExperiment({"chaos/18-network-duplicate.yaml", "chaos/19-network-corrupt.yaml"})
    void noMessageIsDoubledOrCorruptedThoughPacketsAre(Experiment experiment, Cluster cluster) {
        experiment.during(() -> assertThat(cluster.everyNode()).serveClients());
    }
}
