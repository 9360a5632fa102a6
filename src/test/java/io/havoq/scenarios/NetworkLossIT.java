package io.havoq.scenarios;

import static io.havoq.HavoqAssertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Scenario 6: the network between the nodes loses packets, doubles them, or flips bits in them. TCP mends that: the cluster
 * serves on, more slowly, and every message arrives in the end, which the ledger judges.
 */
@Tag("P1")
class NetworkLossIT {
    /**
     * How long the worst of a few hundred segments may wait: the time until it is sent again doubles from 200 ms each time (RFC 6298, 5.5), and
     * after a loss the next packet is lost with 40 %. Five times in a row is 6 s for each of the hops that a publish takes.
     */
    private static final Duration RETRANSMITTED = Duration.ofSeconds(30);

    @Test
    @ChaosExperiment("chaos/06-network-loss.yaml")
    void everyMessageArrivesThoughPacketsAreLost(Experiment experiment, Cluster cluster) {
        experiment.during(
                () -> assertThat(cluster.everyNode()).within(RETRANSMITTED).serveClients());
    }

    /** Both at once: what is flipped in one of the two copies arrives in the other. */
    @Test
    @ChaosExperiment("chaos/18-network-duplicate-corrupt.yaml")
    void noMessageIsDoubledOrCorruptedThoughPacketsAre(Experiment experiment, Cluster cluster) {
        experiment.during(() -> assertThat(cluster.everyNode()).serveClients());
    }
}
