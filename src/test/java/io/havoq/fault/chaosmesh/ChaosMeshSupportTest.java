package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.fault.Support;
import io.havoq.fault.chaosmesh.ScriptedCluster.Reply;
import io.havoq.manifest.KernelChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.StressChaos;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the engine says that it cannot do, and what would have to change. */
class ChaosMeshSupportTest {
    private static final String GROUP = "/apis/chaos-mesh.org/v1alpha1";

    private ScriptedCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new ScriptedCluster();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private Support.Unsupported unsupported(io.havoq.manifest.ChaosSpec spec) {
        var support = new Setup(cluster).engine.supports(spec);
        assertThat(support).isInstanceOf(Support.Unsupported.class);
        return (Support.Unsupported) support;
    }

    @Test
    void kernelChaosHasASubstitute() {
        var kernel = new KernelChaos(
                "kernel", KernelChaos.Failure.SLAB, ONE, List.of(), List.of(), 100, Optional.empty(), Optional.empty());

        var no = unsupported(kernel);

        assertThat(no.reason()).contains("too few parts of namespacedname");
        assertThat(no.remedy()).contains("IOChaos with action fault and errno 5");
    }

    @Test
    void withoutChaosMeshNothingIsSupported() {
        cluster.next(asked -> asked.path().equals(GROUP), Reply.status(404, "NotFound", "404 page not found"));

        assertThat(unsupported(PodChaos.podKill("kill", ONE)).reason()).contains("Chaos Mesh is not installed");
    }

    @Test
    void aKindWithoutItsDefinitionIsNamed() {
        cluster.object(GROUP, "{\"resources\":[{\"name\":\"podchaos\"}]}");

        assertThat(unsupported(StressChaos.cpu("cpu", ONE, 1, 80)).remedy())
                .contains("kubectl get crd stresschaos.chaos-mesh.org");
        assertThat(new Setup(cluster).engine.supports(PodChaos.podKill("kill", ONE)))
                .isInstanceOf(Support.Supported.class);
        assertThat(unsupported(PodChaos.podKill("off", ONE).withPowerOff()).reason())
                .as("its substitute needs a partition")
                .contains("no NetworkChaos");
    }

    @Test
    void aServerThatCannotBeAskedIsNoReasonToSkipTheExperiment() {
        cluster.next(asked -> asked.path().equals(GROUP), new Reply(401, "", Map.of()));

        assertThat(new Setup(cluster).engine.supports(PodChaos.podKill("kill", ONE)))
                .isInstanceOf(Support.Supported.class);
    }
}
