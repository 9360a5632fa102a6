package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/** What kubelet, scheduler and controllers warn of in the events of a pod that does not come up: nowhere else is it told. Thread-safe. */
final class PodWarnings {
    /** {@code pkg/kubelet/events/event.go}; FailedAttachVolume is the attach/detach controller's. */
    private static final Set<String> REASONS = Set.of(
            "FailedMount",
            "FailedAttachVolume",
            "FailedMapVolume",
            "FailedCreatePodSandBox",
            "FailedPodSandBoxStatus",
            "NetworkNotReady",
            "FailedScheduling",
            "Failed");

    private final KubernetesClient client;
    private final String namespace;

    PodWarnings(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /**
     * The latest of a pod, not of one that had its name before; empty if there is none. One of what a broker may have brought about comes before all
     * others: "timed out" follows upon it, and is not the reason.
     */
    Optional<String> latest(Pod pod) {
        var uid = pod.getMetadata().getUid();
        try {
            return client
                    .v1()
                    .events()
                    .inNamespace(namespace)
                    .withField("involvedObject.uid", uid)
                    .list()
                    .getItems()
                    .stream()
                    .filter(event -> event.getInvolvedObject() != null
                            && uid.equals(event.getInvolvedObject().getUid()))
                    .filter(event -> "Warning".equals(event.getType()) && REASONS.contains(event.getReason()))
                    .max(Comparator.comparing(PodWarnings::brokers).thenComparing(PodWarnings::at))
                    .map(event -> event.getReason() + ": " + event.getMessage());
        } catch (KubernetesClientException e) {
            return Optional.of("its events cannot be listed: " + e.getMessage());
        }
    }

    private static boolean brokers(Event event) {
        return PodReading.brokers(String.valueOf(event.getMessage()));
    }

    private static String at(Event event) {
        return Optional.ofNullable(event.getLastTimestamp())
                .or(() -> Optional.ofNullable(event.getFirstTimestamp()))
                .or(() -> Optional.ofNullable(event.getEventTime()).map(time -> time.getTime()))
                .orElse("");
    }
}
