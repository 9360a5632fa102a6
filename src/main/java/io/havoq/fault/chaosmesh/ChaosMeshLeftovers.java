package io.havoq.fault.chaosmesh;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Removal of what runs left: placeholder. */
public final class ChaosMeshLeftovers {
    private ChaosMeshLeftovers() {}

    /** Placeholder. */
    public static List<String> remove(
            KubernetesClient client,
            String namespace,
            Optional<String> run,
            Duration bound,
            Consumer<String> progress) {
        return List.of();
    }
}
