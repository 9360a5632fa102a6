package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster that has all that experiments need, and from which one thing at a time can be taken away: Chaos Mesh with a daemon on each
 * machine, three brokers, an MQTT port that accepts connections.
 */
final class PreflightCluster implements AutoCloseable {
    private static final String[] KINDS = {"PodChaos", "NetworkChaos", "StressChaos", "IOChaos", "TimeChaos", "DNSChaos"
    };

    private static final String CONTROLLER = "chaos-controller-manager";

    final MockCluster mock = new MockCluster();
    final Map<String, String> settings = new HashMap<>();
    private final ServerSocket listener;

    PreflightCluster() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        settings.put("havoq.kubernetes.port.mqtt", Integer.toString(listener.getLocalPort()));
        mock.brokers();
        mock.installChaosMesh("v2.7.2", KINDS);
        mock.daemonOn("node-a");
        mock.daemonOn("node-b");
    }

    PreflightReport look() {
        return with(Preflight::look);
    }

    PreflightReport lookAtAccess() {
        return with(Preflight::lookAtAccess);
    }

    /** The kinds that are hidden from the account. */
    java.util.Set<String> hidden() {
        return with(preflight -> {
            var unused = preflight.lookAtAccess();
            return preflight.hidden();
        });
    }

    private <T> T with(java.util.function.Function<Preflight, T> looking) {
        var given = MockCluster.settings(settings);
        var rules = NamespaceRules.of(given);
        var pods = new BrokerPods(mock.client, rules.namespace(), given, false);
        var roles = new BrokerRoles(pods, new PodPages(mock.client, true), given);
        try (var addresses =
                new OwnAddresses(pods, given.get(KubernetesSettings.MQTT_PORT), new Tls(Optional.empty(), ""))) {
            var survey = new Survey(mock.client, rules, pods, addresses, roles);
            return looking.apply(new Preflight(survey, mock.access(), given, rules, addresses));
        }
    }

    void withoutKinds() {
        mock.scripted.remove("GET /apis/chaos-mesh.org");
        mock.scripted.remove("GET /apis/chaos-mesh.org/v1alpha1");
    }

    void withoutController() {
        mock.client
                .apps()
                .deployments()
                .inNamespace("chaos-mesh")
                .withName(CONTROLLER)
                .delete();
    }

    void controllerOf(String version) {
        withoutController();
        mock.installChaosMesh(version, KINDS);
    }

    void controllerIsNotReady() {
        mock.client
                .apps()
                .deployments()
                .inNamespace("chaos-mesh")
                .withName(CONTROLLER)
                .edit(there -> new DeploymentBuilder(there)
                        .editStatus()
                        .withReadyReplicas(0)
                        .endStatus()
                        .build());
    }

    void withoutDaemonOn(String node) {
        mock.client
                .pods()
                .inNamespace("chaos-mesh")
                .withName("chaos-daemon-" + node)
                .delete();
    }

    void chaosMeshsNamespaceIsNotToBeLookedAt() {
        mock.refuse("GET /apis/apps/v1/namespaces/chaos-mesh", 403, "deployments is forbidden");
        mock.refuse("GET /api/v1/namespaces/chaos-mesh/pods", 403, "pods is forbidden");
    }

    void nobodyAcceptsConnections() throws IOException {
        listener.close();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        mock.close();
    }
}
