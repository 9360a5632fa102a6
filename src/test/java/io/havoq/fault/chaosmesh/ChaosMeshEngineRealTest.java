package io.havoq.fault.chaosmesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.MemorySize;
import io.havoq.manifest.Mode;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.manifest.StressChaos;
import io.havoq.manifest.TimeChaos;
import io.havoq.time.RunClock;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The engine against a real API server with a real Chaos Mesh: {@code HAVOQ_TEST_KUBECONFIG} names a kubeconfig whose current context may
 * make namespaces; {@code HAVOQ_TEST_IMAGE} an image with a shell, python3 and ping that the cluster has or can
 * pull. Whatever needs a
 * chaos-daemon is skipped, with the reason, where none runs.
 */
@Tag("cluster")
@EnabledIfEnvironmentVariable(named = "HAVOQ_TEST_KUBECONFIG", matches = ".+")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChaosMeshEngineRealTest {
    private static final String NAMESPACE = ObjectName.unique("havoq-test");
    private static final Duration BOUND = Duration.ofSeconds(60);

    /** Python asks clock_gettime(2), which a TimeChaos shifts; busybox asks time(2), which it does not. */
    private static final String SERVER = """
            exec python3 -c '
            import _socket, time
            server = _socket.socket()
            server.setsockopt(1, 2, 1)
            server.bind(("0.0.0.0", 8080))
            server.listen(16)
            while True:
                client = _socket.socket(fileno=server._accept()[0])
                client.recv(4096)
                date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time()))
                client.send(("HTTP/1.0 200 OK\\r\\nDate: " + date + "\\r\\nContent-Length: 0\\r\\n\\r\\n").encode())
                client.close()
            '
            """;

    private final List<String> progress = new ArrayList<>();
    private RealNamespace namespace;
    private KubernetesClient client;
    private ChaosRun run;
    private ChaosMeshEngine engine;

    @BeforeAll
    void start() {
        namespace = RealNamespace.create(NAMESPACE);
        client = namespace.client();
        var container = new ContainerBuilder()
                .withName("node")
                .withImage(RealNamespace.IMAGE)
                .withImagePullPolicy("IfNotPresent")
                .withCommand("sh", "-c", SERVER)
                .addNewPort()
                .withName("http")
                .withContainerPort(8080)
                .endPort()
                .withNewResources()
                .addToLimits("cpu", new Quantity("500m"))
                .addToLimits("memory", new Quantity("128Mi"))
                .endResources()
                .addNewVolumeMount()
                .withName("data")
                .withMountPath("/data")
                .endVolumeMount()
                .build();
        client.apps()
                .statefulSets()
                .inNamespace(NAMESPACE)
                .resource(new StatefulSetBuilder()
                        .withNewMetadata()
                        .withName("node")
                        .endMetadata()
                        .withNewSpec()
                        .withReplicas(2)
                        .withServiceName("node")
                        .withPodManagementPolicy("Parallel")
                        .withNewSelector()
                        .addToMatchLabels("app", "node")
                        .endSelector()
                        .withNewTemplate()
                        .withNewMetadata()
                        .addToLabels("app", "node")
                        .endMetadata()
                        .withNewSpec()
                        .withTerminationGracePeriodSeconds(1L)
                        .withContainers(container)
                        .addNewVolume()
                        .withName("data")
                        .withNewEmptyDir()
                        .endEmptyDir()
                        .endVolume()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
    }

    @BeforeEach
    void ready() {
        progress.clear();
        run = new ChaosRun(ObjectName.unique("run"), NAMESPACE, Duration.ofMinutes(5), BOUND, Duration.ofSeconds(20));
        engine = new ChaosMeshEngine(client, run, progress::add);
        await("both pods run")
                .atMost(120, TimeUnit.SECONDS)
                .until(() -> pods().size() == 2
                        && pods().stream()
                                .allMatch(pod -> pod.getMetadata().getDeletionTimestamp() == null
                                        && !pod.getStatus()
                                                .getContainerStatuses()
                                                .isEmpty()
                                        && pod.getStatus()
                                                .getContainerStatuses()
                                                .get(0)
                                                .getReady()));
    }

    @AfterEach
    void nothingIsLeft() {
        ChaosMeshLeftovers.remove(client, NAMESPACE, Optional.empty(), Duration.ofSeconds(20), progress::add);
        progress.forEach(line -> System.out.println("    " + line));
    }

    @AfterAll
    void stop() {
        namespace.close();
    }

    private List<Pod> pods() {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withLabel("app", "node")
                .list()
                .getItems();
    }

    private Target target(String name) {
        return namespace.target(name);
    }

    private static Selection nodes() {
        return new Selection(Selector.inNamespaces(NAMESPACE).withLabels(Map.of("app", "node")), new Mode.One());
    }

    private void requireDaemon() {
        var daemons = client.pods()
                .inAnyNamespace()
                .withLabel("app.kubernetes.io/component", "chaos-daemon")
                .list()
                .getItems();
        assumeThat(daemons)
                .as("a chaos-daemon runs")
                .anyMatch(pod -> "Running".equals(pod.getStatus().getPhase()));
    }

    private Injection inject(ChaosSpec spec, Target target, Target... peers) {
        assertThat(engine.supports(spec)).isInstanceOf(Support.Supported.class);
        return engine.inject("real-test", spec, List.of(target), List.of(peers));
    }

    /** The whole life of a lasting fault: seen by other means, in force, removed, gone. */
    private void goesItsWay(Injection injection) {
        await("the effect is seen")
                .atMost(BOUND)
                .untilAsserted(() -> assertThat(injection.acted())
                        .as(() -> "seen: " + injection.effect())
                        .isTrue());
        assertThat(injection.effect()).anyMatch(Proof::independent);
        injection.effect().forEach(proof -> progress.add(proof.toString()));
        if (!injection.oneShot()) {
            assertThat(injection.inForce()).isTrue();
        }
        injection.remove();
        await("nothing of it is left").atMost(BOUND).until(injection::gone);
        assertThat(injection.doubts()).isEmpty();
        injection.figures().forEach(progress::add);
    }

    @Test
    void aPodKillIsSeenInThePodsIdentity() {
        var before = target("node-0");

        goesItsWay(inject(PodChaos.podKill("kill", nodes()), before));

        assertThat(target("node-0").uid()).isNotEqualTo(before.uid());
        assertThat(target("node-1").uid()).as("the other pod is left alone").isNotEmpty();
    }

    @Test
    void whatTheWebhookRefusesIsToldBeforeAnythingHappens() {
        var both = NetworkChaos.netem(
                "delay",
                nodes(),
                NetworkChaos.Direction.BOTH,
                Optional.empty(),
                Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(100))));

        assertThatThrownBy(() -> inject(both, target("node-0")))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("webhook refuses it")
                .hasMessageContaining("direction cannot be used when targets is empty")
                .hasMessageContaining("The object:");
        assertThat(progress).noneMatch(line -> line.startsWith("creating"));
    }

    @Test
    void aMissingRightIsNamed() {
        var nobody = new ConfigBuilder(RealNamespace.config())
                .withImpersonateUsername("havoq-nobody")
                .build();
        try (var other = new KubernetesClientBuilder().withConfig(nobody).build()) {
            var refused = new ChaosMeshEngine(other, run, progress::add);

            assertThatThrownBy(() -> refused.inject(
                            "real-test", PodChaos.podKill("kill", nodes()), List.of(target("node-0")), List.of()))
                    .isInstanceOf(FaultException.class)
                    .hasMessageContaining("kubectl auth can-i get pods -n " + NAMESPACE);
        }
    }

    @Test
    void aNamespaceThatIsNotThereIsNamed() {
        var nowhere = new ChaosMeshEngine(
                client, new ChaosRun("run", "havoq-nowhere", run.maxDuration(), BOUND, BOUND), progress::add);

        assertThatThrownBy(() -> nowhere.inject(
                        "real-test", PodChaos.podKill("kill", nodes()), List.of(target("node-0")), List.of()))
                .hasMessageContaining("havoq-nowhere");
    }

    @Test
    void whatARunThatEndedLeftIsRemovedByTheNext() {
        var left = inject(PodChaos.podKill("kill", nodes()), target("node-0"));
        assertThat(left.targets()).hasSize(1);

        assertThat(ChaosMeshLeftovers.remove(
                        client, NAMESPACE, Optional.of("another-run"), Duration.ofSeconds(20), progress::add))
                .isEmpty();
        assertThat(ChaosMeshLeftovers.remove(
                        client, NAMESPACE, Optional.empty(), Duration.ofSeconds(20), progress::add))
                .singleElement()
                .asString()
                .startsWith("PodChaos " + NAMESPACE + "/real-test-")
                .endsWith(" of run " + run.id());
        assertThat(ChaosMeshLeftovers.remove(
                        client, NAMESPACE, Optional.empty(), Duration.ofSeconds(20), progress::add))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"creating", "is injected", "deleting"})
    void aRunThatIsKilledAtAnyStepIsCleanedUpByTheNext(String step) throws Exception {
        var killed = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledRun.class.getName(),
                        System.getenv("HAVOQ_TEST_KUBECONFIG"),
                        NAMESPACE,
                        "node-0")
                .redirectErrorStream(true)
                .start();
        try (var output = new BufferedReader(new InputStreamReader(killed.getInputStream(), StandardCharsets.UTF_8))) {
            var line = output.readLine();
            while (line != null && !line.contains(step)) {
                line = output.readLine();
            }
            assertThat(line).as("the step was reached").isNotNull();
        } finally {
            killed.destroyForcibly().waitFor();
        }
        assertThat(killed.exitValue()).isEqualTo(137);

        progress.addAll(
                ChaosMeshLeftovers.remove(client, NAMESPACE, Optional.empty(), Duration.ofSeconds(20), progress::add));

        assertThat(ChaosMeshLeftovers.remove(
                        client, NAMESPACE, Optional.empty(), Duration.ofSeconds(20), progress::add))
                .isEmpty();
        assertThat(progress).noneMatch(line -> line.contains("by force"));
        await("the pod has its own image again")
                .atMost(BOUND)
                .until(() -> client.pods()
                        .inNamespace(NAMESPACE)
                        .withName("node-0")
                        .require()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getImage()
                        .equals(RealNamespace.IMAGE));
    }

    @Test
    void aFaultWithoutADaemonIsExplainedAndRemoved() {
        var daemons = client.pods()
                .inAnyNamespace()
                .withLabel("app.kubernetes.io/component", "chaos-daemon")
                .list()
                .getItems();
        assumeThat(daemons)
                .as("no chaos-daemon runs")
                .noneMatch(pod -> "Running".equals(pod.getStatus().getPhase()));
        run = new ChaosRun(run.id(), NAMESPACE, Duration.ofMinutes(5), Duration.ofSeconds(8), Duration.ofSeconds(8));
        engine = new ChaosMeshEngine(client, run, progress::add);
        var from = RunClock.now();

        assertThatThrownBy(() -> inject(TimeChaosOf.hour(nodes()), target("node-0")))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("did not inject TimeChaos")
                .hasMessageContaining("Likely cause:");
        assertThat(RunClock.between(from, RunClock.now())).isLessThan(Duration.ofMinutes(2));
    }

    @Test
    void aContainerKillIsSeenInItsExitCode() {
        requireDaemon();
        goesItsWay(inject(PodChaos.containerKill("kill", nodes(), List.of("node")), target("node-0")));
    }

    @Test
    void aPodFailureIsSeenInThePodsImage() {
        goesItsWay(inject(PodChaos.podFailure("failure", nodes(), Duration.ofMinutes(1)), target("node-0")));
    }

    @Test
    void aPartitionIsSeenInRoundTrips() {
        requireDaemon();
        goesItsWay(inject(
                NetworkChaos.partition("cut", nodes(), NetworkChaos.Direction.BOTH, nodes()),
                target("node-0"),
                target("node-1")));
    }

    @Test
    void aShiftedClockIsSeenInADate() {
        requireDaemon();
        goesItsWay(inject(TimeChaosOf.hour(nodes()), target("node-0")));
    }

    @Test
    void processorStressIsSeenInTheControlGroup() {
        requireDaemon();
        goesItsWay(inject(StressChaos.cpu("cpu", nodes(), 1, 80), target("node-0")));
    }

    @Test
    void memoryStressBelowTheLimitIsSeenInTheControlGroup() {
        requireDaemon();
        goesItsWay(inject(StressChaos.memory("memory", nodes(), MemorySize.parse("64MB"), 0), target("node-0")));
    }

    @Test
    void memoryStressPastTheLimitIsSeenInTheEndsForWantOfMemory() {
        requireDaemon();
        goesItsWay(inject(StressChaos.memory("memory", nodes(), MemorySize.parse("512MB"), 0), target("node-0")));
    }

    @Test
    void failingFileOperationsAreSeenOnTheVolume() {
        requireDaemon();
        goesItsWay(inject(IoChaos.fault("io", nodes(), "/data", List.of(), 5), target("node-0")));
    }

    @Test
    void thePowerOffOfAMachineIsReplacedByPartitionAndKill() {
        requireDaemon();
        var before = target("node-0");
        var injection = inject(PodChaos.podKill("off", nodes()).withPowerOff(), before);

        goesItsWay(injection);

        assertThat(injection.figures()).anyMatch(line -> line.startsWith("substitute: a partition of [node-0]"));
        assertThat(target("node-0").uid()).isNotEqualTo(before.uid());
    }

    /** A TimeChaos of one hour. */
    private static final class TimeChaosOf {
        static TimeChaos hour(Selection selection) {
            return new TimeChaos(
                    "clock",
                    selection,
                    List.of(),
                    Duration.ofHours(1),
                    TimeChaos.DEFAULT_CLOCKS,
                    Optional.of(Duration.ofMinutes(2)));
        }
    }
}
