package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.havoq.environment.Credentials;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.EnvironmentProvider;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.RestartDelay;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import io.havoq.manifest.Manifests;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The environment as experiments use it, on an API server with memory: without Chaos Mesh's controllers, so without faults. */
class KubernetesEnvironmentTest {
    @TempDir
    private Path output;

    private final MockCluster cluster = new MockCluster();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Map<String, String> settings = new HashMap<>();
    private ServerSocket listener;

    @BeforeEach
    void whole() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        settings.put("havoq.kubernetes.port.mqtt", Integer.toString(listener.getLocalPort()));
        settings.put("havoq.kubernetes.port.cluster", "0");
        settings.put("havoq.kubernetes.lease-duration", "3s");
        cluster.brokers();
        cluster.installChaosMesh(
                "v2.8.3", "PodChaos", "NetworkChaos", "StressChaos", "IOChaos", "TimeChaos", "DNSChaos");
        cluster.daemonOn("node-a");
        cluster.daemonOn("node-b");
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        cluster.close();
    }

    private KubernetesEnvironment environment() {
        return KubernetesEnvironment.of(MockCluster.settings(settings), cluster.kubeconfig(), output, told::add);
    }

    @Test
    void startsTellsWhatIsThereAndLeavesNothing() {
        try (var environment = environment()) {
            assertThat(environment.name()).isEqualTo("kubernetes");
            environment.start();
            environment.start();
            assertThat(told).anyMatch(line -> line.contains("broker pods") && line.contains("3 ready"));
            assertThat(environment.broker()).isEqualTo("registry.example/emqx-go:1.2");
            assertThat(environment.description())
                    .isEqualTo("3 pods of registry.example/emqx-go:1.2 in the namespace mqtt of context mock,"
                            + " Chaos Mesh v2.8.3; clients use the pods' own addresses");
            assertThat(environment.targets())
                    .extracting(Target::name)
                    .containsExactly("emqx-go-0", "emqx-go-1", "emqx-go-2");
            assertThat(environment.endpoints())
                    .extracting(MqttEndpoint::target)
                    .containsExactly("emqx-go-0", "emqx-go-1", "emqx-go-2");
            assertThat(environment.endpoints()).isEqualTo(environment.endpoints());
            assertThat(environment.roles().values()).containsOnly(Role.UNKNOWN);
            assertThat(environment.portProblem(environment.targets().get(0), "mqtt"))
                    .isEmpty();
            assertThat(environment.rebuilds()).isFalse();
            assertThat(environment.rebuild()).isFalse();
            environment.beginExperiment("x");
            environment.endExperiment("x");
            assertThat(output.resolve("kubernetes/x/pods.yaml")).exists();
        }
        assertThat(cluster.client
                        .leases()
                        .inNamespace(MockCluster.NAMESPACE)
                        .list()
                        .getItems())
                .isEmpty();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("havoq-lease-renewal", "havoq-pod-addresses", "havoq-log-emqx-go-0");
    }

    @Test
    void whatIsImpossibleEndsTheStartWithTheReasonAndIsNotTriedAgain() {
        settings.put("havoq.namespace", "kube-system");
        try (var environment = environment()) {
            assertThatThrownBy(environment::start)
                    .isInstanceOf(EnvironmentException.class)
                    .hasMessageContaining("no experiment can run")
                    .hasMessageContaining("never injected into the namespace kube-system");
            cluster.requests.clear();
            assertThatThrownBy(environment::start).hasMessageContaining("never injected into the namespace");
            assertThat(cluster.requests).isEmpty();
        }
    }

    @Test
    void aSecondRunInTheNamespaceIsRefusedAndDoesNotDisturbTheFirst() {
        try (var first = environment();
                var second = environment()) {
            first.start();
            assertThatThrownBy(second::start)
                    .isInstanceOf(EnvironmentException.class)
                    .hasMessageContaining("another run is using the namespace mqtt");
            assertThat(first.targets()).hasSize(3);
            assertThat(first.doubt(Manifests.readAll(List.of("chaos/01-pod-kill.yaml"))
                            .get(0)
                            .spec()))
                    .isEmpty();
        }
    }

    @Test
    void podsThatAreNotReadyInTimeAreNamedWithTheEndOfTheLog() {
        settings.put("havoq.kubernetes.start-timeout", "600ms");
        cluster.replace(
                MockCluster.pod("emqx-go-0", "node-a", "127.0.0.1", false).build());
        cluster.answer("GET /api/v1/namespaces/mqtt/pods/emqx-go-0/log", 200, "cannot join\n");
        try (var environment = environment()) {
            assertThatThrownBy(environment::start)
                    .hasMessageContaining(
                            "not ready within 600ms (havoq.kubernetes.start-timeout): emqx-go-0: its containers run, and it is not ready.")
                    .hasMessageContaining(
                            "See kubectl -n mqtt describe pod emqx-go-0; the end of its log:\ncannot join");
        }
        assertThat(cluster.client
                        .leases()
                        .inNamespace(MockCluster.NAMESPACE)
                        .list()
                        .getItems())
                .isEmpty();
    }

    @Test
    void throughPortForwardingNothingThatIsSeenUnderANetworkFaultCounts() {
        settings.put("havoq.kubernetes.access", "port-forward");
        var environment = environment();
        var delay =
                Manifests.readAll(List.of("chaos/03-network-delay.yaml")).get(0).spec();
        var kill = Manifests.readAll(List.of("chaos/01-pod-kill.yaml")).get(0).spec();
        try (environment) {
            // Whether forwarding works the mock cannot tell; the ways to it are opened before anything is asked.
            assertThatThrownBy(environment::start).hasMessageContaining("MQTT endpoints");
            assertThat(environment.doubt(kill)).isEmpty();
            assertThat(environment.doubt(delay))
                    .hasValueSatisfying(doubt -> assertThat(doubt).contains("port forwarding"));
        }
    }

    @Test
    void aLostLeaseCastsDoubtOnEverything() {
        try (var environment = environment()) {
            environment.start();
            loseTheLease(environment);
        }
    }

    /** Returns once the loss has cast its doubt. */
    private void loseTheLease(KubernetesEnvironment environment) {
        cluster.client
                .leases()
                .inNamespace(MockCluster.NAMESPACE)
                .withName(NamespaceLease.NAME)
                .delete();
        await("the loss is noticed")
                .atMost(Duration.ofSeconds(5))
                .until(() -> environment
                        .doubt(Manifests.readAll(List.of("chaos/01-pod-kill.yaml"))
                                .get(0)
                                .spec())
                        .isPresent());
    }

    /** The run that has it now may have looked before this one made what it made. */
    @Test
    void withoutItsLeaseARunStillRemovesWhatIsItsOwn() {
        try (var environment = environment()) {
            environment.start();
            loseTheLease(environment);
            cluster.requests.clear();
        }
        assertThat(cluster.requests)
                .anyMatch(line -> line.startsWith("GET /apis/chaos-mesh.org/v1alpha1/namespaces/mqtt/networkchaos?")
                        && line.contains("havoq.io%2Frun%3D"));
    }

    @Test
    void faultsLastAsLongAsTheManifestSaysAndNotLongerThanTheSetting() {
        settings.put("havoq.max-duration", "1m");
        try (var environment = environment()) {
            assertThat(environment.timeInForce(Optional.of(Duration.ofSeconds(40))))
                    .isEqualTo(Duration.ofSeconds(40));
            assertThat(environment.timeInForce(Optional.of(Duration.ofMinutes(5))))
                    .isEqualTo(Duration.ofMinutes(1));
            assertThat(environment.timeInForce(Optional.empty())).isEqualTo(Duration.ofSeconds(15));
        }
    }

    @Test
    void clientsLogInAsTheSettingsSay() {
        try (var environment = environment()) {
            assertThat(environment.credentials()).isEmpty();
        }
        settings.putAll(Map.of("havoq.broker.username", "test", "havoq.broker.password", "word"));
        try (var environment = environment()) {
            assertThat(environment.credentials()).contains(new Credentials("test", "word"));
        }
    }

    @Test
    void addressesThatAreGivenAreUsedUnlessSomethingElseIsSaid() {
        settings.put("havoq.kubernetes.addresses", "127.0.0.1{ordinal}:1883");
        assertThat(KubernetesEnvironment.way(MockCluster.settings(settings)))
                .isEqualTo(KubernetesSettings.Access.EXTERNAL);
        settings.put("havoq.kubernetes.access", "pod");
        assertThat(KubernetesEnvironment.way(MockCluster.settings(settings))).isEqualTo(KubernetesSettings.Access.POD);
    }

    @Test
    void wrongSettingsAreToldBeforeAnythingIsStarted() {
        settings.put("havoq.kubernetes.lease-duration", "1s");
        assertThatThrownBy(this::environment)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("havoq.kubernetes.lease-duration");
        settings.remove("havoq.kubernetes.lease-duration");
        settings.put("havoq.kubernetes.addresses", "somewhere:1883");
        assertThatThrownBy(this::environment)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("havoq.kubernetes.addresses");
        settings.remove("havoq.kubernetes.addresses");
        settings.put("havoq.kubernetes.access", "telnet");
        assertThatThrownBy(this::environment)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected one of pod, external, port-forward");
        settings.remove("havoq.kubernetes.access");
        settings.put("havoq.max-share", "0");
        assertThatThrownBy(() -> MockCluster.settings(settings).get(KubernetesSettings.MAX_SHARE))
                .hasMessageContaining("expected 1 to 100");
    }

    @Test
    void anUnreachableServerIsToldWithWhatToDo() throws IOException {
        int closed;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        var kubeconfig = KubeconfigText.of("mock", "https://127.0.0.1:" + closed);
        try (var environment =
                KubernetesEnvironment.of(MockCluster.settings(settings), kubeconfig, output, told::add)) {
            assertThatThrownBy(environment::start)
                    .isInstanceOf(EnvironmentException.class)
                    .hasMessageContaining("the API server cannot be reached: no connection")
                    .hasMessageContaining("kubectl --context mock cluster-info");
        }
    }

    @Test
    void theServiceLoaderFindsIt() {
        assertThat(ServiceLoader.load(EnvironmentProvider.class))
                .extracting(EnvironmentProvider::name)
                .contains("kubernetes");
        assertThatThrownBy(() -> new KubernetesProvider()
                        .create(
                                Settings.fromSystemProperties()
                                        .orElse(key -> key.equals("havoq.kubeconfig")
                                                ? Optional.of("/nonexistent")
                                                : Optional.empty()),
                                output,
                                told::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("havoq.context: is not set");
    }

    @Test
    void aNewPodThatNobodyTakesIsKeptDownByTheCluster() {
        try (var environment = environment()) {
            environment.start();
            environment.beginExperiment("x");
            assertThat(environment.restartDelays()).isEmpty();
            cluster.replace(new PodBuilder(RecordedPod.of("unschedulable").last())
                    .editMetadata()
                    .withName("emqx-go-1")
                    .withNamespace(MockCluster.NAMESPACE)
                    .withLabels(Map.of("app", "emqx-go"))
                    .endMetadata()
                    .build());

            assertThat(environment.restartDelays()).singleElement().satisfies(delay -> {
                assertThat(delay.target()).isEqualTo("emqx-go-1");
                assertThat(delay.kept()).isEqualTo(RestartDelay.Kept.POD);
                assertThat(delay.by())
                        .contains("no node takes it (Unschedulable: 0/1 nodes are available")
                        .endsWith("see kubectl -n mqtt describe pod emqx-go-1");
            });
            assertThat(environment.targets()).hasSize(3);
        }
    }

    @Test
    void whereItIsKnownWhatAContainerWaitedForTheBackOffIsNotGuessed() {
        var recorded = RecordedPod.of("fine");
        try (var environment = environment()) {
            environment.start();
            say(recorded.looks().get(1).pod());
            environment.beginExperiment("x");
            say(recorded.waiting("ErrImagePull").pod());
            assertThat(environment.targets()).hasSize(3);
            say(recorded.last());

            assertThat(environment.restartDelays())
                    .singleElement()
                    .satisfies(delay -> assertThat(delay.toString())
                            .matches("emqx-go-1 was started again 2[0-9]s after it had ended: its image cannot be had"
                                    + " \\(ErrImagePull: failed to pull.*")
                            .doesNotContain("CrashLoopBackOff", "the kubelet took that long"));
        }
    }

    private void say(Pod recorded) {
        var made = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        cluster.client
                .pods()
                .inNamespace(MockCluster.NAMESPACE)
                .withName("emqx-go-1")
                .editStatus(pod -> {
                    // The server has made the pod just now: what was recorded begins then, too.
                    pod.setStatus(Serialization.unmarshal(
                            Pattern.compile("2026-11-2[0-9T:]+Z")
                                    .matcher(Serialization.asJson(recorded.getStatus()))
                                    .replaceAll(time -> made.plus(Duration.between(
                                                    Instant.parse("2026-11-23T23:44:04Z"), Instant.parse(time.group())))
                                            .toString()),
                            PodStatus.class));
                    return pod;
                });
    }
}
