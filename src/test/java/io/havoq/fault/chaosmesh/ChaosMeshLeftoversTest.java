package io.havoq.fault.chaosmesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.havoq.fault.FaultException;
import io.havoq.fault.chaosmesh.ScriptedCluster.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Objects of earlier runs, against the mock server that keeps what it is given: labels, label selectors, finalizers with
 * deletionTimestamp and merge patches are as on a cluster. It has no admission, no pruning, no controllers, and a dry run persists, so that
 * nothing of that is tested against it.
 */
@EnableKubernetesMockClient(crud = true)
class ChaosMeshLeftoversTest {
    private static final Duration BOUND = Duration.ofMillis(200);

    /** It tells of every request; kept here, since the logging would forget its level otherwise. */
    private static final Logger TALKATIVE = Logger.getLogger("io.fabric8.mockwebserver");

    private KubernetesClient client;
    private final List<String> progress = new ArrayList<>();

    @BeforeAll
    static void quiet() {
        TALKATIVE.setLevel(Level.WARNING);
    }

    private static ResourceDefinitionContext context(String kind) {
        return new ResourceDefinitionContext.Builder()
                .withGroup("chaos-mesh.org")
                .withVersion("v1alpha1")
                .withKind(kind)
                .withPlural(kind.toLowerCase(Locale.ROOT))
                .withNamespaced(true)
                .build();
    }

    private void make(String kind, String name, Map<String, String> labels, String... finalizers) {
        client.genericKubernetesResources(context(kind))
                .inNamespace("default")
                .resource(new GenericKubernetesResourceBuilder()
                        .withApiVersion(ChaosKind.API_VERSION)
                        .withKind(kind)
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("default")
                        .withLabels(labels)
                        .withFinalizers(finalizers)
                        .endMetadata()
                        .build())
                .create();
    }

    private static Map<String, String> ofRun(String run) {
        return Map.of(ChaosMeshLabels.MANAGED_BY, ChaosMeshLabels.HAVOQ, ChaosMeshLabels.RUN, run);
    }

    private List<String> names(String kind) {
        return client.genericKubernetesResources(context(kind)).inNamespace("default").list().getItems().stream()
                .map(GenericKubernetesResource::getMetadata)
                .map(metadata -> metadata.getName())
                .toList();
    }

    private List<String> remove(Optional<String> run) {
        return ChaosMeshLeftovers.remove(client, "default", run, BOUND, progress::add, Setup.FAST);
    }

    @Test
    void everyKindOfEveryRunIsRemovedAndNothingElse() {
        make("PodChaos", "kill", ofRun("run-1"));
        make("NetworkChaos", "delay", ofRun("run-2"));
        make("NetworkChaos", "somebody-elses", Map.of("app.kubernetes.io/managed-by", "helm"));

        assertThat(remove(Optional.empty()))
                .containsExactly("PodChaos default/kill of run run-1", "NetworkChaos default/delay of run run-2");
        assertThat(names("PodChaos")).isEmpty();
        assertThat(names("NetworkChaos")).containsExactly("somebody-elses");
    }

    @Test
    void ofOneRunOnly() {
        make("PodChaos", "kill-1", ofRun("run-1"));
        make("PodChaos", "kill-2", ofRun("run-2"));

        assertThat(remove(Optional.of("run-2"))).containsExactly("PodChaos default/kill-2 of run run-2");
        assertThat(names("PodChaos")).containsExactly("kill-1");
    }

    @Test
    void whatARunLeftInTheMiddleOfItsDeletionIsFinished() {
        make("IOChaos", "io", ofRun("run-1"), "chaos-mesh/records");
        client.genericKubernetesResources(context("IOChaos"))
                .inNamespace("default")
                .withName("io")
                .delete();
        assertThat(names("IOChaos")).containsExactly("io");

        assertThat(remove(Optional.empty()))
                .singleElement()
                .asString()
                .startsWith("IOChaos default/io of run run-1, by force")
                .contains("may have left rules");
        assertThat(names("IOChaos")).isEmpty();
        assertThat(progress).anyMatch(line -> line.contains("its finalizers were removed"));
    }

    @Test
    void whereThereIsNothingNothingIsRemoved() {
        assertThat(remove(Optional.empty())).isEmpty();
    }

    @Test
    void whatIsLeftIsNamedAndTheOthersAreRemovedNevertheless() throws Exception {
        try (var cluster = new ScriptedCluster()) {
            var kinds = "/apis/chaos-mesh.org/v1alpha1/namespaces/default/";
            cluster.deletion(ScriptedCluster.Deletion.NEVER);
            cluster.next(
                    asked -> asked.path().equals(kinds + "podchaos"),
                    new Reply(
                            200,
                            "{\"items\":[{\"metadata\":{\"name\":\"stays\",\"labels\":{\"havoq.io/run\":\"run-1\"}}}]}",
                            Map.of()));
            cluster.next(
                    asked -> asked.path().equals(kinds + "networkchaos"),
                    Reply.status(403, "Forbidden", "networkchaos is forbidden: User cannot list resource"));
            cluster.object(
                    kinds + "podchaos/stays",
                    "{\"metadata\":{\"name\":\"stays\",\"finalizers\":[\"chaos-mesh/records\"]}}");

            assertThatThrownBy(() -> ChaosMeshLeftovers.remove(
                            cluster.client(), "default", Optional.empty(), BOUND, progress::add, Setup.FAST))
                    .isInstanceOf(FaultException.class)
                    .hasMessageContaining("PodChaos default/stays is left in the cluster")
                    .hasMessageContaining("kubectl auth can-i list networkchaos.chaos-mesh.org -n default");
            assertThat(cluster.asked()).anyMatch(asked -> asked.path().equals(kinds + "iochaos"));
        }
    }
}
