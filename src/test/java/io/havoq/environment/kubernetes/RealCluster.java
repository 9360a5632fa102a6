package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A namespace of its own on the cluster that {@code HAVOQ_TEST_KUBECONFIG} names (context {@code HAVOQ_TEST_CONTEXT}), with a StatefulSet
 * of three pods that are no brokers: a shell each, of the image {@code HAVOQ_TEST_IMAGE}. MQTT endpoints are played by a listener
 * in this process. Removed with everything in it.
 */
final class RealCluster implements AutoCloseable {
    /** Ends when it is told to, and says what it does. */
    private static final String PROGRAM =
            "echo started; trap 'exit 0' TERM; while [ ! -f /tmp/die ]; do sleep 0.2; done; echo dying; exit 3";

    final String namespace = "havoq-test-" + UUID.randomUUID().toString().substring(0, 8);
    final Path kubeconfig = Path.of(System.getenv("HAVOQ_TEST_KUBECONFIG"));
    final String context =
            Optional.ofNullable(System.getenv("HAVOQ_TEST_CONTEXT")).orElse("havoq-test");
    final KubernetesClient client;
    private final ServerSocket listener;

    RealCluster() throws IOException {
        listener = new ServerSocket(0);
        client = ClusterAccess.of(settings(Map.of())).connect();
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels("purpose", "havoq-test")
                        .endMetadata()
                        .build())
                .create();
    }

    Settings settings(Map<String, String> given) {
        var all = new HashMap<>(map());
        all.putAll(given);
        return Settings.fromSystemProperties().orElse(key -> Optional.ofNullable(all.get(key)));
    }

    /** As system properties for a process of its own, too. */
    Map<String, String> map() {
        return Map.of(
                "havoq.context",
                context,
                "havoq.kubeconfig",
                kubeconfig.toString(),
                "havoq.namespace",
                namespace,
                "havoq.selector",
                "app=emqx-go",
                "havoq.kubernetes.addresses",
                "127.0.1.{ordinal}:" + listener.getLocalPort(),
                "havoq.kubernetes.lease-duration",
                "6s");
    }

    KubernetesEnvironment environment(Path output, Consumer<String> told) {
        return (KubernetesEnvironment) new KubernetesProvider().create(settings(Map.of()), output, told);
    }

    void pods() {
        client.resource(new StatefulSetBuilder()
                        .withNewMetadata()
                        .withName("emqx-go")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withReplicas(3)
                        .withPodManagementPolicy("Parallel")
                        .withServiceName("emqx-go-headless")
                        .withNewSelector()
                        .addToMatchLabels("app", "emqx-go")
                        .endSelector()
                        .withNewTemplate()
                        .withNewMetadata()
                        .addToLabels("app", "emqx-go")
                        .endMetadata()
                        .withNewSpec()
                        .withTerminationGracePeriodSeconds(1L)
                        .addNewContainer()
                        .withName("emqx-go")
                        .withImage(System.getenv("HAVOQ_TEST_IMAGE"))
                        .withImagePullPolicy("IfNotPresent")
                        .withCommand("sh", "-c", PROGRAM)
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
        client.apps().statefulSets().inNamespace(namespace).withName("emqx-go").waitUntilReady(2, TimeUnit.MINUTES);
    }

    @Override
    public void close() throws IOException {
        client.namespaces().withName(namespace).delete();
        client.close();
        listener.close();
    }
}
