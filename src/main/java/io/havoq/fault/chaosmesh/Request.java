package io.havoq.fault.chaosmesh;

import java.util.Optional;

/**
 * One request to the API server.
 *
 * @param verb as RBAC names it: get, list, create, delete, patch
 * @param resource as {@code kubectl auth can-i} takes it
 * @param path from the server's root, with the query
 * @param what the request is for, for messages: {@code create PodChaos default/kill-1}
 */
record Request(String verb, String resource, String namespace, String path, Optional<String> body, String what) {
    static Request get(ChaosKind kind, String namespace, String name) {
        return new Request(
                "get",
                kind.resource(),
                namespace,
                kind.path(namespace) + "/" + name,
                Optional.empty(),
                "read " + kind.text() + " " + namespace + "/" + name);
    }

    String method() {
        return switch (verb) {
            case "create" -> "POST";
            case "delete" -> "DELETE";
            case "patch" -> "PATCH";
            default -> "GET";
        };
    }

    String contentType() {
        return verb.equals("patch") ? "application/merge-patch+json" : "application/json";
    }

    /** How a person finds out whether this is allowed. */
    String canI() {
        return "kubectl auth can-i " + verb + " " + resource + (namespace.isEmpty() ? "" : " -n " + namespace);
    }
}
