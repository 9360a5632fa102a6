package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.havoq.environment.EnvironmentException;
import io.havoq.fault.FaultException;
import io.havoq.fault.chaosmesh.ChaosMeshLabels;
import io.havoq.fault.chaosmesh.ChaosMeshLeftovers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Removes the chaos objects that runs left in a namespace. Allowed to whoever holds its Lease: no other run has any there then that is not
 * left over.
 *
 * @param bound for each object
 * @param hidden kinds that this account may not list or delete
 */
record NamespaceSweep(
        KubernetesClient client, String namespace, Duration bound, Set<String> hidden, Consumer<String> progress) {
    NamespaceSweep {
        hidden = Set.copyOf(hidden);
    }

    /**
     * What any run left.
     *
     * @param killed whether a run is known to have been killed here: then that nothing is left has to be seen
     * @throws EnvironmentException if something is left, or must not be, and cannot be seen
     */
    void all(boolean killed) {
        remove(Optional.empty(), "left by an earlier run: ", killed);
    }

    /** What this run left, of kinds that it can have injected. */
    void own(String run) {
        remove(Optional.of(run), "left over: ", false);
    }

    private void remove(Optional<String> run, String how, boolean everything) {
        try {
            ChaosMeshLeftovers.remove(client, namespace, run, bound, progress)
                    .forEach(removed -> progress.accept(how + removed));
        } catch (FaultException e) {
            if (hidden.isEmpty() || everything || somethingSeen()) {
                throw new EnvironmentException(
                        "the namespace " + namespace + " is not free of chaos objects of "
                                + run.map(id -> "run " + id).orElse("earlier runs") + ": " + e.getMessage()
                                + ". The next run there tries again; lasting faults end by themselves",
                        e);
            }
            if (run.isEmpty()) {
                progress.accept("warning: whether an earlier run has left a " + String.join(", ", hidden)
                        + " cannot be told, since this account may not list and delete them");
            }
        }
    }

    private boolean somethingSeen() {
        return Preflight.KINDS.stream()
                .filter(kind -> !hidden.contains(kind))
                .anyMatch(kind -> !objects(kind).isEmpty());
    }

    private List<?> objects(String kind) {
        try {
            return client.genericKubernetesResources(ChaosObjects.of(kind))
                    .inNamespace(namespace)
                    .withLabel(ChaosMeshLabels.MANAGED_BY, ChaosMeshLabels.HAVOQ)
                    .list()
                    .getItems();
        } catch (KubernetesClientException e) {
            if (e.getCode() == ApiProblem.NOT_FOUND) {
                return List.of();
            }
            throw e;
        }
    }
}
