package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.havoq.manifest.NetworkChaos.Action;
import io.havoq.manifest.NetworkChaos.Direction;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NetworkChaosTest {
    private static final Selection BROKERS =
            new Selection(Selector.inNamespaces("mqtt").withLabels(Map.of("app", "emqx-go")), new Mode.All());

    private static NetworkChaos parse(String spec) {
        return (NetworkChaos)
                Manifests.parse("network.yaml", """
                        apiVersion: chaos-mesh.org/v1alpha1
                        kind: NetworkChaos
                        metadata: {name: network, namespace: mqtt}
                        spec:
                          mode: all
                          selector: {labelSelectors: {app: emqx-go}}
                        """ + spec.indent(2)).get(0).spec();
    }

    @Test
    void readsEveryFigureOfNetem() {
        var spec = parse("""
                action: netem
                direction: both
                target: {mode: fixed, value: "2", selector: {labelSelectors: {app: client}}}
                device: eth1
                delay: {latency: 1.5s, jitter: 250us, correlation: "12.5", reorder: {reorder: "5", correlation: ".5", gap: 3}}
                loss: {loss: "20", correlation: "25"}
                duplicate: {duplicate: "1"}
                corrupt: {corrupt: "0.1", correlation: "100"}
                rate: {rate: 1mbit}
                duration: 1h30m
                """);

        assertThat(spec)
                .isEqualTo(new NetworkChaos(
                        "network",
                        Action.NETEM,
                        BROKERS,
                        Direction.BOTH,
                        Optional.of(new Selection(
                                Selector.inNamespaces("mqtt").withLabels(Map.of("app", "client")), new Mode.Fixed(2))),
                        List.of(),
                        Optional.of("eth1"),
                        new Netem(
                                Optional.of(new Netem.Delay(
                                        Duration.ofMillis(1500),
                                        Duration.ofNanos(250_000),
                                        12.5,
                                        Optional.of(new Netem.Reorder(5, 0.5, 3)))),
                                Optional.of(new Netem.Loss(20, 25)),
                                Optional.of(new Netem.Duplicate(1, 0)),
                                Optional.of(new Netem.Corrupt(0.1, 100)),
                                Optional.of(new Netem.Rate(125_000))),
                        Optional.empty(),
                        Optional.of(Duration.ofMinutes(90))));
    }

    @Test
    void theDirectionIsToUnlessGiven() {
        var spec = parse("action: loss\nloss: {loss: '20'}\n");

        assertThat(spec.direction()).isEqualTo(Direction.TO);
        assertThat(spec.direction().hitsLeaving()).isTrue();
        assertThat(spec.direction().hitsArriving()).isFalse();
        assertThat(spec.target()).isEmpty();
    }

    @Test
    void readsABandwidthWhosePeakIsGivenInBits() {
        var spec = parse("""
                action: bandwidth
                bandwidth: {rate: 128kbps, limit: 20971520, buffer: 10000, peakrate: 2000000, minburst: 1600}
                """);

        assertThat(spec.netem().isNone()).isTrue();
        assertThat(spec.bandwidth())
                .contains(new Bandwidth(128_000, 20_971_520, 10_000, Optional.of(250_000.0), Optional.of(1600)));
    }

    @Test
    void aPartitionMayBeFromOrBothWithoutATargetAndCutsEverythingOff() {
        var spec = parse("""
                action: partition
                direction: both
                externalTargets: [10.0.0.0/8, 192.168.1.7:1883, broker.example.org]
                """);

        assertThat(spec.target()).isEmpty();
        assertThat(spec.direction()).isEqualTo(Direction.BOTH);
        assertThat(spec.externalTargets()).containsExactly("10.0.0.0/8", "192.168.1.7:1883", "broker.example.org");
    }

    @Test
    void theDelayOfThePlanIsOneObjectPerNodeTowardsTheOthers() {
        var documents = Manifests.read("chaos/03-network-delay.yaml");
        var pods = List.of(Pod.ofStatefulSet(0), Pod.ofStatefulSet(1), Pod.ofStatefulSet(2));

        assertThat(documents).hasSize(3).allSatisfy(document -> {
            var spec = (NetworkChaos) document.spec();
            var sources = TargetSelector.select(document, pods, 1);
            var targets = TargetSelector.selectTarget(document, pods, 1, sources);
            assertThat(sources.targets()).hasSize(1);
            assertThat(targets.orElseThrow().targets()).hasSize(2);
            assertThat(spec.direction()).isEqualTo(Direction.TO);
            assertThat(spec.netem())
                    .isEqualTo(Netem.NONE.with(
                            new Netem.Delay(Duration.ofMillis(250), Duration.ofMillis(100), 50, Optional.empty())));
            assertThat(spec.duration()).contains(Duration.ofMinutes(5));
        });
        assertThat(documents)
                .flatExtracting(
                        document -> TargetSelector.select(document, pods, 1).targets())
                .containsExactlyElementsOf(pods);
    }

    @Test
    void severalMistakesAreToldAtOnce() {
        var refused = catchThrowableOfType(ManifestException.class, () -> parse("""
                action: delay
                direction: from
                delay: {latency: 1h, correlation: "200"}
                bandwidth: {rate: fast}
                """));

        assertThat(refused.problems())
                .extracting(ManifestProblem::field)
                .containsExactlyInAnyOrder(
                        "spec.direction",
                        "spec.delay.latency",
                        "spec.delay.correlation",
                        "spec.bandwidth",
                        "spec.bandwidth.rate",
                        "spec.bandwidth.limit",
                        "spec.bandwidth.buffer");
    }

    @Test
    void whoIsOnBothSidesIsNamedOnceAndInOrder() {
        assertThat(NetworkChaos.overlap(List.of("c", "a", "b"), List.of("d", "c", "a", "c")))
                .containsExactly("a", "c");
        assertThat(NetworkChaos.overlap(List.of("a"), List.of("b"))).isEmpty();
    }

    @Test
    void figuresThatDoNotFitTheActionAreRefused() {
        var loss = Netem.NONE.with(new Netem.Loss(20, 0));

        assertThatThrownBy(() -> build(Action.PARTITION, loss, Optional.empty()))
                .hasMessageContaining("action partition does not fit");
        assertThatThrownBy(() -> build(Action.NETEM, Netem.NONE, Optional.empty()))
                .hasMessageContaining("action netem does not fit");
        assertThatThrownBy(() -> build(Action.NETEM, loss, Optional.of(Bandwidth.of(1, 1, 1))))
                .hasMessageContaining("action netem does not fit");
        assertThatThrownBy(() -> build(Action.BANDWIDTH, Netem.NONE, Optional.empty()))
                .hasMessageContaining("action bandwidth does not fit");
    }

    private static NetworkChaos build(Action action, Netem netem, Optional<Bandwidth> bandwidth) {
        return new NetworkChaos(
                "network",
                action,
                BROKERS,
                Direction.TO,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                netem,
                bandwidth,
                Optional.empty());
    }
}
