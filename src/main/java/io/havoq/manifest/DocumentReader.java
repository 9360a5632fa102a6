package io.havoq.manifest;

import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/** Reads one YAML document as a chaos object: apiVersion, kind, metadata, and the spec by its kind. */
final class DocumentReader {
    private static final String API_VERSION = "chaos-mesh.org/v1alpha1";
    private static final List<String> SUPPORTED =
            List.of("PodChaos", "NetworkChaos", "DNSChaos", "TimeChaos", "StressChaos", "IOChaos", "KernelChaos");
    private static final List<String> NEVER = List.of(
            "HTTPChaos", "JVMChaos", "BlockChaos", "AWSChaos", "AzureChaos", "GCPChaos", "PhysicalMachineChaos");
    private static final List<String> REPEATING = List.of("Schedule", "Workflow");
    private static final String PAUSE = "experiment.chaos-mesh.org/pause";
    private static final TextRule ANY = text -> Optional.empty();

    private static final TextRule KIND = text -> {
        var expected = ": expected " + Words.orList(SUPPORTED);
        if (SUPPORTED.contains(text)) {
            return Optional.empty();
        }
        if (NEVER.contains(text)) {
            return Optional.of("is a kind of Chaos Mesh that Havoq does not carry out" + expected);
        }
        if (REPEATING.contains(text)) {
            return Optional.of(
                    "is refused, left behind it would inject for ever: give the fault itself and let the test"
                            + " repeat it, e.g. -Dhavoq.repeat=5m/1h");
        }
        return Optional.of("is unknown" + expected + Words.didYouMean(text, SUPPORTED));
    };

    private static final TextRule VERSION = text -> text.equals(API_VERSION)
            ? Optional.empty()
            : Optional.of("is not the version of Chaos Mesh's objects: expected " + API_VERSION);

    /** Who the object is. */
    private record Identity(String name, String namespace, boolean powerOff) {}

    private DocumentReader() {}

    /** The manifest, unless the reading has problems afterwards. */
    static Optional<ManifestDocument> read(Reading reading, Node root, String text) {
        reading.stands(root, "");
        return Fields.of(reading, root, "").flatMap(top -> {
            top.require("apiVersion", API_VERSION);
            top.text("apiVersion", VERSION);
            top.require("kind", Words.orList(SUPPORTED));
            var kind = top.text("kind", KIND);
            top.require("metadata", "a mapping with a name");
            var identity = top.mapping("metadata").flatMap(DocumentReader::identity);
            top.require("spec", "what the fault is and whom it hits");
            // without a name the rest is still read, so that all problems are told at once
            var who = identity.orElse(new Identity("", "default", false));
            var spec = top.has("spec") && kind.isPresent()
                    ? top.mapping("spec").flatMap(fields -> spec(kind.get(), fields, who))
                    : Optional.<ChaosSpec>empty();
            top.refuseOthers(Unwanted.TOP);
            return reading.problems().isEmpty()
                    ? spec.map(fault ->
                            new ManifestDocument(reading.source(), text, reading.lines(), who.namespace(), fault))
                    : Optional.empty();
        });
    }

    private static Optional<ChaosSpec> spec(String kind, Fields fields, Identity who) {
        if (who.powerOff() && !kind.equals("PodChaos")) {
            fields.problemHere("is of kind " + kind + ", but the annotation " + PodChaos.POWER_OFF
                    + " is given: expected PodChaos");
        }
        return switch (kind) {
            case "NetworkChaos" -> NetworkChaosReader.read(fields, who.name(), who.namespace());
            case "DNSChaos" -> DnsChaosReader.read(fields, who.name(), who.namespace());
            case "TimeChaos" -> TimeChaosReader.read(fields, who.name(), who.namespace());
            case "StressChaos" -> StressChaosReader.read(fields, who.name(), who.namespace());
            case "IOChaos" -> IoChaosReader.read(fields, who.name(), who.namespace());
            case "KernelChaos" -> KernelChaosReader.read(fields, who.name(), who.namespace());
            default ->
                PodChaosReader.read(fields, who.name(), who.namespace())
                        .map(pod -> who.powerOff() ? poweredOff(pod, fields) : pod);
        };
    }

    private static Optional<Identity> identity(Fields metadata) {
        metadata.require("name", "a name for the fault");
        var name = metadata.text("name", TextRule.DNS_LABEL);
        var namespace = metadata.text("namespace", TextRule.DNS_LABEL).orElse("default");
        metadata.map("labels", TextRule.LABEL_KEY, TextRule.LABEL_VALUE);
        var annotations = metadata.map(
                "annotations", TextRule.LABEL_KEY.and(DocumentReader::paused).and(DocumentReader::ours), ANY);
        metadata.refuseOthers(Unwanted.METADATA);
        var powerOff = annotations.get(PodChaos.POWER_OFF);
        if (powerOff != null && !powerOff.equals("true")) {
            metadata.problem(
                    "annotations",
                    PodChaos.POWER_OFF + " is '" + powerOff + "': expected \"true\", or no such" + " annotation");
        }
        return name.map(given -> new Identity(given, namespace, powerOff != null));
    }

    private static ChaosSpec poweredOff(PodChaos pod, Fields spec) {
        if (pod.podAction() == PodChaos.Action.CONTAINER_KILL) {
            spec.problem(
                    "action",
                    "is container-kill, but the annotation " + PodChaos.POWER_OFF
                            + " is given: a machine loses its power with pod-kill or pod-failure");
        } else if (!pod.gracePeriod().isZero()) {
            spec.problem(
                    "gracePeriod",
                    "is given with the annotation " + PodChaos.POWER_OFF
                            + ": who loses power is not asked to end, remove it");
        }
        return pod.withPowerOff();
    }

    private static Optional<String> ours(String annotation) {
        return annotation.startsWith("havoq.io/") && !annotation.equals(PodChaos.POWER_OFF)
                ? Optional.of("is no annotation of Havoq: expected " + PodChaos.POWER_OFF)
                : Optional.empty();
    }

    private static Optional<String> paused(String annotation) {
        return annotation.equals(PAUSE)
                ? Optional.of("keeps Chaos Mesh from injecting: remove it, the test begins and ends the fault")
                : Optional.empty();
    }
}
