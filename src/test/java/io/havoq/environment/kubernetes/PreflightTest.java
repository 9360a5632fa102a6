package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.fault.Support;
import io.havoq.fault.chaosmesh.ChaosMeshLeftovers;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.Manifests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of a cluster to which things are missing, one at a time. */
class PreflightTest {
    private static final Pattern LISTED =
            Pattern.compile("GET /apis/chaos-mesh.org/v1alpha1/namespaces/mqtt/([a-z]+)\\?");

    private PreflightCluster cluster;

    @BeforeEach
    void whole() throws IOException {
        cluster = new PreflightCluster();
    }

    @AfterEach
    void close() throws IOException {
        cluster.close();
    }

    private PreflightReport look() {
        return cluster.look();
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
        cluster.mock.requests.clear();
        look();
        assertThat(cluster.mock.requests)
                .isNotEmpty()
                .allMatch(line -> line.startsWith("GET ") || line.contains("selfsubjectaccessreviews"));
    }

    @Test
    void aRightOfOneKindThatIsMissingTakesThatKindOnly() {
        cluster.mock.denied.add("patch networkchaos");
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
        cluster.mock.denied.add("list pods");
        cluster.mock.denied.add("update leases");
        assertThat(look().impossible())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("may get, list pods: not list")
                        .contains("may get, create, update, delete leases: not update"));
    }

    @Test
    void withoutLogsAndEventsExperimentsRunAndTheyAreMissed() {
        cluster.mock.denied.addAll(List.of("get pods/log", "list events", "get pods/exec"));
        var report = look();
        assertThat(report.complete()).isTrue();
        assertLine(report, "warning", "may get pods/log", "not get");
        assertLine(report, "warning", "may list events", "not list");
    }

    @Test
    void aKindThatIsNotInstalledIsMissing() {
        cluster.mock.installChaosMeshKinds("PodChaos", "NetworkChaos");
        var report = look();
        assertThat(reason(report, "08-time-skew.yaml")).contains("kind TimeChaos: not on this cluster");
        assertThat(reason(report, "01-pod-kill.yaml")).isEmpty();
    }

    @Test
    void withoutChaosMeshNoFaultIsPossibleAndABaselineIs() {
        cluster.withoutKinds();
        var report = look();
        assertThat(reason(report, "01-pod-kill.yaml")).contains("Chaos Mesh: no kinds of the group chaos-mesh.org");
        assertThat(report.impossible()).isEmpty();
    }

    @Test
    void withoutTheControllerNoFaultIsPossible() {
        cluster.withoutController();
        assertThat(reason(look(), "01-pod-kill.yaml")).contains("no Deployment chaos-controller-manager");
    }

    @Test
    void aControllerThatIsNotReadyIsMissing() {
        cluster.controllerIsNotReady();
        assertThat(reason(look(), "01-pod-kill.yaml")).contains("none of its pods is ready");
    }

    @Test
    void anUnknownVersionIsAWarning() {
        cluster.controllerOf("v3.0.0");
        var report = look();
        assertLine(report, "warning", "Chaos Mesh's controller", "version v3.0.0");
        assertThat(report.complete()).isTrue();
    }

    @Test
    void aNodeWithoutADaemonTakesTheFaultsThatNeedOne() {
        cluster.withoutDaemonOn("node-b");
        var report = look();
        assertThat(reason(report, "03-network-delay.yaml")).contains("none that is ready on node-b");
        assertThat(reason(report, "10-container-kill.yaml")).contains("node-b");
        assertThat(reason(report, "01-pod-kill.yaml")).isEmpty();
        assertThat(reason(report, "pod-failure.yaml")).isEmpty();
    }

    @Test
    void whatMayNotBeLookedAtIsAWarning() {
        cluster.chaosMeshsNamespaceIsNotToBeLookedAt();
        var report = look();
        assertThat(report.complete()).isTrue();
        assertLine(report, "warning", "Chaos Mesh's controller", "may not be looked at");
        assertLine(report, "warning", "Chaos Mesh's daemons", "may not be looked at");
    }

    @Test
    void aSelectorThatMatchesNoPodIsToldWithWhatToDo() {
        cluster.settings.put("havoq.selector", "app=emqx");
        var report = look();
        assertThat(report.impossible())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("no pod in the namespace mqtt has the labels {app=emqx}")
                        .contains("set havoq.namespace and havoq.selector"));
    }

    @Test
    void aPodThatIsNotReadyIsNamed() {
        cluster.mock.replace(
                MockCluster.pod("emqx-go-2", "node-b", "127.0.0.1", false).build());
        assertThat(look().impossible())
                .hasValueSatisfying(why -> assertThat(why).contains("not ready: emqx-go-2 (Running)"));
    }

    @Test
    void anEndpointThatNobodyListensAtIsNamed() throws IOException {
        cluster.nobodyAcceptsConnections();
        assertThat(look().impossible())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("MQTT endpoints: emqx-go-0: ")
                        .contains("run the tests in a runner pod"));
    }

    @Test
    void aNamespaceThatIsNotAllowedIsToldAmongTheRest() {
        cluster.settings.put("havoq.namespace", "kube-system");
        assertThat(look().impossible())
                .hasValueSatisfying(why -> assertThat(why).contains("never injected into the namespace kube-system"));
    }

    @Test
    void whoeverHoldsTheLeaseIsTold() {
        try (var lease = new NamespaceLease(
                cluster.mock.client(), MockCluster.NAMESPACE, "one@here:1", Duration.ofSeconds(30), line -> {})) {
            lease.acquire();
            assertLine(look(), "warning", "Lease", "run one@here:1 since");
        }
    }

    @Test
    void credentialsThatAreNotAcceptedAreTold() {
        cluster.mock.refuse("GET /version", 401, "Unauthorized");
        assertThat(look().impossible())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("does not accept the credentials (401)")
                        .contains("nowhere"));
    }

    @Test
    void aPrometheusThatDoesNotAnswerIsAWarning() throws IOException {
        cluster.settings.put("havoq.prometheus", "http://127.0.0.1:1");
        assertLine(look(), "warning", "Prometheus", "http://127.0.0.1:1 cannot be asked: java.net.ConnectException");
        cluster.settings.put("havoq.prometheus", cluster.mock.url());
        cluster.mock.answer("GET /api/v1/query", 404, "{}");
        assertLine(look(), "warning", "Prometheus", "answered 404");
        cluster.mock.answer("GET /api/v1/query", 200, PrometheusTest.UP);
        assertLine(look(), "ok", "Prometheus", cluster.mock.url() + ": 3 targets of job emqx-go are up");
        cluster.settings.put("havoq.prometheus.job", "broker");
        assertLine(look(), "warning", "Prometheus", "no target of job 'broker' is up; up are {emqx-go=3, slow=1}");
    }

    /** A kind that is never made is looked for at the start all the same: that it may not be listed must not be found out only there. */
    @Test
    void everyKindThatLeftoversAreLookedForIsAskedFor() {
        cluster.mock.refuse("GET /apis/chaos-mesh.org/v1alpha1/namespaces", 404, "none");
        var unused = ChaosMeshLeftovers.remove(
                cluster.mock.client, MockCluster.NAMESPACE, Optional.empty(), Duration.ofSeconds(1), line -> {});
        var listed = cluster.mock.requests.stream()
                .flatMap(line -> LISTED.matcher(line).results())
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
        assertThat(listed).contains("podchaos", "kernelchaos");
        var table = cluster.lookAtAccess().toString();
        assertThat(listed)
                .allSatisfy(kind -> assertThat(table).containsPattern("may [a-z, ]*\\blist\\b[a-z, ]* " + kind + " "));
    }

    @Test
    void aKindThatIsNeverMadeAndMayNotBeListedIsAWarningAndHidden() {
        cluster.mock.denied.add("list kernelchaos");
        var report = look();
        assertLine(report, "warning", "may list kernelchaos", "not list");
        assertThat(report.complete()).isTrue();
        assertThat(cluster.hidden()).containsExactly("KernelChaos");
    }

    @Test
    void rolesThatNobodyTellsAreAWarning() {
        var report = look();
        assertLine(report, "warning", "brokers' roles", "unknown, so that the seed chooses for @Victim");
        assertThat(report.toString()).contains("emqx-go-0: it declares no port 8082", "-> where the broker tells");
        assertThat(report.impossible()).isEmpty();
    }

    /** A typing error in the settings would otherwise let the seed choose, unnoticed by whoever asked for the leader. */
    @Test
    void rolesThatSettingsNameAndNobodyTellsAreMissing() {
        cluster.settings.put("havoq.kubernetes.role.port", "1");
        assertThat(look().impossible())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains(
                                "havoq.kubernetes.role.* is set, and no pod tells one: emqx-go-0: port 1, /health: "));
    }

    @Test
    void rolesThatAreToldAreShown() throws IOException {
        try (var page = new HttpPages("127.0.0.1")) {
            page.say("/health", 200, "{\"role\":\"follower\"}");
            cluster.settings.put("havoq.kubernetes.role.port", Integer.toString(page.port()));
            assertLine(look(), "ok", "brokers' roles", "emqx-go-0 follower, emqx-go-1 follower, emqx-go-2 follower");
        }
    }

    @Test
    void theCommandPrintsTheTableAndItsExitCodeSaysWhetherSomethingIsMissing() {
        var out = new ByteArrayOutputStream();
        var code = PreflightCommand.look(
                cluster.mock.access(),
                MockCluster.settings(cluster.settings),
                new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("broker pods").endsWith("nothing is missing\n");
        assertThat(code).isZero();
        cluster.mock.denied.add("create podchaos");
        assertThat(PreflightCommand.look(
                        cluster.mock.access(),
                        MockCluster.settings(cluster.settings),
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
