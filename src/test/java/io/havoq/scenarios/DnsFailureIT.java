package io.havoq.scenarios;

import static io.havoq.HavoqAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.InconclusiveException;
import io.havoq.RecoveryObjective;
import io.havoq.Workload;
import io.havoq.environment.Target;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Scenario 9: the names by which the nodes find each other are answered wrongly. Established connections live on; a node
 * that starts meanwhile cannot join, and joins by itself once the names are right again.
 */
@Tag("P2")
class DnsFailureIT {
    /** About five seconds of the plan's load. */
    private static final long DELIVERIES = 5_000;

    @Test
    @ChaosExperiment("chaos/09-dns-failure.yaml")
    void establishedConnectionsLiveOn(Experiment experiment, Cluster cluster, Workload workload) {
        experiment.during(() -> {
            assertThat(cluster.everyNode()).serveClients();
            await("the load goes on over the connections that stand")
                    .atMost(Duration.ofSeconds(14))
                    .ignoreExceptionsMatching(InconclusiveException.class::isInstance)
                    .until(() -> workload.deliveriesDuring().deliveries() >= DELIVERIES);
        });

        assertThat(experiment.recover().clusterRto()).isPresent();
    }

    @Test
    @ChaosExperiment({"chaos/09-dns-failure.yaml", "chaos/10-container-kill.yaml"})
    @RecoveryObjective(target = "30s", acceptable = "60s")
    void aNodeThatRestartsMeanwhileJoinsOnceTheNamesAreRight(Experiment experiment, Cluster cluster) {
        experiment.during(
                () -> assertThat(cluster.nodes()).filteredOn(Target::ready).hasSizeGreaterThanOrEqualTo(2));
        experiment.hold();
        experiment.should(
                "the restarted node waits for its peers' names",
                () -> assertThat(cluster.nodes()).filteredOn(Target::ready).hasSize(2));

        assertThat(experiment.recover().clusterRto()).isPresent();
        assertThat(cluster.nodes()).allMatch(Target::ready);
    }
}
