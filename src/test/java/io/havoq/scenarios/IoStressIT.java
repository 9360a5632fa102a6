package io.havoq.scenarios;

import static io.havoq.HavoqAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.environment.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Scenario 7: half of what the nodes read from and write to their data takes 100 ms longer. The cluster stays available, and is as fast as
 * before once the disk is.
 */
@Tag("P1")
class IoStressIT {
    @Test
    @ChaosExperiment("chaos/07-io-stress.yaml")
    void staysAvailableOnASlowDiskAndIsBackToNormalAfterwards(Experiment experiment, Cluster cluster) {
        experiment.during(() -> assertThat(cluster.everyNode()).serveClients());
        experiment.hold();

        assertThat(experiment.recover().clusterRto()).isPresent();
        assertThat(cluster.everyNode()).serveClients();
        assertThat(cluster.nodes()).allMatch(Target::ready);
    }
}
