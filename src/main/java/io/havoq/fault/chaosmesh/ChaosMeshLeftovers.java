package io.havoq.fault.chaosmesh;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.havoq.fault.FaultException;
import io.havoq.fault.chaosmesh.ApiException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Removes the chaos objects of runs that ended without doing so. */
public final class ChaosMeshLeftovers {
    private ChaosMeshLeftovers() {}

    /**
     * Removes every Chaos Mesh object in the namespace that carries Havoq's label, of the given run or (empty) of any run.
     *
     * @param bound for each object; then it is removed by force
     * @return what was removed, one line each
     * @throws FaultException naming what is left
     */
    public static List<String> remove(
            KubernetesClient client,
            String namespace,
            Optional<String> run,
            Duration bound,
            Consumer<String> progress) {
        return remove(client, namespace, run, bound, progress, Pace.USUAL);
    }

    static List<String> remove(
            KubernetesClient client,
            String namespace,
            Optional<String> run,
            Duration bound,
            Consumer<String> progress,
            Pace pace) {
        var api = new ClusterApi(client, pace);
        var removal = new Removal(api, pace, progress);
        var removed = new ArrayList<String>();
        var left = new ArrayList<String>();
        for (var kind : ChaosKind.values()) {
            for (var item : list(api, kind, namespace, run, left)) {
                var ref = new ObjectRef(
                        kind, namespace, item.path("metadata").path("name").asText());
                var owner = " of run " + ChaosObject.of(item).run();
                try {
                    var outcome = removal.remove(ref, bound);
                    removed.add(ref
                            + owner
                            + outcome.forced()
                                    .map(why ->
                                            ", by force: it may have left rules on its targets' machines (" + why + ")")
                                    .orElse(""));
                } catch (FaultException e) {
                    left.add(e.getMessage());
                }
            }
        }
        if (!left.isEmpty()) {
            throw new FaultException("chaos objects of earlier runs are left in namespace " + namespace + ": "
                    + String.join("; ", left) + (removed.isEmpty() ? "" : "; removed were " + removed));
        }
        return List.copyOf(removed);
    }

    private static List<JsonNode> list(
            ClusterApi api, ChaosKind kind, String namespace, Optional<String> run, List<String> left) {
        var selector = ChaosMeshLabels.MANAGED_BY + "%3D" + ChaosMeshLabels.HAVOQ
                + run.map(id -> "%2C" + ChaosMeshLabels.RUN + "%3D" + ChaosMeshLabels.value(id))
                        .orElse("");
        var items = new ArrayList<JsonNode>();
        try {
            api.patiently(new Request(
                            "list",
                            kind.resource(),
                            namespace,
                            kind.path(namespace) + "?labelSelector=" + selector.replace("/", "%2F"),
                            Optional.empty(),
                            "list the objects " + kind.text() + " of namespace " + namespace))
                    .path("items")
                    .forEach(items::add);
        } catch (ApiException e) {
            // Without its CRD there is no object of a kind.
            if (e.reason() != Reason.NOT_FOUND) {
                left.add("unknown: " + e.getMessage());
            }
        }
        return items;
    }
}
