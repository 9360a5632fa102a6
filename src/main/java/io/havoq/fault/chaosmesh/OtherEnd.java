package io.havoq.fault.chaosmesh;

import io.havoq.environment.Target;
import io.havoq.manifest.NetworkChaos;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Chooses to whom a pod's round trips go, so that a network fault is in their way. */
final class OtherEnd {
    private static final Pattern ADDRESS = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,3}){3})(?::([0-9]{1,5}))?");

    private final NetworkChaos chaos;
    private final ClusterApi api;
    private final Pods pods;

    /**
     * Somebody who answers.
     *
     * @param port that accepts connections, 0 if none is known
     * @param namespace of the pod that it is; empty for one that is none
     */
    record End(String name, String address, int port, String namespace) {
        End at(String now) {
            return new End(name, now, port, namespace);
        }
    }

    OtherEnd(NetworkChaos chaos, ClusterApi api, Pods pods) {
        this.chaos = chaos;
        this.api = api;
        this.pods = pods;
    }

    /** One of the peers; without any an external target, and without these any other pod of the namespace. */
    Optional<End> of(PodView pod, List<Target> peers) {
        if (!peers.isEmpty()) {
            // another one for each target, so that with several all are asked
            var peer = peers.get(Math.floorMod(pod.name().hashCode(), peers.size()));
            return pods.findPatiently(peer.namespace(), peer.name()).flatMap(OtherEnd::end);
        }
        for (var external : chaos.externalTargets()) {
            var address = ADDRESS.matcher(external);
            if (address.matches()) {
                return Optional.of(new End(
                        external,
                        address.group(1),
                        address.group(2) == null ? 0 : Integer.parseInt(address.group(2)),
                        ""));
            }
        }
        return chaos.externalTargets().isEmpty() ? neighbour(pod) : Optional.empty();
    }

    private Optional<End> neighbour(PodView pod) {
        return api.findPatiently(new Request(
                        "list",
                        "pods",
                        pod.namespace(),
                        "/api/v1/namespaces/" + pod.namespace() + "/pods",
                        Optional.empty(),
                        "list the pods of " + pod.namespace()))
                .flatMap(list -> {
                    var ends = new ArrayList<End>();
                    for (var item : list.path("items")) {
                        var other = PodView.of(item);
                        if (!other.name().equals(pod.name()) && other.allRunning()) {
                            end(other).ifPresent(ends::add);
                        }
                    }
                    return ends.stream().findFirst();
                });
    }

    private static Optional<End> end(PodView pod) {
        return pod.ip().isEmpty()
                ? Optional.empty()
                : Optional.of(new End(
                        pod.name(),
                        pod.ip(),
                        pod.containers().stream()
                                .flatMap(container -> container.ports().values().stream())
                                .findFirst()
                                .orElse(0),
                        pod.namespace()));
    }
}
