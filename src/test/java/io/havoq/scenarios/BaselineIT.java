package io.havoq.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.environment.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Scenario 13: no fault. The whole checklist holds, and the figures are what the other scenarios are compared with. */
@ChaosExperiment({})
@Tag("smoke")
@Tag("P0")
class BaselineIT {
    @Test
    void everythingHoldsWithoutAFault(Cluster cluster) {
        assertThat(cluster.nodes()).hasSizeGreaterThanOrEqualTo(3).allMatch(Target::ready);
    }
}
