package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.manifest.Selector.Expression;
import io.havoq.manifest.Selector.Operator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @MethodSource("faults")
    void whatItWritesIsReadAsTheSameFault(ChaosSpec spec) {
        var documents = Manifests.parse("written.yaml", ManifestWriter.write(spec));

        assertThat(documents).extracting(ManifestDocument::spec).containsExactly(spec);
    }

    @ParameterizedTest
    @ValueSource(strings = {"chaos/01-pod-kill.yaml", "chaos/10-container-kill.yaml", "chaos/pod-failure.yaml"})
    void whatIsReadIsWrittenAndReadAgain(String location) {
        var spec = Manifests.read(location).get(0).spec();

        assertThat(Manifests.parse("written.yaml", ManifestWriter.write(spec))
                        .get(0)
                        .spec())
                .isEqualTo(spec);
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
