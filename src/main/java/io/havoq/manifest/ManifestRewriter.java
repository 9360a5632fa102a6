package io.havoq.manifest;

import io.havoq.settings.Settings;
import java.util.List;
import java.util.Map;

/**
 * Fits manifests to a cluster that is named otherwise, by {@code havoq.namespace} and {@code havoq.selector}. Pods that a
 * manifest names one by one keep their names; expressions stay as they are. So do the patterns of a DNSChaos and external
 * targets: whether a name in them is the cluster's cannot be told. Immutable.
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
        var sources = spec.selection();
        var rewritten = spec.withSelection(sources.withSelector(relabelled(moved(sources.selector()))));
        return rewritten instanceof NetworkChaos network
                ? network.target()
                        .map(targets -> network.withTarget(targets.withSelector(target(sources, targets.selector()))))
                        .orElse(network)
                : rewritten;
    }

    /**
     * The target's labels are the cluster's, and replaced, if they are the sources' too. Others tell targets from sources: replaced,
     * both would select the same pods.
     */
    private Selector target(Selection sources, Selector target) {
        var moved = moved(target);
        return target.labels().equals(sources.selector().labels()) ? relabelled(moved) : moved;
    }

    private Selector moved(Selector selector) {
        if (namespace.isEmpty()) {
            return selector;
        }
        var moved = selector.withNamespaces(List.of(namespace));
        if (moved.pods().isEmpty()) {
            return moved;
        }
        var names =
                moved.pods().values().stream().flatMap(List::stream).distinct().toList();
        return moved.withPods(Map.of(namespace, names));
    }

    private Selector relabelled(Selector selector) {
        return labels.isEmpty() || !selector.pods().isEmpty() ? selector : selector.withLabels(labels);
    }
}
