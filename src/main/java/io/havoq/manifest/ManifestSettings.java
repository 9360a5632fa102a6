package io.havoq.manifest;

import io.havoq.settings.Setting;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The settings that rewrite manifests for clusters that are named otherwise. */
public final class ManifestSettings {
    /** Where the pods are, whatever the manifests say. */
    public static final Setting<String> NAMESPACE = new Setting<>(
            "havoq.namespace",
            "",
            "Namespace that replaces the one in every manifest's metadata and selector; empty leaves the manifests as they are.",
            ManifestSettings::namespace);

    /** How the pods are labelled, whatever the manifests say. */
    public static final Setting<Map<String, String>> SELECTOR = new Setting<>(
            "havoq.selector",
            "",
            "Labels (`label=value`, separated by commas) that replace every manifest's `labelSelectors`; empty leaves the"
                    + " manifests as they are.",
            ManifestSettings::labels);

    private ManifestSettings() {}

    /** Every setting of this package. */
    public static List<Setting<?>> all() {
        return List.of(NAMESPACE, SELECTOR);
    }

    private static String namespace(String text) {
        return text.isBlank() ? "" : checked(TextRule.DNS_LABEL, text.strip());
    }

    private static Map<String, String> labels(String text) {
        var labels = new TreeMap<String, String>();
        if (text.isBlank()) {
            return labels;
        }
        for (var pair : text.split(",", -1)) {
            var equals = pair.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException(
                        "'" + pair.strip() + "' is not a label: expected label=value, e.g. app=emqx-go");
            }
            var key = checked(TextRule.LABEL_KEY, pair.substring(0, equals).strip());
            var value = checked(TextRule.LABEL_VALUE, pair.substring(equals + 1).strip());
            if (labels.putIfAbsent(key, value) != null) {
                throw new IllegalArgumentException("'" + key + "' is given twice");
            }
        }
        return Collections.unmodifiableMap(labels);
    }

    private static String checked(TextRule rule, String text) {
        rule.complaint(text).ifPresent(complaint -> {
            throw new IllegalArgumentException("'" + text + "' " + complaint);
        });
        return text;
    }
}
