package io.havoq.scenarios;

import static io.havoq.HavoqAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.MeasuresThroughput;
import io.havoq.Workload;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Scenario 12: what the nodes send is limited to about 1 Mbit/s. The cluster stays available and loses nothing; its
 * throughput falls to what the links carry.
 */
@Tag("P2")
class BandwidthIT {
    @Test
    @ChaosExperiment("chaos/12-bandwidth.yaml")
    @MeasuresThroughput
    void throughputFallsToWhatTheLinksCarryAndNothingIsLost(Experiment experiment, Cluster cluster, Workload workload) {
        experiment.during(() -> {
            assertThat(cluster.everyNode()).serveClients();
            assertThat(workload.burst().perSecond())
                    .isLessThan(workload.normalBurst().perSecond());
        });
    }
}
