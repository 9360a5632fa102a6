package io.havoq.fault.chaosmesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.chaosmesh.OtherEnd.End;
import io.havoq.fault.chaosmesh.Sight.NotYet;
import io.havoq.fault.chaosmesh.Sight.Seen;
import io.havoq.manifest.Bandwidth;
import io.havoq.manifest.Mode;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the kernel does to packets, and whether round trips show it, on a real cluster: see {@link ChaosMeshEngineRealTest} for what it
 * needs, and {@code ping} in the image. Skipped, with the reason, where the nodes' kernel has no {@code sch_netem}.
 */
@Tag("cluster")
@EnabledIfEnvironmentVariable(named = "HAVOQ_TEST_KUBECONFIG", matches = ".+")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NetemRealTest {
    private static final String NAMESPACE = ObjectName.unique("havoq-test");
    private static final Duration BOUND = Duration.ofSeconds(90);
    private static final Selection NODES =
            new Selection(Selector.inNamespaces(NAMESPACE).withLabels(Map.of("app", "node")), new Mode.One());

    private final List<String> progress = new ArrayList<>();
    private RealNamespace namespace;
    private KubernetesClient client;
    private ClusterApi api;
    private Pods pods;
    private Shell shell;
    private ChaosMeshEngine engine;

    @BeforeAll
    void start() {
        namespace = RealNamespace.create(NAMESPACE);
        client = namespace.client();
        for (var name : List.of("node-0", "node-1", "node-2")) {
            client.resource(new PodBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withNamespace(NAMESPACE)
                            .addToLabels("app", "node")
                            .endMetadata()
                            .withNewSpec()
                            .withTerminationGracePeriodSeconds(0L)
                            .addNewContainer()
                            .withName("node")
                            .withImage(RealNamespace.IMAGE)
                            .withImagePullPolicy("IfNotPresent")
                            .withCommand("sleep", "100000")
                            .endContainer()
                            .endSpec()
                            .build())
                    .create();
        }
        client.pods().inNamespace(NAMESPACE).withName("node-0").waitUntilReady(2, TimeUnit.MINUTES);
        client.pods().inNamespace(NAMESPACE).withName("node-1").waitUntilReady(2, TimeUnit.MINUTES);
        client.pods().inNamespace(NAMESPACE).withName("node-2").waitUntilReady(2, TimeUnit.MINUTES);
        api = new ClusterApi(client, Pace.USUAL);
        pods = new Pods(api);
        shell = new ExecShell(client, Pace.USUAL.exec());
    }

    @BeforeEach
    void engine() {
        progress.clear();
        var run =
                new ChaosRun(ObjectName.unique("run"), NAMESPACE, Duration.ofMinutes(5), BOUND, Duration.ofSeconds(40));
        engine = new ChaosMeshEngine(client, run, progress::add);
    }

    @AfterEach
    void nothingIsLeft() {
        ChaosMeshLeftovers.remove(client, NAMESPACE, Optional.empty(), Duration.ofSeconds(40), progress::add);
        progress.forEach(line -> System.out.println("    " + line));
    }

    @AfterAll
    void stop() {
        namespace.close();
    }

    static Stream<Named<NetworkChaos>> faults() {
        return Stream.of(
                Named.of("delay of 100 ms", netem(Netem.NONE.with(delay(100)))),
                Named.of("delay of 20 ms", netem(Netem.NONE.with(delay(20)))),
                Named.of(
                        "delay, a quarter overtakes",
                        netem(Netem.NONE.with(new Netem.Delay(
                                Duration.ofMillis(100), Duration.ZERO, 0, Optional.of(new Netem.Reorder(25, 0, 1)))))),
                Named.of("loss of 30 %", netem(Netem.NONE.with(new Netem.Loss(30, 0)))),
                Named.of("loss of 5 %", netem(Netem.NONE.with(new Netem.Loss(5, 0)))),
                Named.of("a fifth twice", netem(Netem.NONE.with(new Netem.Duplicate(20, 0)))),
                Named.of("a tenth corrupt", netem(Netem.NONE.with(new Netem.Corrupt(10, 0)))),
                Named.of(
                        "delay of 50 ms at 1 MB/s",
                        netem(Netem.NONE.with(delay(50)).with(new Netem.Rate(1_000_000)))),
                Named.of(
                        "1 MB/s",
                        NetworkChaos.bandwidth(
                                "slow",
                                NODES,
                                NetworkChaos.Direction.TO,
                                Optional.of(NODES),
                                Bandwidth.of(1_000_000, 20_971_520, 10_000))));
    }

    private static Netem.Delay delay(long millis) {
        return Netem.Delay.of(Duration.ofMillis(millis));
    }

    private static NetworkChaos netem(Netem netem) {
        return NetworkChaos.netem("net", NODES, NetworkChaos.Direction.TO, Optional.of(NODES), netem);
    }

    /** A second probe looks for the fault's end while it is in force, as after a removal that left the kernel's rules. */
    @ParameterizedTest
    @MethodSource("faults")
    void aFaultIsSeenUntilItIsRemoved(NetworkChaos fault) {
        var probe = probe(fault, "node-0", "node-1");

        var injection = inject(fault, "node-0", "node-1");

        await("the effect is seen")
                .atMost(BOUND)
                .untilAsserted(() -> assertThat(injection.acted())
                        .as(() -> "seen: " + injection.effect())
                        .isTrue());
        assertThat(injection.effect()).anyMatch(Proof::independent);
        injection.effect().forEach(proof -> progress.add(proof.toString()));
        assertThat(injection.inForce()).isTrue();
        var inForce = stillThere(probe);
        injection.remove();
        await("nothing of it is left").atMost(BOUND).until(injection::gone);
        assertThat(injection.doubts()).isEmpty();
        injection.figures().forEach(progress::add);
        var removed = probe.after(pod("node-0"));
        progress.add("removed: " + removed);
        assertThat(inForce).isInstanceOf(NotYet.class);
        assertThat(removed).isInstanceOf(Seen.class);
    }

    /** Of 5 % one look misses all with 13 %, so that four are taken: 0.03 %. */
    private Sight stillThere(NetworkProbe probe) {
        var sight = probe.after(pod("node-0"));
        for (var look = 1; look < 4 && sight instanceof Seen; look++) {
            progress.add("in force, and missed: " + sight);
            sight = probe.after(pod("node-0"));
        }
        progress.add("in force, looking for its end: " + sight);
        return sight;
    }

    @Test
    void aMillisecondIsNotTakenForADelay() {
        var injection = inject(netem(Netem.NONE.with(delay(1))), "node-0", "node-1");

        assertThat(injection.acted()).isFalse();
        assertThat(injection.effect())
                .noneMatch(Proof::independent)
                .anyMatch(proof -> proof.toString().contains("too small to be told from the machine's own"));
    }

    /** What happens between two others, at the same time and on the same machine, is not this pod's. */
    @ParameterizedTest
    @MethodSource("faults")
    void aFaultOfOtherPodsIsNotTakenForThisOnes(NetworkChaos fault) {
        var probe = probe(fault, "node-0", "node-1");

        inject(fault, "node-1", "node-2");

        for (var look = 0; look < 3; look++) {
            var sight = probe.during(pod("node-0"));
            progress.add("other pods' fault: " + sight);
            assertThat(sight).isInstanceOf(NotYet.class);
        }
        assertThat(probe.after(pod("node-0"))).isInstanceOf(Seen.class);
    }

    private NetworkProbe probe(NetworkChaos fault, String from, String to) {
        var end = new End(to, pod(to).orElseThrow().ip(), 0, NAMESPACE);
        var probe = new NetworkProbe(fault, pods, shell, "node", Optional.of(end));
        probe.before(pod(from).orElseThrow());
        return probe;
    }

    private Optional<PodView> pod(String name) {
        return pods.find(NAMESPACE, name);
    }

    private Injection inject(NetworkChaos fault, String source, String target) {
        try {
            return engine.inject("real-test", fault, List.of(target(source)), List.of(target(target)));
        } catch (FaultException e) {
            if (String.valueOf(e.getMessage()).contains("unable to set tcs")) {
                return abort("the nodes' kernel cannot do it: " + e.getMessage());
            }
            throw e;
        }
    }

    private Target target(String name) {
        return namespace.target(name);
    }
}
