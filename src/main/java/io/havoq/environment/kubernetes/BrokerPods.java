package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.havoq.environment.Target;
import io.havoq.manifest.ManifestSettings;
import io.havoq.settings.Setting;
import io.havoq.settings.Settings;
import io.havoq.time.RunClock;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The broker's pods, as the API server has them now, and as targets. A pod of the cluster that is gone for the moment is a target all the
 * same, and not ready: otherwise two of three would look like a whole cluster. Thread-safe.
 */
final class BrokerPods {
    /** The label of the plan's StatefulSet. */
    private static final Map<String, String> DEFAULT_SELECTOR = Map.of("app", "emqx-go");

    /** So often the API server is asked at most: waits poll much more often than that. */
    private static final long SPACING_NANOS = 100_000_000;

    private final KubernetesClient client;
    private final String namespace;
    private final Map<String, String> selector;
    private final String container;
    private final Settings settings;
    private final boolean mqttOnly;
    private final Map<String, Target> members = new TreeMap<>();
    private volatile Consumer<List<Pod>> watcher = pods -> {};
    private long lastAskedNanos = RunClock.now() - SPACING_NANOS;

    /** @param mqttOnly whether nothing but the MQTT port can be reached from here */
    BrokerPods(KubernetesClient client, String namespace, Settings settings, boolean mqttOnly) {
        this.client = client;
        this.namespace = namespace;
        this.selector = selector(settings);
        this.container = settings.get(KubernetesSettings.CONTAINER).strip();
        this.settings = settings;
        this.mqttOnly = mqttOnly;
    }

    static Map<String, String> selector(Settings settings) {
        var given = settings.get(ManifestSettings.SELECTOR);
        return given.isEmpty() ? DEFAULT_SELECTOR : given;
    }

    /** Asked anew, ordered by name. */
    List<Pod> list() {
        space();
        var now = client.pods().inNamespace(namespace).withLabels(selector).list().getItems().stream()
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
                .toList();
        watcher.accept(now);
        return now;
    }

    /** Tells somebody of every answer: whoever waits for pods asks often, and nobody has to ask once more. */
    void tell(Consumer<List<Pod>> watcher) {
        this.watcher = watcher;
    }

    /** Never answered from memory: what was asked a moment ago may be from before a kill. */
    private void space() {
        long wait;
        synchronized (this) {
            var now = RunClock.now();
            wait = Math.max(0, lastAskedNanos + SPACING_NANOS - now);
            lastAskedNanos = now + wait;
        }
        if (wait > 0) {
            LockSupport.parkNanos(wait);
        }
    }

    /** From now on the pods that are there now make up the cluster. */
    List<Target> enlist() {
        var now = list();
        synchronized (this) {
            members.clear();
            now.forEach(pod -> members.put(pod.getMetadata().getName(), target(pod)));
            return List.copyOf(members.values());
        }
    }

    /** Of every member, whether its pod is there or not. */
    synchronized List<String> names() {
        return List.copyOf(members.keySet());
    }

    /** Every member as it is now. */
    List<Target> targets() {
        var now = list();
        synchronized (this) {
            var targets = new TreeMap<String, Target>();
            members.forEach((name, last) -> targets.put(name, gone(last)));
            for (var pod : now) {
                var target = target(pod);
                targets.put(target.name(), target);
                members.put(target.name(), target);
            }
            return List.copyOf(targets.values());
        }
    }

    private static Target gone(Target last) {
        return new Target(
                last.name(),
                last.namespace(),
                last.labels(),
                last.annotations(),
                "Unknown",
                false,
                last.containers(),
                last.nodeName(),
                last.uid(),
                last.restartCount(),
                last.ports());
    }

    Target target(Pod pod) {
        var metadata = pod.getMetadata();
        var status = Optional.ofNullable(pod.getStatus());
        return new Target(
                metadata.getName(),
                metadata.getNamespace(),
                Optional.ofNullable(metadata.getLabels()).orElse(Map.of()),
                Optional.ofNullable(metadata.getAnnotations()).orElse(Map.of()),
                status.map(PodStatus::getPhase).orElse("Unknown"),
                ready(pod),
                containers(pod),
                Optional.ofNullable(pod.getSpec().getNodeName()).orElse(""),
                metadata.getUid(),
                broker(pod).map(ContainerStatus::getRestartCount).orElse(0),
                ports(pod));
    }

    /** By its condition; one that is about to go may still have it. */
    static boolean ready(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
    }

    private static List<String> containers(Pod pod) {
        return pod.getSpec().getContainers().stream()
                .map(io.fabric8.kubernetes.api.model.Container::getName)
                .toList();
    }

    /** The container that is the broker. */
    String container(Pod pod) {
        return container.isEmpty() ? containers(pod).get(0) : container;
    }

    /** As of the last look; empty for a pod that nobody has seen. */
    synchronized Optional<String> container(String pod) {
        return Optional.ofNullable(members.get(pod))
                .map(target -> container.isEmpty() ? target.containers().get(0) : container);
    }

    /** What the kubelet says of the broker's container; empty before it has said anything. */
    Optional<ContainerStatus> broker(Pod pod) {
        return Optional.ofNullable(pod.getStatus()).map(PodStatus::getContainerStatuses).stream()
                .flatMap(List::stream)
                .filter(one -> one.getName().equals(container(pod)))
                .findFirst();
    }

    /** MQTT in any case; the others where the pod says that it has them, or a setting does. */
    private Map<String, String> ports(Pod pod) {
        var ports = new LinkedHashMap<String, String>();
        var address = Optional.ofNullable(pod.getStatus()).map(PodStatus::getPodIP);
        if (address.isEmpty()) {
            return ports;
        }
        ports.put("mqtt", address.get() + ":" + settings.get(KubernetesSettings.MQTT_PORT));
        if (mqttOnly) {
            return ports;
        }
        Map.of("cluster", KubernetesSettings.CLUSTER_PORT, "metrics", KubernetesSettings.METRICS_PORT)
                .forEach((purpose, setting) ->
                        port(pod, setting).ifPresent(port -> ports.put(purpose, address.get() + ":" + port)));
        return ports;
    }

    /** A port that the pod says it has, or that somebody says it has; empty where it is said to have none. */
    OptionalInt port(Pod pod, Setting<Integer> setting) {
        int port = settings.get(setting);
        var declared = settings.isSet(setting)
                || pod.getSpec().getContainers().stream()
                        .flatMap(one -> Optional.ofNullable(one.getPorts()).orElse(List.of()).stream())
                        .map(ContainerPort::getContainerPort)
                        .anyMatch(one -> one == port);
        return port > 0 && declared ? OptionalInt.of(port) : OptionalInt.empty();
    }

    /** The images of the brokers' containers. */
    String image() {
        return list().stream()
                .flatMap(pod -> pod.getSpec().getContainers().stream()
                        .filter(one -> one.getName().equals(container(pod))))
                .map(io.fabric8.kubernetes.api.model.Container::getImage)
                .distinct()
                .sorted()
                .reduce((one, other) -> one + ", " + other)
                .orElse("");
    }
}
