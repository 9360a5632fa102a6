package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
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
                arguments(
                        "kind-missing",
                        1,
                        "kind",
                        "is missing: expected PodChaos, NetworkChaos, DNSChaos, TimeChaos, StressChaos, IOChaos or KernelChaos"),
                arguments(
                        "kind-unknown",
                        2,
                        "kind",
                        "'PodChoas' is unknown: expected PodChaos, NetworkChaos, DNSChaos, TimeChaos, StressChaos, IOChaos or KernelChaos; did you mean 'PodChaos'?"),
                arguments(
                        "kind-never",
                        2,
                        "kind",
                        "'AWSChaos' is a kind of Chaos Mesh that Havoq does not carry out: expected PodChaos, NetworkChaos, DNSChaos, TimeChaos, StressChaos, IOChaos or KernelChaos"),
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

    static Stream<Arguments> wrongStress() {
        return Stream.of(
                arguments("stress-stressors-missing", 5, "spec.stressors", "is missing: expected cpu or memory"),
                arguments("stress-stressors-empty", 10, "spec.stressors", "is empty: expected cpu or memory"),
                arguments("stress-stressor-unknown", 11, "spec.stressors.disk", "is unknown: expected cpu or memory"),
                arguments("stress-stressor-vm", 11, "spec.stressors.vm", "is called 'memory' by Chaos Mesh: rename it"),
                arguments("stress-action", 10, "spec.action", "is no field of a StressChaos: remove it"),
                arguments("stress-cpu-outside", 10, "spec.cpu", "belongs below 'stressors': move it there"),
                arguments(
                        "stress-ng",
                        10,
                        "spec.stressngStressors",
                        "is not supported, and overrides 'stressors' in Chaos Mesh"),
                arguments(
                        "stress-cpu-workers-missing",
                        11,
                        "spec.stressors.cpu.workers",
                        "is missing: expected how many there are, 1 or more"),
                arguments(
                        "stress-cpu-workers-zero",
                        12,
                        "spec.stressors.cpu.workers",
                        "is 0, which stresses nothing though Chaos Mesh accepts it: expected 1 or more"),
                arguments(
                        "stress-cpu-workers-too-many",
                        12,
                        "spec.stressors.cpu.workers",
                        "is the number 8193: expected a whole number from 0 to 8192"),
                arguments(
                        "stress-cpu-load-zero",
                        13,
                        "spec.stressors.cpu.load",
                        "is 0: such workers sleep, expected 1 to 100"),
                arguments(
                        "stress-cpu-load-too-much",
                        13,
                        "spec.stressors.cpu.load",
                        "is the number 101: expected a whole number from 0 to 100"),
                arguments(
                        "stress-cpu-options",
                        13,
                        "spec.stressors.cpu.options",
                        "is not supported: options of stress-ng"),
                arguments(
                        "stress-memory-workers-zero",
                        12,
                        "spec.stressors.memory.workers",
                        "is 0, which stresses nothing"),
                arguments(
                        "stress-memory-size-missing",
                        11,
                        "spec.stressors.memory.size",
                        "is missing: expected what the workers take together"),
                arguments("stress-memory-size-zero", 13, "spec.stressors.memory.size", "'0MB' takes no memory at all"),
                arguments(
                        "stress-memory-size-space",
                        13,
                        "spec.stressors.memory.size",
                        "'256 MB' is not a size: expected a number and, without a space, a unit"),
                arguments("stress-memory-size-unit", 13, "spec.stressors.memory.size", "'256Mi' is not a size"),
                arguments(
                        "stress-memory-size-number",
                        13,
                        "spec.stressors.memory.size",
                        "is the number 256: expected text, in quotes"),
                arguments(
                        "stress-memory-percent-too-much",
                        13,
                        "spec.stressors.memory.size",
                        "'101%' is not a share of the memory limit: expected a whole percentage from 1% to 100%"),
                arguments(
                        "stress-memory-oom-score",
                        14,
                        "spec.stressors.memory.oomScoreAdj",
                        "expected a whole number from -1000 to 1000"),
                arguments("stress-memory-time", 14, "spec.stressors.memory.time", "is an option of memStress"),
                arguments(
                        "stress-power-off",
                        7,
                        "spec",
                        "is of kind StressChaos, but the annotation havoq.io/power-off is given"));
    }

    static Stream<Arguments> wrongFaultsOfTheNetwork() {
        return Stream.of(
                arguments(
                        "network-action-missing",
                        5,
                        "spec.action",
                        "is missing: expected netem, delay, loss, duplicate, corrupt, partition or bandwidth"),
                arguments(
                        "network-action-unknown",
                        6,
                        "spec.action",
                        "'delays' is unknown: expected netem, delay, loss, duplicate, corrupt, partition or bandwidth; did you mean 'delay'?"),
                arguments(
                        "network-action-rate",
                        6,
                        "spec.action",
                        "'rate' is no action, Chaos Mesh's schema refuses it: expected action netem with a section 'rate'"),
                arguments(
                        "network-action-reorder",
                        6,
                        "spec.action",
                        "'reorder' is no action: expected action delay with 'reorder' within the section 'delay'"),
                arguments(
                        "network-netem-without-section",
                        6,
                        "spec.action",
                        "'netem' without any of delay, loss, duplicate, corrupt or rate does nothing"),
                arguments(
                        "network-delay-missing",
                        5,
                        "spec.delay",
                        "is missing: expected what action delay does, e.g. latency: 100ms"),
                arguments(
                        "network-loss-missing",
                        5,
                        "spec.loss",
                        "is missing: expected what action loss does, e.g. loss: \"20\""),
                arguments(
                        "network-duplicate-missing",
                        5,
                        "spec.duplicate",
                        "is missing: expected what action duplicate does, e.g. duplicate: \"20\""),
                arguments(
                        "network-corrupt-missing",
                        5,
                        "spec.corrupt",
                        "is missing: expected what action corrupt does, e.g. corrupt: \"20\""),
                arguments(
                        "network-bandwidth-missing",
                        5,
                        "spec.bandwidth",
                        "is missing: expected what action bandwidth does, rate, limit and buffer"),
                arguments(
                        "network-other-section-applied",
                        13,
                        "spec.loss",
                        "is applied by Chaos Mesh too, whatever the action says (mergeNetem): expected action netem for a combination, or no such section with action delay"),
                arguments(
                        "network-bandwidth-on-delay",
                        13,
                        "spec.bandwidth",
                        "is ignored by Chaos Mesh with action delay: remove it or change the action"),
                arguments(
                        "network-bandwidth-on-netem",
                        13,
                        "spec.bandwidth",
                        "is ignored by Chaos Mesh with action netem"),
                arguments(
                        "network-loss-on-bandwidth", 11, "spec.loss", "is ignored by Chaos Mesh with action bandwidth"),
                arguments(
                        "network-loss-on-partition", 11, "spec.loss", "is ignored by Chaos Mesh with action partition"),
                arguments(
                        "network-bandwidth-on-partition",
                        11,
                        "spec.bandwidth",
                        "is ignored by Chaos Mesh with action partition"),
                arguments(
                        "network-section-netem",
                        13,
                        "spec.netem",
                        "is an action and no section: expected delay, loss, duplicate, corrupt or rate directly below spec"),
                arguments(
                        "network-direction-unknown",
                        11,
                        "spec.direction",
                        "'out' is unknown: expected to, from or both"),
                arguments(
                        "network-both-without-target",
                        11,
                        "spec.direction",
                        "'both' without a target is refused by Chaos Mesh with action delay: expected 'target'"),
                arguments(
                        "network-from-without-target",
                        11,
                        "spec.direction",
                        "'from' without a target is refused by Chaos Mesh with action bandwidth"),
                arguments(
                        "network-both-with-external-targets",
                        12,
                        "spec.externalTargets",
                        "cannot be used with direction both and action loss, Chaos Mesh refuses it: expected direction to"),
                arguments(
                        "network-device-with-from",
                        12,
                        "spec.device",
                        "is ignored by Chaos Mesh with direction from and action delay"),
                arguments(
                        "network-device-bad",
                        11,
                        "spec.device",
                        "'eth0@if3' is not the name of a network device: expected e.g. eth0"),
                arguments("network-target-device", 16, "spec.targetDevice", "is not supported: leave it out"),
                arguments(
                        "network-container-names",
                        11,
                        "spec.containerNames",
                        "is dropped by Chaos Mesh, the containers of a pod share its network: remove it"),
                arguments(
                        "network-remote-cluster",
                        11,
                        "spec.remoteCluster",
                        "is not supported: Havoq injects into one cluster"),
                arguments(
                        "network-target-without-mode",
                        11,
                        "spec.target.mode",
                        "is missing: expected one, all, fixed, fixed-percent or random-max-percent"),
                arguments(
                        "network-target-without-selector",
                        11,
                        "spec.target.selector",
                        "is missing: expected which pods are hit"),
                arguments(
                        "network-target-value-too-much",
                        13,
                        "spec.target.value",
                        "'101' does not fit mode fixed-percent"),
                arguments(
                        "network-target-no-mapping",
                        11,
                        "spec.target",
                        "is the text 'emqx-go-2': expected fields below it"),
                arguments(
                        "network-direction-in-target",
                        16,
                        "spec.target.direction",
                        "belongs directly below spec: move it there"),
                arguments(
                        "network-same-selector",
                        11,
                        "spec.target",
                        "selects pods that the source selects too, which Chaos Mesh leaves undefined"),
                arguments(
                        "network-target-within-source", 11, "spec.target", "selects pods that the source selects too"),
                arguments("network-same-pod", 11, "spec.target", "selects pods that the source selects too"),
                arguments(
                        "network-external-target-bad",
                        12,
                        "spec.externalTargets[0]",
                        "'10.0.0.300' is not an external target: expected an IPv4 address, a network or a name, with or without a port"),
                arguments(
                        "network-external-target-url",
                        12,
                        "spec.externalTargets[0]",
                        "'https://example.org' is not an external target"),
                arguments(
                        "network-external-target-port",
                        12,
                        "spec.externalTargets[0]",
                        "'db.example.org:70000' is not an external target"),
                arguments(
                        "network-external-target-ipv6",
                        12,
                        "spec.externalTargets[0]",
                        "'2001:db8::1' is an IPv6 address, with which Chaos Mesh does not work"),
                arguments("network-duration-bad", 11, "spec.duration", "'2 minutes' is not a duration"),
                arguments(
                        "delay-latency-missing",
                        11,
                        "spec.delay.latency",
                        "is missing: expected how much later packets arrive, e.g. 100ms"),
                arguments("delay-latency-number", 12, "spec.delay.latency", "is the number 100: expected text"),
                arguments(
                        "delay-latency-no-unit",
                        12,
                        "spec.delay.latency",
                        "'100' is not a latency: expected one number and one unit, e.g. 100ms, 250us or 1.5s"),
                arguments("delay-latency-two-units", 12, "spec.delay.latency", "'1s500ms' is not a latency"),
                arguments(
                        "delay-latency-minutes",
                        12,
                        "spec.delay.latency",
                        "'1m' is in a unit that tc, which Chaos Mesh 2.8 hands it to, does not know"),
                arguments(
                        "delay-latency-begins-with-0",
                        12,
                        "spec.delay.latency",
                        "'0.5s' begins with 0, so that Chaos Mesh 2.8 takes it for nothing and ignores it: expected e.g. 500ms"),
                arguments("delay-latency-zero", 12, "spec.delay.latency", "'0ms' is no delay"),
                arguments("delay-latency-negative", 12, "spec.delay.latency", "'-5ms' is not a latency"),
                arguments("delay-jitter-bad", 13, "spec.delay.jitter", "'10 ms' is not a latency"),
                arguments(
                        "delay-correlation-without-jitter",
                        13,
                        "spec.delay.correlation",
                        "is ignored by Chaos Mesh without jitter, every packet is delayed alike"),
                arguments(
                        "delay-correlation-too-much",
                        14,
                        "spec.delay.correlation",
                        "'101' is not a percentage: expected a number from 0 to 100"),
                arguments(
                        "delay-field-unknown",
                        13,
                        "spec.delay.distribution",
                        "is unknown: expected latency, jitter, correlation or reorder"),
                arguments(
                        "reorder-missing",
                        13,
                        "spec.delay.reorder.reorder",
                        "is missing: expected a percentage in quotes"),
                arguments(
                        "reorder-gap-missing",
                        13,
                        "spec.delay.reorder.gap",
                        "is missing: expected every how many packets one may be sent at once"),
                arguments("reorder-gap-negative", 15, "spec.delay.reorder.gap", "-1 is negative: expected 0 or more"),
                arguments(
                        "reorder-beside-delay",
                        13,
                        "spec.reorder",
                        "is dropped by Chaos Mesh here: expected it within the section 'delay'"),
                arguments(
                        "loss-percent-missing",
                        11,
                        "spec.loss.loss",
                        "is missing: expected a percentage in quotes, e.g. \"20\""),
                arguments("loss-no-text", 12, "spec.loss.loss", "is the number 20: expected text, in quotes: \"20\""),
                arguments(
                        "loss-percent-sign",
                        12,
                        "spec.loss.loss",
                        "'20%' ends in a percent sign: expected the number alone"),
                arguments(
                        "loss-too-much",
                        12,
                        "spec.loss.loss",
                        "'100.5' is not a percentage: expected a number from 0 to 100"),
                arguments("loss-zero", 12, "spec.loss.loss", "'0' hits no packet at all"),
                arguments("loss-negative", 12, "spec.loss.loss", "'-1' is not a percentage"),
                arguments("loss-correlation-bad", 13, "spec.loss.correlation", "'high' is not a percentage"),
                arguments("loss-no-mapping", 11, "spec.loss", "is the text '20': expected fields below it"),
                arguments("duplicate-too-much", 12, "spec.duplicate.duplicate", "'120' is not a percentage"),
                arguments(
                        "corrupt-field-misnamed",
                        13,
                        "spec.corrupt.corelation",
                        "is unknown: expected corrupt or correlation; did you mean 'correlation'?"),
                arguments(
                        "rate-missing", 11, "spec.rate.rate", "is missing: expected the speed of the link, e.g. 1mbit"),
                arguments(
                        "rate-unit-unknown",
                        12,
                        "spec.rate.rate",
                        "'1mb' is not a rate: expected a whole number and, without a space, a unit: bit, kbit, mbit, gbit, tbit (bits per second) or bps, kbps, mbps, gbps, tbps (bytes per second)"),
                arguments("rate-with-space", 12, "spec.rate.rate", "'1 mbit' is not a rate"),
                arguments(
                        "rate-nothing", 12, "spec.rate.rate", "'7bit' lets nothing pass: expected 1bps (8bit) or more"),
                arguments("bandwidth-rate-missing", 11, "spec.bandwidth.rate", "is missing: expected the speed"),
                arguments(
                        "bandwidth-limit-missing",
                        11,
                        "spec.bandwidth.limit",
                        "is missing: expected how many bytes may wait"),
                arguments(
                        "bandwidth-buffer-missing",
                        11,
                        "spec.bandwidth.buffer",
                        "is missing: expected how many bytes may pass at once"),
                arguments(
                        "bandwidth-rate-fraction",
                        12,
                        "spec.bandwidth.rate",
                        "'1.5mbit' is not a rate: expected a whole number"),
                arguments(
                        "bandwidth-limit-zero",
                        13,
                        "spec.bandwidth.limit",
                        "is the number 0: expected a whole number from 1 to 2147483647, without quotes"),
                arguments(
                        "bandwidth-buffer-text",
                        14,
                        "spec.bandwidth.buffer",
                        "is the text '10000': expected a whole number from 1 to 2147483647"),
                arguments(
                        "bandwidth-buffer-misnamed",
                        15,
                        "spec.bandwidth.burst",
                        "is called 'buffer' by Chaos Mesh: rename it"),
                arguments(
                        "bandwidth-peakrate-alone",
                        15,
                        "spec.bandwidth.peakrate",
                        "is ignored by Chaos Mesh without 'minburst': expected both or neither"),
                arguments(
                        "bandwidth-minburst-alone",
                        15,
                        "spec.bandwidth.minburst",
                        "is ignored by Chaos Mesh without 'peakrate': expected both or neither"),
                arguments(
                        "bandwidth-peakrate-below-rate",
                        15,
                        "spec.bandwidth.peakrate",
                        "is 125kbps, since tc reads it as bits per second, and not above the rate of 128kbps, which the kernel refuses: expected more than 1024000"),
                arguments(
                        "time-offset-missing",
                        5,
                        "spec.timeOffset",
                        "is missing: expected how far the clocks are shifted, e.g. 5m or -90s"),
                arguments(
                        "time-offset-zero", 10, "spec.timeOffset", "'0s' shifts nothing: expected a time other than 0"),
                arguments("time-offset-number", 10, "spec.timeOffset", "is the number 300: expected text"),
                arguments("time-offset-no-unit", 10, "spec.timeOffset", "'300' is no time: expected e.g. 5m, -90s"),
                arguments("time-offset-days", 10, "spec.timeOffset", "'2d' is no time: expected e.g. 5m, -90s"),
                arguments("time-offset-misnamed", 11, "spec.offset", "is called 'timeOffset' by Chaos Mesh: rename it"),
                arguments("time-action", 11, "spec.action", "is unknown: a TimeChaos has none"),
                arguments(
                        "time-clock-unknown",
                        11,
                        "spec.clockIds[0]",
                        "'REALTIME' is unknown: expected CLOCK_REALTIME, CLOCK_MONOTONIC"),
                arguments("time-clock-twice", 11, "spec.clockIds[1]", "'CLOCK_REALTIME' is in the list twice"),
                arguments("time-clocks-empty", 11, "spec.clockIds", "is an empty list"),
                arguments("time-clocks-no-list", 11, "spec.clockIds", "is the text 'CLOCK_REALTIME': expected a list"),
                arguments("time-clocks-misnamed", 11, "spec.clockIDs", "is written 'clockIds'"),
                arguments("time-duration-negative", 11, "spec.duration", "'-2m'"),
                arguments(
                        "time-remote-cluster",
                        11,
                        "spec.remoteCluster",
                        "is not supported: Havoq injects into one cluster"),
                arguments("dns-action-missing", 5, "spec.action", "is missing: expected error or random"),
                arguments("dns-action-unknown", 6, "spec.action", "'fail' is unknown: expected error or random"),
                arguments(
                        "dns-pattern-star-in-front",
                        12,
                        "spec.patterns[0]",
                        "has a * before its end, with which Chaos Mesh never injects: expected a name such as emqx-go-0.emqx-go-headless.default.svc.cluster.local, with ? for one character, or the beginning of one and * at its end, e.g. emqx-go-*"),
                arguments(
                        "dns-pattern-star-in-the-middle",
                        12,
                        "spec.patterns[0]",
                        "'emqx-*.default' has a * before its end"),
                arguments("dns-pattern-two-stars", 12, "spec.patterns[0]", "'emqx-**' has a * before its end"),
                arguments("dns-pattern-empty", 12, "spec.patterns[0]", "'' is empty, which Chaos Mesh refuses"),
                arguments(
                        "dns-pattern-port",
                        12,
                        "spec.patterns[0]",
                        "'emqx-go-0:1883' never matches, it has characters that are in no name"),
                arguments("dns-pattern-range", 12, "spec.patterns[0]", "'emqx-go-[01]*' never matches"),
                arguments(
                        "dns-pattern-capitals",
                        12,
                        "spec.patterns[0]",
                        "'EMQX-go-*' has capital letters, and Chaos Mesh compares letter case"),
                arguments(
                        "dns-pattern-two-dots",
                        12,
                        "spec.patterns[0]",
                        "'emqx-go-0..default' never matches, no name is like that"),
                arguments(
                        "dns-patterns-empty",
                        11,
                        "spec.patterns",
                        "is an empty list: expected at least one entry, or no such field"),
                arguments("dns-patterns-no-list", 11, "spec.patterns", "is the text 'emqx-go-*': expected a list"),
                arguments("dns-patterns-twice", 13, "spec.patterns[1]", "'emqx-go-*' is in the list twice"),
                arguments(
                        "dns-patterns-twice-with-dot",
                        11,
                        "spec.patterns",
                        "holds 'example.org.' with and without the final dot, which Chaos Mesh refuses"),
                arguments(
                        "dns-patterns-misnamed",
                        11,
                        "spec.domainNamePatterns",
                        "is called 'patterns' by Chaos Mesh: rename it"),
                arguments("dns-scope", 11, "spec.scope", "is of Chaos Mesh 1 and dropped since 2.0"),
                arguments(
                        "dns-remote-cluster",
                        11,
                        "spec.remoteCluster",
                        "is not supported: Havoq injects into one cluster"),
                arguments("dns-duration-no-unit", 11, "spec.duration", "is the number 120 without a unit"));
    }

    static Stream<Arguments> wrongFaultsOfFiles() {
        return Stream.of(
                arguments(
                        "io-action-missing",
                        5,
                        "spec.action",
                        "is missing: expected latency, fault, attrOverride or mistake"),
                arguments(
                        "io-action-mixed",
                        10,
                        "spec.action",
                        "'mixed-read-write' is no action, Chaos Mesh's schema refuses it"),
                arguments("io-action-old", 10, "spec.action", "'delay' is of Chaos Mesh 1: expected latency"),
                arguments(
                        "io-volume-missing",
                        5,
                        "spec.volumePath",
                        "is missing: expected the mount point of a volume, e.g. /data"),
                arguments(
                        "io-volume-relative",
                        12,
                        "spec.volumePath",
                        "'data' is no directory of a container: expected an absolute path"),
                arguments("io-volume-slash", 12, "spec.volumePath", "'/data/' ends in '/'"),
                arguments("io-volume-wildcards", 12, "spec.volumePath", "has wildcards"),
                arguments(
                        "io-path-outside",
                        13,
                        "spec.path",
                        "is not below the volume /data, so that nothing would be hit"),
                arguments("io-path-stars", 13, "spec.path", "has ** beside other characters, which is no pattern"),
                arguments("io-path-bracket", 13, "spec.path", "is no pattern, a bracket is not closed"),
                arguments("io-methods-capitals", 13, "spec.methods[0]", "'Read' has capital letters"),
                arguments("io-methods-unknown", 13, "spec.methods[0]", "'raed' is unknown: expected lookup, forget"),
                arguments(
                        "io-percent-text",
                        13,
                        "spec.percent",
                        "is the text '50': expected a whole number from 1 to 100"),
                arguments(
                        "io-percent-zero",
                        13,
                        "spec.percent",
                        "is the number 0: expected a whole number from 1 to 100"),
                arguments(
                        "io-errno-missing",
                        5,
                        "spec.errno",
                        "is missing: expected what action fault does, e.g. 5, which is EIO"),
                arguments("io-errno-zero", 11, "spec.errno", "is the number 0: expected a whole number from 1 to 4095"),
                arguments("io-errno-name", 11, "spec.errno", "is the text 'EIO': expected a whole number"),
                arguments(
                        "io-delay-missing",
                        5,
                        "spec.delay",
                        "is missing: expected what action latency does, e.g. 100ms"),
                arguments("io-delay-bad", 11, "spec.delay", "is the number 100: expected text"),
                arguments("io-delay-no-duration", 11, "spec.delay", "'100x' is no duration"),
                arguments("io-delay-on-fault", 12, "spec.delay", "is ignored by Chaos Mesh with action fault"),
                arguments(
                        "io-mistake-filling", 11, "spec.mistake.filling", "'ones' is unknown: expected zero or random"),
                arguments(
                        "io-mistake-length",
                        11,
                        "spec.mistake.maxLength",
                        "is missing: expected a whole number of 1 or more, in bytes"),
                arguments("io-attr-unknown", 11, "spec.attr.mode", "is unknown: expected ino, size"),
                arguments("io-layer", 13, "spec.layer", "is of Chaos Mesh 1 and dropped since 2.0: remove it"),
                arguments(
                        "kernel-request-missing",
                        5,
                        "spec.failKernRequest",
                        "is missing: expected what fails, with 'failtype'"),
                arguments(
                        "kernel-failtype-missing",
                        10,
                        "spec.failKernRequest.failtype",
                        "is missing: expected 0 (slab), 1 (page) or 2 (bio)"),
                arguments(
                        "kernel-failtype-unknown",
                        10,
                        "spec.failKernRequest.failtype",
                        "is the number 3: expected a whole number from 0 to 2"),
                arguments(
                        "kernel-probability-zero",
                        10,
                        "spec.failKernRequest.probability",
                        "is the number 0: expected a whole number from 1 to 100"),
                arguments(
                        "kernel-funcname-missing",
                        10,
                        "spec.failKernRequest.callchain[0].funcname",
                        "is missing: expected a function of the kernel"),
                arguments("kernel-times-outside", 11, "spec.times", "belongs within 'failKernRequest': move it there"),
                arguments("kernel-action", 10, "spec.action", "is no field of a KernelChaos: remove it"),
                arguments(
                        "kernel-container-names",
                        11,
                        "spec.containerNames",
                        "is dropped by Chaos Mesh, a KernelChaos hits the pod as a whole"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"wrong", "wrongFaultsOfTheNetwork", "wrongStress", "wrongFaultsOfFiles"})
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
                            Stream.of(wrong(), wrongFaultsOfTheNetwork(), wrongStress(), wrongFaultsOfFiles())
                                    .flatMap(Function.identity())
                                    .map(arguments -> (String) arguments.get()[0])
                                    .toList());
        }
    }
}
