package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.havoq.manifest.ManifestSettings;
import io.havoq.settings.Settings;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where faults may be injected at all: in the namespace that {@code havoq.namespace} names, or in one that its owners annotated for it;
 * never in those of the cluster itself and of Chaos Mesh, and never where the owners annotated against it.
 */
record NamespaceRules(String namespace, boolean named, String chaosMesh) {
    /** On a namespace: {@link #ALLOWED} or {@link #FORBIDDEN}. */
    static final String ANNOTATION = "havoq.io/chaos";

    static final String ALLOWED = "allowed";
    static final String FORBIDDEN = "forbidden";

    /** Where the plan's manifests have their pods. */
    private static final String DEFAULT = "default";

    private static final Set<String> NEVER = Set.of("kube-system", "kube-public", "kube-node-lease", "chaos-mesh");

    static NamespaceRules of(Settings settings) {
        var namespace = settings.get(ManifestSettings.NAMESPACE);
        return new NamespaceRules(
                namespace.isEmpty() ? DEFAULT : namespace,
                !namespace.isEmpty(),
                settings.get(KubernetesSettings.CHAOS_MESH_NAMESPACE).strip());
    }

    /** Why there must be no faults here; empty if there may. */
    Optional<String> refusal(KubernetesClient client) {
        if (NEVER.contains(namespace) || namespace.equals(chaosMesh)) {
            return Optional.of("faults are never injected into the namespace " + namespace
                    + ": name the broker's own with " + ManifestSettings.NAMESPACE.key());
        }
        var annotation = annotation(client);
        if (FORBIDDEN.equals(annotation.value())) {
            return Optional.of("the namespace " + namespace + " is annotated " + ANNOTATION + ": " + FORBIDDEN
                    + ": faults are not injected there, whatever the settings say");
        }
        if (!named && !ALLOWED.equals(annotation.value())) {
            return Optional.of("faults may not be injected into the namespace " + namespace + annotation.problem()
                    + ": name it with " + ManifestSettings.NAMESPACE.key() + ", or annotate it " + ANNOTATION + ": "
                    + ALLOWED);
        }
        return Optional.empty();
    }

    private record Annotation(@Nullable String value, String problem) {}

    private Annotation annotation(KubernetesClient client) {
        try {
            var found = client.namespaces().withName(namespace).get();
            if (found == null) {
                return new Annotation(null, ", which does not exist");
            }
            var annotations = found.getMetadata().getAnnotations();
            return new Annotation(annotations == null ? null : annotations.get(ANNOTATION), "");
        } catch (KubernetesClientException e) {
            if (e.getCode() != ApiProblem.FORBIDDEN) {
                throw e;
            }
            return new Annotation(null, ", whose annotations may not be read");
        }
    }
}
