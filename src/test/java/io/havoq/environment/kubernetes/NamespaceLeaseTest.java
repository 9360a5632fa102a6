package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;

/** The Lease against an API server with memory in this process. */
class NamespaceLeaseTest extends NamespaceLeaseContract {
    private final MockCluster cluster = new MockCluster();

    @Override
    KubernetesClient client() {
        return cluster.client();
    }

    @Override
    String namespace() {
        return MockCluster.NAMESPACE;
    }

    @Override
    void disconnect() {
        cluster.close();
    }
}
