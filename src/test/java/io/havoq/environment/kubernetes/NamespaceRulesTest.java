package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.havoq.settings.Settings;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where faults may be injected. */
class NamespaceRulesTest {
    private final MockCluster cluster = new MockCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Optional<String> refusal(Map<String, String> settings) {
        return NamespaceRules.of(Settings.fromSystemProperties().orElse(key -> Optional.ofNullable(settings.get(key))))
                .refusal(cluster.client);
    }

    private void annotate(String namespace, String value) {
        cluster.client
                .namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .withAnnotations(Map.of("havoq.io/chaos", value))
                        .endMetadata()
                        .build())
                .create();
    }

    @ParameterizedTest
    @ValueSource(strings = {"kube-system", "kube-public", "kube-node-lease", "chaos-mesh"})
    void neverWhereTheClusterItselfLives(String namespace) {
        annotate(namespace, "allowed");
        assertThat(refusal(Map.of("havoq.namespace", namespace)))
                .hasValueSatisfying(why -> assertThat(why).contains("never injected into the namespace " + namespace));
    }

    @Test
    void norWhereChaosMeshLives() {
        assertThat(refusal(Map.of("havoq.namespace", "chaos", "havoq.kubernetes.chaos-mesh-namespace", "chaos")))
                .isPresent();
    }

    @Test
    void whereTheSettingSaysSo() {
        assertThat(refusal(Map.of("havoq.namespace", "mqtt"))).isEmpty();
    }

    @Test
    void withoutTheSettingOnlyWhereTheOwnersSaySo() {
        assertThat(refusal(Map.of()))
                .hasValueSatisfying(why ->
                        assertThat(why).contains("namespace default").contains("annotate it havoq.io/chaos: allowed"));
        annotate("default", "allowed");
        assertThat(refusal(Map.of())).isEmpty();
    }

    @Test
    void neverWhereTheOwnersForbidIt() {
        annotate("payments", "forbidden");
        assertThat(refusal(Map.of("havoq.namespace", "payments")))
                .hasValueSatisfying(why -> assertThat(why).contains("annotated havoq.io/chaos: forbidden"));
    }

    @Test
    void annotationsThatMayNotBeReadAllowNothing() {
        cluster.refuse("GET /api/v1/namespaces/", 403, "namespaces is forbidden");
        assertThat(refusal(Map.of()))
                .hasValueSatisfying(why -> assertThat(why).contains("whose annotations may not be read"));
        assertThat(refusal(Map.of("havoq.namespace", "mqtt"))).isEmpty();
    }
}
