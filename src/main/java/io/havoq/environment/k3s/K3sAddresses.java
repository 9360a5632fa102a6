package io.havoq.environment.k3s;

import io.havoq.environment.kubernetes.KubernetesSettings;
import io.havoq.settings.Settings;
import java.util.Map;
import java.util.stream.Collectors;

/** What the Kubernetes environment has to be told of a cluster in a container: its context, and where its pods are reached. */
final class K3sAddresses {
    /** As K3s writes it into its kubeconfig. */
    private static final String K3S_CONTEXT = "default";

    private K3sAddresses() {}

    /** Whether the user has said how clients get to the pods. */
    static boolean given(Settings settings) {
        return settings.isSet(KubernetesSettings.ADDRESSES) || settings.isSet(KubernetesSettings.ACCESS);
    }

    static Settings inContext(Settings settings) {
        return settings.with(KubernetesSettings.CONTEXT, K3S_CONTEXT);
    }

    /**
     * From outside of the container the pods' own addresses lead nowhere.
     *
     * @param addresses by pod
     */
    static Settings of(Settings settings, Map<String, String> addresses) {
        return inContext(settings)
                .with(
                        KubernetesSettings.ADDRESSES,
                        addresses.entrySet().stream()
                                .map(entry -> entry.getKey() + "=" + entry.getValue())
                                .collect(Collectors.joining(",")));
    }

    static int mqttPort(Settings settings) {
        return settings.get(KubernetesSettings.MQTT_PORT);
    }
}
