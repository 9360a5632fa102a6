package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.Manifests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of a cluster to which things are missing, one at a time. */
class PreflightTest {
    private static final String[] KINDS = {"PodChaos", "NetworkChaos", "StressChaos", "IOChaos", "TimeChaos", "DNSChaos"
    };

    private final MockCluster cluster = new MockCluster();
    private final Map<String, String> settings = new HashMap<>();
    private ServerSocket listener;

    @BeforeEach
    void whole() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        settings.put("havoq.kubernetes.port.mqtt", Integer.toString(listener.getLocalPort()));
        cluster.brokers();
        cluster.installChaosMesh("v2.7.2", KINDS);
        cluster.daemonOn("node-a");
        cluster.daemonOn("node-b");
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        cluster.close();
    }

    private PreflightReport look() {
        var given = MockCluster.settings(settings);
        var rules = NamespaceRules.of(given);
        var pods = new BrokerPods(cluster.client, rules.namespace(), given, false);
        try (var addresses =
                new OwnAddresses(pods, given.get(KubernetesSettings.MQTT_PORT), new Tls(Optional.empty(), ""))) {
            return new Preflight(cluster.client, cluster.access(), given, rules, pods, addresses).look();
        }
    }

    private static ChaosSpec spec(String file) {
        return Manifests.readAll(List.of("chaos/" + file)).get(0).spec();
    }

    private static String reason(PreflightReport report, String file) {
        return report.unsupported(spec(file)).map(Support.Unsupported::reason).orElse("");
    }

    private static void assertLine(PreflightReport report, String state, String what, String found) {
        assertThat(report.table())
                .anySatisfy(line ->
                        assertThat(line).startsWith(state).contains(what).contains(found));
    }

    @Test
    void withEverythingThereNothingIsMissing() {
        var report = look();
        assertThat(report.complete()).as(report.toString()).isTrue();
        assertThat(report.impossible()).isEmpty();
        assertThat(report.chaosMesh()).isEqualTo("v2.7.2");
        for (var file : List.of("01-pod-kill.yaml", "03-network-delay.yaml", "08-time-skew.yaml")) {
            assertThat(reason(report, file)).isEmpty();
        }
        assertLine(report, "ok", "API server", "v1.33.1 (context mock)");
        assertLine(report, "ok", "namespace", "mqtt: faults are allowed");
        assertLine(report, "ok", "Lease", "free");
        assertLine(report, "ok", "may create, get, list, delete, patch networkchaos", "yes");
        assertLine(report, "ok", "broker pods", "3 ready");
        assertLine(report, "ok", "Chaos Mesh's controller", "1 ready, version v2.7.2");
        assertLine(report, "ok", "MQTT endpoints", "3 accept connections");
    }

    @Test
    void itChangesNothing() {
        cluster.requests.clear();
        look();
        assertThat(cluster.requests)
                .isNotEmpty()
                .allMatch(line -> line.startsWith("GET ") || line.contains("selfsubjectaccessreviews"));
    }

    @Test
    void aRightOfOneKindThatIsMissingTakesThatKindOnly() {
        cluster.denied.add("patch networkchaos");
        var report = look();
        assertThat(reason(report, "03-network-delay.yaml"))
                .contains("may create, get, list, delete, patch networkchaos")
                .contains("not patch (no RBAC policy matched)");
        assertThat(reason(report, "01-pod-kill.yaml")).isEmpty();
        assertThat(report.complete()).isFalse();
        assertThat(report.impossible()).isEmpty();
        assertThat(report.toString()).contains("-> apply the role in deploy/rbac.yaml");
    }

    @Test
    void withoutTheRightsForPodsAndTheLeaseNothingIsPossible() {
        cluster.denied.add("list pods");
        cluster.denied.add("update leases");
        assertThat(look().impossible())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("may get, list pods: not list")
                        .contains("may get, create, update, delete leases: not update"));
    }

    @Test
    void withoutLogsAndEventsExperimentsRunAndTheyAreMissed() {
        cluster.denied.addAll(List.of("get pods/log", "list events", "get pods/exec"));
        var report = look();
        assertThat(report.complete()).isTrue();
        assertLine(report, "warning", "may get pods/log", "not get");
        assertLine(report, "warning", "may list events", "not list");
    }

    @Test
    void aKindThatIsNotInstalledIsMissing() {
        cluster.installChaosMeshKinds("PodChaos", "NetworkChaos");
        var report = look();
        assertThat(reason(report, "08-time-skew.yaml")).contains("kind TimeChaos: not on this cluster");
        assertThat(reason(report, "01-pod-kill.yaml")).isEmpty();
    }

    @Test
    void withoutChaosMeshNoFaultIsPossibleAndABaselineIs() {
        cluster.scripted.remove("GET /apis/chaos-mesh.org");
        cluster.scripted.remove("GET /apis/chaos-mesh.org/v1alpha1");
        var report = look();
        assertThat(reason(report, "01-pod-kill.yaml")).contains("Chaos Mesh: no kinds of the group chaos-mesh.org");
        assertThat(report.impossible()).isEmpty();
    }

    @Test
    void withoutTheControllerNoFaultIsPossible() {
        cluster.client
                .apps()
                .deployments()
                .inNamespace("chaos-mesh")
                .withName("chaos-controller-manager")
                .delete();
        assertThat(reason(look(), "01-pod-kill.yaml")).contains("no Deployment chaos-controller-manager");
    }

    @Test
    void aControllerThatIsNotReadyIsMissing() {
        cluster.client
                .apps()
                .deployments()
                .inNamespace("chaos-mesh")
                .withName("chaos-controller-manager")
                .edit(there -> new DeploymentBuilder(there)
                        .editStatus()
                        .withReadyReplicas(0)
                        .endStatus()
                        .build());
        assertThat(reason(look(), "01-pod-kill.yaml")).contains("none of its pods is ready");
    }

    @Test
    void anUnknownVersionIsAWarning() {
        cluster.client
                .apps()
                .deployments()
                .inNamespace("chaos-mesh")
                .withName("chaos-controller-manager")
                .delete();
        cluster.installChaosMesh("v3.0.0", KINDS);
        var report = look();
        assertLine(report, "warning", "Chaos Mesh's controller", "version v3.0.0");
        assertThat(report.complete()).isTrue();
    }

    @Test
    void aNodeWithoutADaemonTakesTheFaultsThatNeedOne() {
        cluster.client
                .pods()
                .inNamespace("chaos-mesh")
                .withName("chaos-daemon-node-b")
                .delete();
        var report = look();
        assertThat(reason(report, "03-network-delay.yaml")).contains("none that is ready on node-b");
        assertThat(reason(report, "10-container-kill.yaml")).contains("node-b");
        assertThat(reason(report, "01-pod-kill.yaml")).isEmpty();
        assertThat(reason(report, "pod-failure.yaml")).isEmpty();
    }

    @Test
    void whatMayNotBeLookedAtIsAWarning() {
        cluster.refuse("GET /apis/apps/v1/namespaces/chaos-mesh", 403, "deployments is forbidden");
        cluster.refuse("GET /api/v1/namespaces/chaos-mesh/pods", 403, "pods is forbidden");
        var report = look();
        assertThat(report.complete()).isTrue();
        assertLine(report, "warning", "Chaos Mesh's controller", "may not be looked at");
        assertLine(report, "warning", "Chaos Mesh's daemons", "may not be looked at");
    }

    @Test
    void aSelectorThatMatchesNoPodIsToldWithWhatToDo() {
        settings.put("havoq.selector", "app=emqx");
        var report = look();
        assertThat(report.impossible())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("no pod in the namespace mqtt has the labels {app=emqx}")
                        .contains("set havoq.namespace and havoq.selector"));
    }

    @Test
    void aPodThatIsNotReadyIsNamed() {
        cluster.replace(
                MockCluster.pod("emqx-go-2", "node-b", "127.0.0.1", false).build());
        assertThat(look().impossible())
                .hasValueSatisfying(why -> assertThat(why).contains("not ready: emqx-go-2 (Running)"));
    }

    @Test
    void anEndpointThatNobodyListensAtIsNamed() throws IOException {
        listener.close();
        assertThat(look().impossible())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("MQTT endpoints: emqx-go-0: ")
                        .contains("run the tests in a runner pod"));
    }

    @Test
    void aNamespaceThatIsNotAllowedIsToldAmongTheRest() {
        settings.put("havoq.namespace", "kube-system");
        assertThat(look().impossible())
                .hasValueSatisfying(why -> assertThat(why).contains("never injected into the namespace kube-system"));
    }

    @Test
    void whoeverHoldsTheLeaseIsTold() {
        try (var lease = new NamespaceLease(
                cluster.client(), MockCluster.NAMESPACE, "one@here:1", Duration.ofSeconds(30), line -> {})) {
            lease.acquire();
            assertLine(look(), "warning", "Lease", "run one@here:1 since");
        }
    }

    @Test
    void credentialsThatAreNotAcceptedAreTold() {
        cluster.refuse("GET /version", 401, "Unauthorized");
        assertThat(look().impossible())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("does not accept the credentials (401)")
                        .contains("nowhere"));
    }

    @Test
    void aPrometheusThatDoesNotAnswerIsAWarning() throws IOException {
        settings.put("havoq.prometheus", "http://127.0.0.1:1");
        assertLine(look(), "warning", "Prometheus", "http://127.0.0.1:1 cannot be reached");
        settings.put("havoq.prometheus", cluster.url());
        cluster.answer("GET /api/v1/query", 404, "{}");
        assertLine(look(), "warning", "Prometheus", "answered 404");
        cluster.answer("GET /api/v1/query", 200, "{\"status\":\"success\",\"data\":{}}");
        assertLine(look(), "ok", "Prometheus", cluster.url());
    }

    @Test
    void theCommandPrintsTheTableAndItsExitCodeSaysWhetherSomethingIsMissing() {
        var out = new ByteArrayOutputStream();
        var code = PreflightCommand.look(
                cluster.access(), MockCluster.settings(settings), new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("broker pods").endsWith("nothing is missing\n");
        assertThat(code).isZero();
        cluster.denied.add("create podchaos");
        assertThat(PreflightCommand.look(
                        cluster.access(),
                        MockCluster.settings(settings),
                        new PrintStream(out, true, StandardCharsets.UTF_8)))
                .isOne();
        assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("something is missing\n");
    }

    @Test
    void theCommandRefusesWhatItDoesNotKnow() {
        var out = new ByteArrayOutputStream();
        var printer = new PrintStream(out, true, StandardCharsets.UTF_8);
        assertThat(PreflightCommand.run(List.of("--kontext=x"), printer)).isEqualTo(2);
        assertThat(PreflightCommand.run(List.of("context"), printer)).isEqualTo(2);
        assertThat(PreflightCommand.run(List.of("--kubeconfig=/nonexistent", "--context=x"), printer))
                .isEqualTo(2);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("setting havoq.kontext is unknown here")
                .contains("'context' is not an option")
                .contains("there is no kubeconfig at /nonexistent");
    }
}
