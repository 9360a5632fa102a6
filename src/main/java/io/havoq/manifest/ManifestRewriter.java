package io.havoq.manifest;

import io.havoq.settings.Settings;
import java.util.List;
import java.util.Map;

/**
 * Fits manifests to a cluster that is named otherwise, by {@code havoq.namespace} and {@code havoq.selector}. Pods that a
 * manifest names one by one keep their names; expressions stay as they are. Immutable.
 */
public final class ManifestRewriter {
    private final String namespace;
    private final Map<String, String> labels;

    /**
     * Reads the two settings.
     *
     * @throws IllegalArgumentException naming the setting that cannot be read
     */
    public ManifestRewriter(Settings settings) {
        namespace = settings.get(ManifestSettings.NAMESPACE);
        labels = settings.get(ManifestSettings.SELECTOR);
    }

    /** The manifest as it is to be injected; its text is what that would look like in a file, its lines stay. */
    public ManifestDocument rewrite(ManifestDocument document) {
        var spec = rewrite(document.spec());
        var where = namespace.isEmpty() ? document.namespace() : namespace;
        return spec.equals(document.spec()) && where.equals(document.namespace())
                ? document
                : new ManifestDocument(
                        document.source(), ManifestWriter.write(spec, where), document.lines(), where, spec);
    }

    /** The fault on the pods that the settings name. */
    public ChaosSpec rewrite(ChaosSpec spec) {
        var selector = spec.selection().selector();
        if (!namespace.isEmpty()) {
            selector = selector.withNamespaces(List.of(namespace));
            if (!selector.pods().isEmpty()) {
                var names = selector.pods().values().stream()
                        .flatMap(List::stream)
                        .distinct()
                        .toList();
                selector = selector.withPods(Map.of(namespace, names));
            }
        }
        if (!labels.isEmpty() && selector.pods().isEmpty()) {
            selector = selector.withLabels(labels);
        }
        return spec.withSelection(spec.selection().withSelector(selector));
    }
}
