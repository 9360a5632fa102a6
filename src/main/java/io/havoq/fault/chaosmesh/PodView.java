package io.havoq.fault.chaosmesh;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pod as the API server shows it: what its kubelet says of it, not Chaos Mesh.
 *
 * @param node the machine that it runs on
 * @param subdomain of its DNS name, empty without a headless service
 * @param containers in the order of its spec
 */
record PodView(
        String namespace,
        String name,
        String uid,
        boolean terminating,
        String phase,
        String ip,
        boolean hostNetwork,
        String node,
        String subdomain,
        List<ContainerView> containers) {
    /**
     * One container.
     *
     * @param image of the spec, which a pod-failure changes
     * @param ports by name, or by their number where they have none
     * @param limits as the spec has them
     * @param ended how it ended the last time; empty for one that never did
     */
    record ContainerView(
            String name,
            String image,
            Map<String, Integer> ports,
            Map<String, String> limits,
            int restarts,
            boolean running,
            boolean ready,
            Optional<Ended> ended) {}

    /** How a container ended. */
    record Ended(String reason, int exitCode) {
        @Override
        public String toString() {
            return "exit code " + exitCode + (reason.isEmpty() ? "" : " (" + reason + ")");
        }
    }

    PodView {
        containers = List.copyOf(containers);
    }

    static Request request(String namespace, String name) {
        return new Request(
                "get",
                "pods",
                namespace,
                "/api/v1/namespaces/" + namespace + "/pods/" + name,
                Optional.empty(),
                "read pod " + namespace + "/" + name);
    }

    static PodView of(JsonNode node) {
        var metadata = node.path("metadata");
        var spec = node.path("spec");
        var status = node.path("status");
        var containers = new ArrayList<ContainerView>();
        for (var container : spec.path("containers")) {
            containers.add(container(container, status));
        }
        return new PodView(
                metadata.path("namespace").asText(),
                metadata.path("name").asText(),
                metadata.path("uid").asText(),
                !metadata.path("deletionTimestamp").isMissingNode(),
                status.path("phase").asText(),
                status.path("podIP").asText(),
                spec.path("hostNetwork").asBoolean(false),
                spec.path("nodeName").asText(),
                spec.path("subdomain").asText(),
                containers);
    }

    private static ContainerView container(JsonNode spec, JsonNode status) {
        var ports = new LinkedHashMap<String, Integer>();
        for (var port : spec.path("ports")) {
            var number = port.path("containerPort").asInt();
            ports.put(port.path("name").asText(Integer.toString(number)), number);
        }
        var limits = new LinkedHashMap<String, String>();
        spec.path("resources")
                .path("limits")
                .properties()
                .forEach(limit -> limits.put(limit.getKey(), limit.getValue().asText()));
        for (var known : status.path("containerStatuses")) {
            if (known.path("name").asText().equals(spec.path("name").asText())) {
                return new ContainerView(
                        known.path("name").asText(),
                        spec.path("image").asText(),
                        ports,
                        limits,
                        known.path("restartCount").asInt(0),
                        !known.path("state").path("running").isMissingNode(),
                        known.path("ready").asBoolean(false),
                        ended(known));
            }
        }
        return new ContainerView(
                spec.path("name").asText(),
                spec.path("image").asText(),
                ports,
                limits,
                0,
                false,
                false,
                Optional.empty());
    }

    /** One that has ended and not been restarted so far tells so in its state, a restarted one in its last state. */
    private static Optional<Ended> ended(JsonNode known) {
        for (var field : List.of("state", "lastState")) {
            var terminated = known.path(field).path("terminated");
            if (!terminated.isMissingNode()) {
                return Optional.of(new Ended(
                        terminated.path("reason").asText(),
                        terminated.path("exitCode").asInt()));
            }
        }
        return Optional.empty();
    }

    String fullName() {
        return namespace + "/" + name;
    }

    Optional<ContainerView> container(String wanted) {
        return containers.stream()
                .filter(container -> container.name().equals(wanted))
                .findFirst();
    }

    /** The restarts of all its containers. */
    int restarts() {
        return containers.stream().mapToInt(ContainerView::restarts).sum();
    }

    boolean allRunning() {
        return !containers.isEmpty() && containers.stream().allMatch(ContainerView::running);
    }
}
