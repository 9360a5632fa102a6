package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_0;
import static io.havoq.fault.chaosmesh.Setup.POD_1;
import static io.havoq.fault.chaosmesh.Setup.RUN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.StressChaos;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The objects that Chaos Mesh is given. */
class ChaosManifestTest {
    private static JsonNode object(ChaosSpec spec, List<Target> targets, List<Target> peers) throws Exception {
        return new ObjectMapper()
                .readTree(ChaosManifest.json(ChaosManifest.of(
                        "name-1", "attempt-1", "exp 1/x", ChaosManifest.pinned(spec, targets, peers), RUN)));
    }

    @Test
    void pinsTheChosenPodsWhateverTheModeWas() throws Exception {
        var made = object(PodChaos.podKill("kill", ONE), List.of(POD_1), List.of());

        assertThat(made.at("/spec/mode").asText()).isEqualTo("all");
        assertThat(made.at("/spec/selector").toString()).isEqualTo("{\"pods\":{\"default\":[\"emqx-go-1\"]}}");
        assertThat(made.at("/spec/value").isMissingNode()).isTrue();
    }

    @Test
    void pinsTheOtherSideToo() throws Exception {
        var made = object(
                NetworkChaos.partition("cut", ONE, NetworkChaos.Direction.BOTH, ONE), List.of(POD_0), List.of(POD_1));

        assertThat(made.at("/spec/target/mode").asText()).isEqualTo("all");
        assertThat(made.at("/spec/target/selector/pods/default/0").asText()).isEqualTo("emqx-go-1");
    }

    @Test
    void refusesATargetSideThatNobodyWasChosenFor() {
        assertThatThrownBy(() -> object(
                        NetworkChaos.partition("cut", ONE, NetworkChaos.Direction.BOTH, ONE),
                        List.of(POD_0),
                        List.of()))
                .isInstanceOf(FaultException.class);
    }

    @Test
    void carriesTheLabelsByWhichTheNextRunFindsIt() throws Exception {
        var made = object(PodChaos.podKill("kill", ONE), List.of(POD_0), List.of());

        assertThat(made.at("/metadata/labels").toString())
                .isEqualTo("{\"app.kubernetes.io/managed-by\":\"havoq\",\"havoq.io/run\":\"run-1\","
                        + "\"havoq.io/experiment\":\"exp-1-x\"}");
        assertThat(made.at("/metadata/annotations/havoq.io~1attempt").asText()).isEqualTo("attempt-1");
        assertThat(made.at("/metadata/namespace").asText()).isEqualTo("default");
    }

    @Test
    void whatLastsEndsByItselfAndWhatIsOneShotHasNoDuration() throws Exception {
        var lasting = object(PodChaos.podFailure("failure", ONE, Duration.ofSeconds(30)), List.of(POD_0), List.of());
        var unlimited = object(StressChaos.cpu("cpu", ONE, 1, 80), List.of(POD_0), List.of());
        var kill = object(PodChaos.podKill("kill", ONE), List.of(POD_0), List.of());
        var containerKill = object(PodChaos.containerKill("kill", ONE, List.of("broker")), List.of(POD_0), List.of());

        assertThat(lasting.at("/spec/duration").asText()).isEqualTo("10m");
        assertThat(unlimited.at("/spec/duration").asText()).isEqualTo("10m");
        assertThat(kill.at("/spec/duration").isMissingNode()).isTrue();
        assertThat(containerKill.at("/spec/duration").isMissingNode()).isTrue();
    }

    @Test
    void namesAreDnsLabelsThatDiffer() {
        var id = "PodKillIT.majority serves_while-one is down and the name is far too long for a label-1";

        assertThat(ObjectName.unique(id))
                .matches("podkillit-majority-serves-[a-z0-9-]*-[a-z0-9]{6}")
                .hasSizeLessThanOrEqualTo(63)
                .isNotEqualTo(ObjectName.unique(id));
        assertThat(ObjectName.unique("--")).matches("havoq-[a-z0-9]{6}");
        assertThat(ChaosMeshLabels.value("-" + "x".repeat(80)))
                .hasSizeLessThanOrEqualTo(63)
                .startsWith("x");
    }
}
