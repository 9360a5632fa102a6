package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.havoq.manifest.Selector.Expression;
import io.havoq.manifest.Selector.Operator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
    private static final String HEAD = """
            apiVersion: chaos-mesh.org/v1alpha1
            kind: PodChaos
            metadata:
              name: some-fault
            """;

    @Test
    void readsThePodKillOfThePlan() {
        var document = Manifests.read("chaos/01-pod-kill.yaml").get(0);

        assertThat(document.spec())
                .isEqualTo(PodChaos.podKill(
                        "pod-kill",
                        new Selection(
                                Selector.inNamespaces("default").withLabels(Map.of("app", "emqx-go")),
                                new Mode.One())));
        assertThat(document.namespace()).isEqualTo("default");
        assertThat(document.source()).isEqualTo("chaos/01-pod-kill.yaml");
        assertThat(document.line("spec.mode")).isEqualTo(9);
        assertThat(document.text()).startsWith("# One broker node").endsWith("app: emqx-go\n");
    }

    @Test
    void readsTheContainerKillOfThePlan() {
        var spec =
                (PodChaos) Manifests.read("chaos/10-container-kill.yaml").get(0).spec();

        assertThat(spec.podAction()).isEqualTo(PodChaos.Action.CONTAINER_KILL);
        assertThat(spec.containerNames()).containsExactly("emqx-go");
        assertThat(spec.duration()).isEmpty();
    }

    @Test
    void readsAPodFailureWithItsDuration() {
        assertThat(Manifests.read("chaos/pod-failure.yaml").get(0).spec().duration())
                .contains(Duration.ofSeconds(30));
    }

    @Test
    void readsEveryCriterionAndFigure() {
        var spec = Manifests.parse("all.yaml", HEAD + """
                                  namespace: mqtt
                                spec:
                                  action: pod-kill
                                  mode: fixed-percent
                                  value: "50"
                                  gracePeriod: 3
                                  selector:
                                    labelSelectors: {app.kubernetes.io/name: emqx, released: 2024-01-01}
                                    annotationSelectors: {team: mqtt}
                                    expressionSelectors:
                                      - {key: app, operator: In, values: [a, b]}
                                      - {key: gone, operator: DoesNotExist}
                                    fieldSelectors: {metadata.name: emqx-0}
                                    podPhaseSelectors: [Running, "!Pending"]
                                    nodes: [worker-1]
                                """).get(0).spec();

        assertThat(spec)
                .isEqualTo(new PodChaos(
                        "some-fault",
                        PodChaos.Action.POD_KILL,
                        new Selection(
                                new Selector(
                                        List.of("mqtt"),
                                        Map.of("app.kubernetes.io/name", "emqx", "released", "2024-01-01"),
                                        Map.of("team", "mqtt"),
                                        List.of(
                                                new Expression("app", Operator.IN, List.of("a", "b")),
                                                new Expression("gone", Operator.DOES_NOT_EXIST, List.of())),
                                        List.of("Running", "!Pending"),
                                        List.of("worker-1"),
                                        Map.of(),
                                        Map.of("metadata.name", "emqx-0")),
                                new Mode.FixedPercent(50)),
                        Duration.ofSeconds(3),
                        List.of(),
                        Optional.empty()));
    }

    @Test
    void aPodFailureMayLackADurationSinceTheTestEndsIt() {
        var text = HEAD + "spec: {action: pod-failure, mode: all, selector: {labelSelectors: {app: a}}}\n";

        assertThat(Manifests.parse("x.yaml", text).get(0).spec().duration()).isEmpty();
    }

    @Test
    void aWholeNamespaceMayBeSelectedByNamingIt() {
        var text = HEAD + "spec: {action: pod-kill, mode: all, selector: {namespaces: [mqtt]}}\n";

        assertThat(Manifests.parse("x.yaml", text).get(0).spec().selection().selector())
                .isEqualTo(Selector.inNamespaces("mqtt"));
    }

    @Test
    void readsSeveralDocumentsOfOneFileEachWithItsOwnTextAndLines() {
        var body = "spec: {action: pod-kill, mode: one, selector: {labelSelectors: {app: a}}}\n";
        var text = "---\n# first\n" + HEAD + body + "--- # second\n" + HEAD.replace("some", "other") + body + "---\n";

        var documents = Manifests.parse("two.yaml", text);

        assertThat(documents).hasSize(2);
        assertThat(documents.get(0).text()).isEqualTo("# first\n" + HEAD + body);
        assertThat(documents.get(1).text()).isEqualTo(HEAD.replace("some", "other") + body);
        assertThat(documents.get(1).line("metadata.name")).isEqualTo(12);
    }

    @Test
    void tellsEveryProblemOfAFileAtOnceInTheOrderOfItsLines() {
        var text = """
                kind: PodChaos
                metadata: {name: Pod}
                spec:
                  action: pod-kill
                  mode: some
                  duration: 5
                  selektor: {}
                ---
                kind: Schedule
                """;

        assertThatThrownBy(() -> Manifests.parse("bad.yaml", text))
                .isInstanceOf(ManifestException.class)
                .hasMessageStartingWith("11 problems in the manifests:")
                .hasMessageContaining("\n  bad.yaml:5: spec.mode: 'some' is unknown: expected one, all, fixed,"
                        + " fixed-percent or random-max-percent");
        var refused = catchThrowableOfType(ManifestException.class, () -> Manifests.parse("bad.yaml", text));
        assertThat(refused.problems()).extracting(ManifestProblem::line).isSorted();
        assertThat(refused.problems())
                .extracting(ManifestProblem::field)
                .containsExactlyInAnyOrder(
                        "apiVersion",
                        "metadata.name",
                        "spec.selector",
                        "spec.mode",
                        "spec.duration",
                        "spec.duration",
                        "spec.selektor",
                        "apiVersion",
                        "kind",
                        "metadata",
                        "spec");
    }

    @Test
    void aSyntaxErrorDoesNotHideTheProblemsBeforeIt() {
        var refused = catchThrowableOfType(
                ManifestException.class, () -> Manifests.parse("bad.yaml", "kind: Schedule\n---\n\"open\n"));

        assertThat(refused.problems())
                .extracting(ManifestProblem::message)
                .anyMatch(words -> words.contains("refused"));
        assertThat(refused.problems())
                .extracting(ManifestProblem::message)
                .anyMatch(words -> words.contains("not YAML"));
    }

    @Test
    void aSelfReferringDocumentIsRefusedAndEnds() {
        assertThatThrownBy(() -> Manifests.parse("loop.yaml", "metadata: &a {name: x, labels: *a}\nspec: *a\n"))
                .isInstanceOf(ManifestException.class);
    }

    @Test
    void readsAFileWhereTheClassPathHasNone(@TempDir Path folder) throws IOException {
        var file = Files.writeString(
                folder.resolve("mine.yml"),
                "\uFEFF" + HEAD + "spec: {action: pod-kill, mode: one, selector: {labelSelectors: {app: a}}}\n");

        assertThat(Manifests.read(file.toString())).hasSize(1);
    }

    @Test
    void aFileThatIsNowhereIsNamedWithWhereItWasSought() {
        assertThatThrownBy(() -> Manifests.read("chaos/none.yaml"))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("chaos/none.yaml: was not found: expected a resource on the class path")
                .hasMessageContaining(Path.of("").toAbsolutePath().toString());
    }

    @Test
    void aFileThatIsNoTextIsRefused(@TempDir Path folder) throws IOException {
        var file = Files.write(folder.resolve("x.yaml"), "name: \u00e9".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> Manifests.read(file.toString())).hasMessageContaining("is not text in UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"chaos", "chaos/01-pod-kill", "chaos/x.json"})
    void onlyYamlFilesAreRead(String location) {
        assertThatThrownBy(() -> Manifests.read(location))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("expected a .yaml or .yml file");
    }

    @Test
    void theProblemsOfSeveralFilesAreToldTogether() {
        var refused = catchThrowableOfType(
                ManifestException.class,
                () -> Manifests.readAll(
                        List.of("chaos/none.yaml", "chaos/01-pod-kill.yaml", "chaos/01-pod-kill.yaml")));

        assertThat(refused.problems()).hasSize(2);
        assertThat(refused.problems().get(1).message()).contains("is already the name of the PodChaos");
    }
}
