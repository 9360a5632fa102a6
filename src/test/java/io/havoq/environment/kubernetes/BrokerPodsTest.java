package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.havoq.environment.Target;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pods as targets. */
class BrokerPodsTest {
    private final MockCluster cluster = new MockCluster();

    private List<String> uids;

    @BeforeEach
    void brokers() {
        cluster.brokers();
        // the server gives them
        uids = cluster.client.pods().inNamespace(MockCluster.NAMESPACE).list().getItems().stream()
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
                .map(pod -> pod.getMetadata().getUid())
                .toList();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private BrokerPods pods(Map<String, String> settings) {
        return new BrokerPods(cluster.client, MockCluster.NAMESPACE, MockCluster.settings(settings), false);
    }

    @Test
    void aPodIsATargetWithEverythingThatSelectorsAndChecksLookAt() {
        assertThat(pods(Map.of()).targets())
                .hasSize(3)
                .element(0)
                .isEqualTo(new Target(
                        "emqx-go-0",
                        "mqtt",
                        Map.of("app", "emqx-go", "statefulset.kubernetes.io/pod-name", "emqx-go-0"),
                        Map.of("team", "messaging"),
                        "Running",
                        true,
                        List.of("emqx-go", "sidecar"),
                        "node-a",
                        uids.get(0),
                        2,
                        // declared by the pod; 8082 is not
                        Map.of("mqtt", "127.0.0.1:1883", "cluster", "127.0.0.1:8081")));
    }

    @Test
    void theBrokersContainerMayBeNamedAndItsRestartsCount() {
        assertThat(pods(Map.of("havoq.kubernetes.container", "sidecar")).targets())
                .extracting(Target::restartCount)
                .containsOnly(7);
    }

    @Test
    void aPortThatIsSetIsThereWhetherThePodDeclaresItOrNot() {
        assertThat(pods(Map.of("havoq.kubernetes.port.metrics", "9090", "havoq.kubernetes.port.cluster", "0"))
                        .targets()
                        .get(0)
                        .ports())
                .isEqualTo(Map.of("mqtt", "127.0.0.1:1883", "metrics", "127.0.0.1:9090"));
    }

    @Test
    void onlyPodsWithTheLabelsAreTargets() {
        cluster.add(MockCluster.pod("other-0", "node-a", "127.0.0.1", true)
                .editMetadata()
                .withLabels(Map.of("app", "other"))
                .endMetadata()
                .build());
        assertThat(pods(Map.of()).targets()).extracting(Target::name).doesNotContain("other-0");
        assertThat(pods(Map.of("havoq.selector", "app=other")).targets())
                .extracting(Target::name)
                .containsExactly("other-0");
    }

    /** Two of three, both ready, would look like a cluster that has recovered. */
    @Test
    void aMemberWhosePodIsGoneIsStillATargetAndNotReady() {
        var pods = pods(Map.of());
        pods.enlist();
        cluster.client
                .pods()
                .inNamespace(MockCluster.NAMESPACE)
                .withName("emqx-go-1")
                .delete();
        assertThat(pods.targets())
                .extracting(Target::name, Target::ready, Target::phase, Target::uid)
                .containsExactly(
                        tuple("emqx-go-0", true, "Running", uids.get(0)),
                        tuple("emqx-go-1", false, "Unknown", uids.get(1)),
                        tuple("emqx-go-2", true, "Running", uids.get(2)));
        cluster.add(MockCluster.pod("emqx-go-1", "node-b", "127.0.0.1", true)
                .editStatus()
                .withContainerStatuses(new ContainerStatusBuilder()
                        .withName("emqx-go")
                        .withRestartCount(0)
                        .build())
                .endStatus()
                .build());
        assertThat(pods.targets().get(1))
                .satisfies(target -> assertThat(target.ready()).isTrue())
                .satisfies(target -> assertThat(uids).doesNotContain(target.uid()))
                .satisfies(target -> assertThat(target.restartCount()).isZero());
    }

    @Test
    void aPodThatIsAboutToGoIsNotReadyThoughItsConditionSaysSo() {
        var going = MockCluster.pod("emqx-go-1", "node-b", "127.0.0.1", true)
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build();
        assertThat(pods(Map.of()).target(going).ready()).isFalse();
    }

    /** A wait asks a hundred times a second; what it is told must be new, and the API server must live. */
    @Test
    void asksTheApiServerTenTimesASecondAtMostAndNeverAnswersFromMemory() {
        var pods = pods(Map.of());
        cluster.requests.clear();
        var began = System.nanoTime();
        for (var i = 0; i < 4; i++) {
            assertThat(pods.targets()).hasSize(3);
        }
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(300_000_000);
        assertThat(cluster.requests).hasSize(4);
    }
}
