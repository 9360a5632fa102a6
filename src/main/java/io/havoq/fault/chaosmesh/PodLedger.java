package io.havoq.fault.chaosmesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.havoq.fault.chaosmesh.ApiException.Reason;
import java.util.List;
import java.util.Optional;

/**
 * The object in which Chaos Mesh keeps what its network or its file faults do to one pod (PodNetworkChaos, PodIOChaos), named as the
 * pod; each entry names the chaos object that it is of as its {@code source}.
 */
record PodLedger(String plural, String namespace, String pod) {
    private static final int ATTEMPTS = 5;

    /** Those of the pods that an object has records of. */
    static List<PodLedger> of(ChaosKind kind, ChaosObject object) {
        var plural = plural(kind);
        return plural.isEmpty()
                ? List.of()
                : object.records().stream()
                        .map(record -> record.id().split("/"))
                        .filter(id -> id.length >= 2)
                        .map(id -> new PodLedger(plural.get(), id[0], id[1]))
                        .distinct()
                        .toList();
    }

    static Optional<String> plural(ChaosKind kind) {
        return switch (kind) {
            case NETWORK -> Optional.of("podnetworkchaos");
            case IO -> Optional.of("podiochaos");
            default -> Optional.empty();
        };
    }

    Request get() {
        return request("get", "read", Optional.empty());
    }

    private Request request(String verb, String what, Optional<String> body) {
        return new Request(
                verb,
                plural + ".chaos-mesh.org",
                namespace,
                "/apis/" + ChaosKind.API_VERSION + "/namespaces/" + namespace + "/" + plural + "/" + pod,
                body,
                what + " " + this);
    }

    String deleteCommand() {
        return "kubectl -n " + namespace + " delete " + plural + " " + pod;
    }

    /** Takes the entries of a chaos object out; returns whether there were any. */
    boolean withdraw(ClusterApi api, ObjectRef object) {
        for (var i = 1; ; i++) {
            try {
                return tried(api, object);
            } catch (ApiException e) {
                if (e.reason() != Reason.CONFLICT || i == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private boolean tried(ClusterApi api, ObjectRef object) {
        var found = api.findPatiently(get());
        if (found.isEmpty()) {
            return false;
        }
        var source = object.namespace() + "/" + object.name();
        var spec = JsonNodeFactory.instance.objectNode();
        found.get().path("spec").properties().forEach(field -> {
            var kept = JsonNodeFactory.instance.arrayNode();
            field.getValue().forEach(entry -> {
                if (!isOf(entry, source)) {
                    kept.add(entry);
                }
            });
            if (field.getValue().isArray() && kept.size() < field.getValue().size()) {
                spec.set(field.getKey(), kept);
            }
        });
        if (spec.isEmpty()) {
            return false;
        }
        // Against the version that was read: Chaos Mesh writes there, too.
        var patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata")
                .put(
                        "resourceVersion",
                        found.get().path("metadata").path("resourceVersion").asText());
        patch.set("spec", spec);
        var unused =
                api.once(request("patch", "take the entries of " + object + " out of", Optional.of(patch.toString())));
        return true;
    }

    private static boolean isOf(JsonNode entry, String source) {
        return entry.path("source").asText().equals(source);
    }

    @Override
    public String toString() {
        return plural + " " + namespace + "/" + pod;
    }
}
