package io.havoq.environment.k3s;

import io.havoq.settings.Setting;
import io.havoq.settings.Settings;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the Kubernetes environment has to be told of a cluster in a container: its context, and where its pods are reached. */
final class K3sAddresses {
    static final Setting<String> CONTEXT = Setting.text("havoq.context", "", "");
    static final Setting<List<String>> ADDRESSES = Setting.words("havoq.kubernetes.addresses", "", "");
    static final Setting<String> ACCESS = Setting.text("havoq.kubernetes.access", "pod", "");
    static final Setting<Integer> MQTT_PORT = Setting.integer("havoq.kubernetes.port.mqtt", 1883, 1, 65535, "");

    /** As K3s writes it into its kubeconfig. */
    private static final String K3S_CONTEXT = "default";

    private K3sAddresses() {}

    /** Whether the user has said how clients get to the pods. */
    static boolean given(Settings settings) {
        return settings.isSet(ADDRESSES) || settings.isSet(ACCESS);
    }

    static Settings inContext(Settings settings) {
        return settings.with(CONTEXT, K3S_CONTEXT);
    }

    /**
     * From outside of the container the pods' own addresses lead nowhere.
     *
     * @param addresses by pod
     */
    static Settings of(Settings settings, Map<String, String> addresses) {
        return inContext(settings)
                .with(
                        ADDRESSES,
                        addresses.entrySet().stream()
                                .map(entry -> entry.getKey() + "=" + entry.getValue())
                                .collect(Collectors.joining(",")));
    }

    static int mqttPort(Settings settings) {
        return settings.get(MQTT_PORT);
    }
}
