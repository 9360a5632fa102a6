package io.havoq.fault.chaosmesh;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.havoq.environment.Target;
import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A namespace for one test class on the cluster that {@code HAVOQ_TEST_KUBECONFIG} names; closing it removes it with all that is in it. */
final class RealNamespace implements AutoCloseable {
    /** Of the pods: {@code HAVOQ_TEST_IMAGE}. */
    static final String IMAGE =
            Optional.ofNullable(System.getenv("HAVOQ_TEST_IMAGE")).orElse("python:3.13-alpine");

    private final String name;
    private final KubernetesClient client;

    private RealNamespace(String name, KubernetesClient client) {
        this.name = name;
        this.client = client;
    }

    static RealNamespace create(String name) {
        var client = new KubernetesClientBuilder().withConfig(config()).build();
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToAnnotations("chaos-mesh.org/inject", "enabled")
                        .endMetadata()
                        .build())
                .create();
        return new RealNamespace(name, client);
    }

    /** Of a client of one's own. */
    static Config config() {
        return Config.fromKubeconfig(new File(System.getenv("HAVOQ_TEST_KUBECONFIG")));
    }

    KubernetesClient client() {
        return client;
    }

    /** A pod with a container {@code node}, as it is now. */
    Target target(String pod) {
        var now = client.pods().inNamespace(name).withName(pod).require();
        return new Target(
                pod,
                name,
                now.getMetadata().getLabels(),
                Map.of(),
                now.getStatus().getPhase(),
                true,
                List.of("node"),
                now.getSpec().getNodeName(),
                now.getMetadata().getUid(),
                0,
                Map.of());
    }

    @Override
    public void close() {
        client.namespaces().withName(name).delete();
        client.close();
    }
}
