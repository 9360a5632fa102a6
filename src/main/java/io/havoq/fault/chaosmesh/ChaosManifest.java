package io.havoq.fault.chaosmesh;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.ManifestWriter;
import io.havoq.manifest.Mode;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.time.GoDuration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A fault as the object that Chaos Mesh is given: its targets pinned by name, so that Chaos Mesh chooses nobody else, its labels, and a
 * duration after which Chaos Mesh ends it by itself should nobody be left to remove it.
 */
final class ChaosManifest {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final ObjectMapper JSON = new ObjectMapper();

    private ChaosManifest() {}

    /** The same fault on these pods. */
    static ChaosSpec pinned(ChaosSpec spec, List<Target> targets, List<Target> peers) {
        var pinned = spec.withSelection(all(targets));
        if (spec.target().isEmpty()) {
            return pinned;
        }
        if (peers.isEmpty()) {
            throw new FaultException(spec.kind() + " '" + spec.name()
                    + "' has a target side, and nobody was chosen for it: nothing was injected");
        }
        return pinned instanceof NetworkChaos network ? network.withTarget(all(peers)) : pinned;
    }

    private static Selection all(List<Target> targets) {
        var pods = new TreeMap<String, List<String>>();
        for (var target : targets) {
            pods.computeIfAbsent(target.namespace(), namespace -> new ArrayList<>())
                    .add(target.name());
        }
        return new Selection(
                Selector.inNamespaces(pods.keySet().toArray(new String[0])).withPods(pods), new Mode.All());
    }

    static GenericKubernetesResource of(
            String name, String attempt, String experiment, ChaosSpec pinned, ChaosRun run) {
        var spec = spec(pinned);
        if (ChaosKind.oneShot(pinned)) {
            // Chaos Mesh does not honour it
            spec.remove("duration");
        } else {
            spec.put("duration", GoDuration.format(run.maxDuration()));
        }
        var labels = new LinkedHashMap<String, String>();
        labels.put(ChaosMeshLabels.MANAGED_BY, ChaosMeshLabels.HAVOQ);
        labels.put(ChaosMeshLabels.RUN, ChaosMeshLabels.value(run.id()));
        labels.put(ChaosMeshLabels.EXPERIMENT, ChaosMeshLabels.value(experiment));
        var builder = new GenericKubernetesResourceBuilder()
                .withApiVersion(ChaosKind.API_VERSION)
                .withKind(pinned.kind())
                .withNewMetadata()
                .withName(name)
                .withNamespace(run.namespace())
                .withLabels(labels)
                .addToAnnotations(ChaosObject.ATTEMPT, attempt);
        if (pinned instanceof PodChaos pod && pod.powerOff()) {
            builder.addToAnnotations(PodChaos.POWER_OFF, "substitute");
        }
        return builder.endMetadata().addToAdditionalProperties("spec", spec).build();
    }

    /** The object as it is sent. */
    static String json(GenericKubernetesResource object) {
        try {
            return JSON.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a chaos object cannot be written: " + object, e);
        }
    }

    /** The object as people read it. */
    static String yaml(GenericKubernetesResource object) {
        try {
            return YAML.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a chaos object cannot be written: " + object, e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> spec(ChaosSpec pinned) {
        try {
            var tree = (Map<String, Object>) YAML.readValue(ManifestWriter.write(pinned), LinkedHashMap.class);
            return (Map<String, Object>) tree.getOrDefault("spec", new LinkedHashMap<>());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Havoq cannot read the manifest that it wrote of " + pinned, e);
        }
    }
}
