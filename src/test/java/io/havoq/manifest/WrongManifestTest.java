package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file below {@code manifests/wrong} is wrong in one way, and is refused for that and for nothing else. */
class WrongManifestTest {
    private static final String FOLDER = "manifests/wrong/";

    static Stream<Arguments> wrong() {
        return Stream.of(
                arguments("not-yaml", 3, "", "is not YAML: while scanning a quoted scalar"),
                arguments("tab", 4, "", "is not YAML:"),
                arguments("control-character", 4, "", "is not YAML: the character U+0007 is not allowed"),
                arguments("empty", 0, "", "holds no manifest: expected a Chaos Mesh object, e.g. a PodChaos"),
                arguments("a-list", 1, "", "is a list: expected fields below it"),
                arguments("template-not-filled-in", 8, "spec.mode", "is a mapping: expected text"),
                arguments("api-version-missing", 1, "apiVersion", "is missing: expected chaos-mesh.org/v1alpha1"),
                arguments(
                        "api-version-wrong",
                        1,
                        "apiVersion",
                        "'chaos-mesh.org/v1' is not the version of Chaos Mesh's objects: expected chaos-mesh.org/v1alpha1"),
                arguments("kind-missing", 1, "kind", "is missing: expected PodChaos, NetworkChaos or DNSChaos"),
                arguments(
                        "kind-unknown",
                        2,
                        "kind",
                        "'PodChoas' is unknown: expected PodChaos, NetworkChaos or DNSChaos; did you mean 'PodChaos'?"),
                arguments(
                        "kind-not-yet",
                        2,
                        "kind",
                        "'StressChaos' is a kind of Chaos Mesh that this version of Havoq does not support yet: expected PodChaos, NetworkChaos or DNSChaos"),
                arguments(
                        "kind-never",
                        2,
                        "kind",
                        "'AWSChaos' is a kind of Chaos Mesh that Havoq does not carry out: expected PodChaos, NetworkChaos or DNSChaos"),
                arguments(
                        "kind-schedule",
                        2,
                        "kind",
                        "'Schedule' is refused, left behind it would inject for ever: give the fault itself and let the test repeat it, e.g. -Dhavoq.repeat=5m/1h"),
                arguments("kind-workflow", 2, "kind", "'Workflow' is refused"),
                arguments("metadata-missing", 1, "metadata", "is missing: expected a mapping with a name"),
                arguments("name-missing", 3, "metadata.name", "is missing: expected a name for the fault"),
                arguments("name-generated", 4, "metadata.generateName", "is not needed: give metadata.name"),
                arguments(
                        "name-no-dns-label",
                        4,
                        "metadata.name",
                        "'Pod_Kill' is not a DNS label: expected at most 63 of a-z, 0-9 and '-', with a letter or digit at both ends"),
                arguments("namespace-no-dns-label", 5, "metadata.namespace", "'my.space' is not a DNS label"),
                arguments(
                        "name-twice",
                        16,
                        "metadata.name",
                        "'pod-kill' is already the name of the PodChaos at manifests/wrong/name-twice.yaml:4: expected a name of its own"),
                arguments(
                        "paused",
                        7,
                        "metadata.annotations.experiment.chaos-mesh.org/pause",
                        "'experiment.chaos-mesh.org/pause' keeps Chaos Mesh from injecting: remove it"),
                arguments("status", 12, "status", "is written by Chaos Mesh, not by users: remove it"),
                arguments("spec-missing", 1, "spec", "is missing: expected what the fault is and whom it hits"),
                arguments("spec-empty", 6, "spec", "has no value"),
                arguments(
                        "field-unknown",
                        9,
                        "spec.selektor",
                        "is unknown: expected action, selector, mode, value, containerNames, duration or gracePeriod; did you mean 'selector'?"),
                arguments("field-unknown-in-selector", 10, "spec.selector.labels", "did you mean 'labelSelectors'?"),
                arguments(
                        "field-unknown-at-the-top",
                        12,
                        "specs",
                        "is unknown: expected apiVersion, kind, metadata or spec; did you mean 'spec'?"),
                arguments("field-without-value", 8, "spec.mode", "has no value"),
                arguments("field-twice", 9, "spec.mode", "is given twice, first in line 8"),
                arguments("merge-key", 9, "spec.<<", "merge keys are not read: write the fields out"),
                arguments(
                        "remote-cluster", 9, "spec.remoteCluster", "is not supported: Havoq injects into one cluster"),
                arguments(
                        "action-missing",
                        6,
                        "spec.action",
                        "is missing: expected pod-kill, pod-failure or container-kill"),
                arguments(
                        "action-unknown",
                        7,
                        "spec.action",
                        "'podkill' is unknown: expected pod-kill, pod-failure or container-kill; did you mean 'pod-kill'?"),
                arguments("action-no-text", 7, "spec.action", "is a list: expected text"),
                arguments(
                        "mode-missing",
                        6,
                        "spec.mode",
                        "is missing: expected one, all, fixed, fixed-percent or random-max-percent"),
                arguments(
                        "mode-unknown",
                        8,
                        "spec.mode",
                        "'some' is unknown: expected one, all, fixed, fixed-percent or random-max-percent"),
                arguments(
                        "value-missing",
                        6,
                        "spec.value",
                        "is missing: expected a whole number in quotes, 1 or more (pods), with mode fixed"),
                arguments("value-no-text", 9, "spec.value", "is the number 2: expected text, in quotes: \"2\""),
                arguments(
                        "value-no-number",
                        9,
                        "spec.value",
                        "'two' does not fit mode fixed: expected a whole number, 1 or more (pods)"),
                arguments("value-zero", 9, "spec.value", "'0' does not fit mode fixed"),
                arguments(
                        "value-percent-sign",
                        9,
                        "spec.value",
                        "'50%' does not fit mode fixed-percent: expected a whole number, 1 to 100 (percent)"),
                arguments("value-percent-too-much", 9, "spec.value", "'101' does not fit mode fixed-percent"),
                arguments("value-percent-zero", 9, "spec.value", "'0' does not fit mode random-max-percent"),
                arguments(
                        "value-ignored",
                        9,
                        "spec.value",
                        "is ignored by Chaos Mesh with mode one: remove it, or use mode fixed, fixed-percent or random-max-percent"),
                arguments(
                        "duration-bad",
                        9,
                        "spec.duration",
                        "'30 seconds' is not a duration: expected e.g. 500ms, 30s, 2m, 1h30m"),
                arguments(
                        "duration-without-unit",
                        9,
                        "spec.duration",
                        "is the number 30 without a unit: expected a duration, e.g. 500ms, 30s, 2m"),
                arguments(
                        "duration-negative",
                        9,
                        "spec.duration",
                        "'-30s' is no time at all: expected a duration of more than 0, e.g. 30s"),
                arguments(
                        "duration-on-pod-kill",
                        9,
                        "spec.duration",
                        "is ignored by Chaos Mesh with action pod-kill, a kill happens once: remove it"),
                arguments(
                        "duration-on-container-kill",
                        10,
                        "spec.duration",
                        "is ignored by Chaos Mesh with action container-kill, a kill happens once: remove it"),
                arguments(
                        "scheduler",
                        9,
                        "spec.scheduler",
                        "is dropped silently by Chaos Mesh since 2.0, the fault would happen once: remove it and let the test repeat the fault, e.g. -Dhavoq.repeat=5m/1h"),
                arguments(
                        "scheduler-in-selector",
                        10,
                        "spec.selector.scheduler",
                        "is dropped silently by Chaos Mesh since 2.0"),
                arguments(
                        "grace-period-on-pod-failure",
                        9,
                        "spec.gracePeriod",
                        "is ignored by Chaos Mesh with action pod-failure, only pod-kill has it: remove it"),
                arguments(
                        "grace-period-no-number",
                        9,
                        "spec.gracePeriod",
                        "is the text '3': expected a whole number of 0 or more, without quotes"),
                arguments("grace-period-negative", 9, "spec.gracePeriod", "-1 is negative: expected 0 or more"),
                arguments(
                        "container-names-missing",
                        6,
                        "spec.containerNames",
                        "is missing: expected the containers to kill with action container-kill"),
                arguments(
                        "container-names-no-list", 9, "spec.containerNames", "is the text 'emqx-go': expected a list"),
                arguments(
                        "container-names-empty",
                        9,
                        "spec.containerNames",
                        "is an empty list: expected at least one entry, or no such field"),
                arguments("container-names-twice", 11, "spec.containerNames[1]", "'emqx-go' is in the list twice"),
                arguments(
                        "container-names-on-pod-kill",
                        9,
                        "spec.containerNames",
                        "is ignored by Chaos Mesh with action pod-kill, it hits whole pods: remove it"),
                arguments("selector-missing", 6, "spec.selector", "is missing: expected which pods are hit"),
                arguments(
                        "selector-empty",
                        9,
                        "spec.selector",
                        "is empty and would match every pod of the namespace, which Havoq refuses"),
                arguments(
                        "selector-no-mapping",
                        9,
                        "spec.selector",
                        "is the text 'app=emqx-go': expected fields below it"),
                arguments(
                        "labels-empty",
                        10,
                        "spec.selector.labelSelectors",
                        "is empty: expected at least one entry, or no field 'labelSelectors'"),
                arguments(
                        "label-no-text",
                        11,
                        "spec.selector.labelSelectors.app",
                        "is the truth value yes: expected text, in quotes: \"yes\""),
                arguments(
                        "label-key-bad",
                        11,
                        "spec.selector.labelSelectors.a b",
                        "'a b' is not a label key: expected e.g. app or app.kubernetes.io/name"),
                arguments("label-value-bad", 11, "spec.selector.labelSelectors.app", "'emqx go' is not a label value"),
                arguments("namespaces-twice", 10, "spec.selector.namespaces[1]", "'default' is in the list twice"),
                arguments(
                        "operator-unknown",
                        12,
                        "spec.selector.expressionSelectors[0].operator",
                        "'in' is unknown: expected In, NotIn, Exists or DoesNotExist; did you mean 'In'?"),
                arguments(
                        "operator-missing",
                        11,
                        "spec.selector.expressionSelectors[0].operator",
                        "is missing: expected In, NotIn, Exists or DoesNotExist"),
                arguments(
                        "expression-without-values",
                        11,
                        "spec.selector.expressionSelectors[0].values",
                        "is missing: expected at least one value with operator NotIn"),
                arguments(
                        "expression-with-values",
                        13,
                        "spec.selector.expressionSelectors[0].values",
                        "has no meaning with operator Exists: remove it"),
                arguments(
                        "phase-unknown",
                        10,
                        "spec.selector.podPhaseSelectors[0]",
                        "'running' is unknown: expected Pending, Running, Succeeded, Failed or Unknown; did you mean 'Running'?"),
                arguments(
                        "field-selector-unknown",
                        11,
                        "spec.selector.fieldSelectors.status.podIP",
                        "'status.podIP' cannot be selected by: expected metadata.name, spec.nodeName or status.phase"),
                arguments(
                        "node-selectors",
                        10,
                        "spec.selector.nodeSelectors",
                        "is not available: no environment tells the labels of its machines; name them in 'nodes'"),
                arguments(
                        "pods-and-labels",
                        10,
                        "spec.selector.labelSelectors",
                        "is ignored by Chaos Mesh when pods are named: remove it or 'pods'"),
                arguments(
                        "pods-and-other-namespaces",
                        10,
                        "spec.selector.namespaces",
                        "is ignored by Chaos Mesh when pods are named: remove it or 'pods'"),
                arguments(
                        "pods-no-list", 11, "spec.selector.pods.default", "is the text 'emqx-go-0': expected a list"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void isRefusedWithFileLineFieldAndExpectation(String file, int line, String field, String words) {
        var refused = catchThrowableOfType(ManifestException.class, () -> Manifests.read(FOLDER + file + ".yaml"));
        assertThat(refused).as("accepted").isNotNull();
        assertThat(refused.problems()).as(refused.getMessage()).hasSize(1);
        var problem = refused.problems().get(0);
        assertThat(problem.source()).isEqualTo(FOLDER + file + ".yaml");
        assertThat(problem.line()).as(problem.toString()).isEqualTo(line);
        assertThat(problem.field()).isEqualTo(field);
        assertThat(problem.message()).contains(words);
    }

    @Test
    void everyWrongFileIsTested() throws IOException {
        try (var files = Files.list(Path.of("src/test/resources", FOLDER))) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".yaml", "")))
                    .containsExactlyInAnyOrderElementsOf(
                            wrong().map(arguments -> (String) arguments.get()[0])
                                    .toList());
        }
    }
}
