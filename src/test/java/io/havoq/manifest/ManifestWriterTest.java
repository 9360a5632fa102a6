package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.manifest.NetworkChaos.Direction;
import io.havoq.manifest.Selector.Expression;
import io.havoq.manifest.Selector.Operator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ManifestWriterTest {
    private static final Selector BROKERS = Selector.inNamespaces("default").withLabels(Map.of("app", "emqx-go"));

    static Stream<ChaosSpec> faults() {
        var values = List.of("yes", "1.0");
        return Stream.of(
                PodChaos.podKill("kill", new Selection(BROKERS, new Mode.One())),
                PodChaos.containerKill("kill", new Selection(BROKERS, new Mode.All()), List.of("emqx-go", "sidecar")),
                PodChaos.podFailure("fail", new Selection(BROKERS, new Mode.Fixed(2)), Duration.ofMillis(1500)),
                PodChaos.podKill(
                        "kill",
                        new Selection(
                                Selector.ofPods("mqtt", List.of("emqx-go-0", "emqx-go-1")),
                                new Mode.RandomMaxPercent(40))),
                new PodChaos(
                        "kill",
                        PodChaos.Action.POD_KILL,
                        new Selection(
                                new Selector(
                                        List.of("a", "b"),
                                        Map.of("app", "true", "version", "1.0", "empty", ""),
                                        Map.of("on", "no"),
                                        List.of(
                                                new Expression("x", Operator.IN, values),
                                                new Expression("y", Operator.NOT_IN, values),
                                                new Expression("z", Operator.EXISTS, List.of())),
                                        List.of("!Pending", "Running"),
                                        List.of("worker"),
                                        Map.of(),
                                        Map.of("status.phase", "Running")),
                                new Mode.FixedPercent(34)),
                        Duration.ofSeconds(30),
                        List.of(),
                        Optional.empty()));
    }

    static Stream<ChaosSpec> faultsOfTheNetwork() {
        var sources = new Selection(BROKERS, new Mode.Fixed(2));
        var targets = new Selection(Selector.ofPods("mqtt", List.of("emqx-go-2")), new Mode.FixedPercent(50));
        var everything = new Netem(
                Optional.of(new Netem.Delay(
                        Duration.ofSeconds(90),
                        Duration.ofNanos(1_500_000),
                        12.5,
                        Optional.of(new Netem.Reorder(0.25, 50, 5)))),
                Optional.of(new Netem.Loss(20, 25)),
                Optional.of(new Netem.Duplicate(0.000001, 0)),
                Optional.of(new Netem.Corrupt(100, 100)),
                Optional.of(new Netem.Rate(125_000)));
        return Stream.of(
                NetworkChaos.partition("cut", sources, Direction.BOTH, targets),
                NetworkChaos.partition("cut", sources, Direction.FROM, targets).withDuration(Duration.ofMinutes(2)),
                NetworkChaos.netem("all", sources, Direction.TO, Optional.empty(), everything),
                NetworkChaos.netem(
                        "slow", sources, Direction.FROM, Optional.of(targets), Netem.NONE.with(new Netem.Rate(1))),
                NetworkChaos.bandwidth(
                        "narrow", sources, Direction.TO, Optional.empty(), Bandwidth.of(128_000, 20_971_520, 10_000)),
                NetworkChaos.bandwidth(
                        "narrow",
                        sources,
                        Direction.BOTH,
                        Optional.of(targets),
                        new Bandwidth(1_234_567, 1, 1, Optional.of(2_000_001.0), Optional.of(1600))),
                new NetworkChaos(
                        "far",
                        NetworkChaos.Action.DELAY,
                        sources,
                        Direction.TO,
                        Optional.of(targets),
                        List.of("10.0.0.0/8", "db.example.org:5432"),
                        Optional.of("eth1"),
                        Netem.NONE.with(Netem.Delay.of(Duration.ofNanos(999))),
                        Optional.empty(),
                        Optional.of(Duration.ofMinutes(5))),
                new DnsChaos(
                        "names",
                        DnsChaos.Action.RANDOM,
                        sources,
                        List.of("emqx-go"),
                        List.of("emqx-go-*", "db?.example.org"),
                        Optional.of(Duration.ofMinutes(2))),
                new DnsChaos("all-names", DnsChaos.Action.ERROR, sources, List.of(), List.of(), Optional.empty()),
                new TimeChaos(
                        "ahead",
                        sources,
                        List.of("emqx-go"),
                        Duration.ofMinutes(5),
                        TimeChaos.DEFAULT_CLOCKS,
                        Optional.of(Duration.ofMinutes(2))),
                new TimeChaos(
                        "behind",
                        sources,
                        List.of(),
                        Duration.ofMillis(-5_400_100),
                        List.of(TimeChaos.ClockId.CLOCK_REALTIME_COARSE, TimeChaos.ClockId.CLOCK_REALTIME),
                        Optional.empty()),
                StressChaos.cpu("busy", sources, 1, 80),
                StressChaos.memory("full", sources, new MemorySize.Percent(90), -1000),
                StressChaos.memory("full", sources, new MemorySize.Bytes(1_200_000_001), 1000),
                new StressChaos(
                        "both",
                        sources,
                        List.of("emqx-go"),
                        Optional.of(new StressChaos.Cpu(8192, 1)),
                        Optional.of(new StressChaos.Memory(3, new MemorySize.Bytes(256L << 20), 0)),
                        Optional.of(Duration.ofMinutes(3))));
    }

    static List<ChaosSpec> faultsOfFiles() {
        var pods = new Selection(BROKERS, new Mode.All());
        return List.of(
                new IoChaos(
                        "slow",
                        new IoChaos.Effect.Latency(Duration.ofMillis(100)),
                        pods,
                        List.of("emqx-go"),
                        "/data",
                        Optional.of(new PathPattern("/data/**/*.log")),
                        List.of("read", "write"),
                        50,
                        Optional.of(Duration.ofMinutes(3))),
                IoChaos.fault("fails", pods, "/data", List.of(), 28),
                new IoChaos(
                        "shows",
                        new IoChaos.Effect.AttrOverride(
                                Map.of("perm", 72L, "size", 0L),
                                Map.of("mtime", Instant.ofEpochSecond(1, 5)),
                                Optional.of("directory")),
                        pods,
                        List.of(),
                        "/data",
                        Optional.empty(),
                        List.of("getattr"),
                        100,
                        Optional.empty()),
                new IoChaos(
                        "lies",
                        new IoChaos.Effect.Mistake("random", 3, 10),
                        pods,
                        List.of(),
                        "/data",
                        Optional.empty(),
                        List.of("read"),
                        1,
                        Optional.empty()),
                new KernelChaos(
                        "kernel",
                        KernelChaos.Failure.BIO,
                        pods,
                        List.of("linux/blkdev.h"),
                        List.of(
                                KernelChaos.Frame.of("__x64_sys_fsync"),
                                new KernelChaos.Frame(
                                        "ext4_sync_file", Optional.of("int datasync"), Optional.of("datasync == 1"))),
                        50,
                        Optional.of(3),
                        Optional.of(Duration.ofMinutes(1))),
                new KernelChaos(
                        "any",
                        KernelChaos.Failure.SLAB,
                        pods,
                        List.of(),
                        List.of(),
                        100,
                        Optional.empty(),
                        Optional.empty()));
    }

    @ParameterizedTest
    @MethodSource({"faults", "faultsOfTheNetwork", "faultsOfFiles"})
    void whatItWritesIsReadAsTheSameFault(ChaosSpec spec) {
        var documents = Manifests.parse("written.yaml", ManifestWriter.write(spec));

        assertThat(documents).extracting(ManifestDocument::spec).containsExactly(spec);
    }

    static List<String> manifestsOfTheProject() throws IOException {
        try (var files = Files.list(Path.of("src/test/resources/chaos"))) {
            return files.map(file -> "chaos/" + file.getFileName()).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("manifestsOfTheProject")
    void whatIsReadIsWrittenAndReadAgain(String location) {
        var documents = Manifests.read(location);

        assertThat(documents)
                .isNotEmpty()
                .allSatisfy(
                        document -> assertThat(Manifests.parse("written.yaml", ManifestWriter.write(document.spec())))
                                .extracting(ManifestDocument::spec)
                                .containsExactly(document.spec()));
    }

    @Test
    void writesANetworkFaultThatPeopleWouldWrite() {
        var spec = NetworkChaos.netem(
                "slow",
                new Selection(BROKERS, new Mode.All()),
                Direction.TO,
                Optional.of(new Selection(Selector.ofPods("default", List.of("emqx-go-2")), new Mode.All())),
                Netem.NONE
                        .with(new Netem.Delay(Duration.ofMillis(250), Duration.ofMillis(100), 50, Optional.empty()))
                        .with(new Netem.Rate(125_000)));

        assertThat(ManifestWriter.write(spec)).isEqualTo("""
                        apiVersion: chaos-mesh.org/v1alpha1
                        kind: NetworkChaos
                        metadata:
                          name: slow
                          namespace: default
                        spec:
                          action: netem
                          mode: all
                          selector:
                            namespaces:
                              - default
                            labelSelectors:
                              app: emqx-go
                          direction: to
                          target:
                            mode: all
                            selector:
                              pods:
                                default:
                                  - emqx-go-2
                          delay:
                            latency: 250ms
                            jitter: 100ms
                            correlation: '50'
                          rate:
                            rate: 125kbps
                        """);
    }

    @Test
    void writesAManifestThatPeopleWouldWrite() {
        var spec = PodChaos.podFailure("fail", new Selection(BROKERS, new Mode.Fixed(2)), Duration.ofSeconds(90));

        assertThat(ManifestWriter.write(spec)).isEqualTo("""
                        apiVersion: chaos-mesh.org/v1alpha1
                        kind: PodChaos
                        metadata:
                          name: fail
                          namespace: default
                        spec:
                          action: pod-failure
                          mode: fixed
                          value: '2'
                          selector:
                            namespaces:
                              - default
                            labelSelectors:
                              app: emqx-go
                          duration: 1m30s
                        """);
    }
}
