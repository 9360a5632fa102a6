package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** The Lease against a real API server. */
@EnabledIfEnvironmentVariable(named = "HAVOQ_TEST_KUBECONFIG", matches = ".+")
class RealLeaseTest extends NamespaceLeaseContract {
    private final RealCluster cluster;

    RealLeaseTest() throws IOException {
        cluster = new RealCluster();
    }

    @Override
    KubernetesClient client() {
        return ClusterAccess.of(cluster.settings(Map.of())).connect();
    }

    @Override
    String namespace() {
        return cluster.namespace;
    }

    @Override
    void disconnect() {
        try {
            cluster.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
