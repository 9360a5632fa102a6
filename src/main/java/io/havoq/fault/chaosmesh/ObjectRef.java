package io.havoq.fault.chaosmesh;

import java.util.Optional;

/** A chaos object by its name. */
record ObjectRef(ChaosKind kind, String namespace, String name) {
    Request get() {
        return Request.get(kind, namespace, name);
    }

    Request request(String verb, String what, Optional<String> body) {
        return new Request(
                verb, kind.resource(), namespace, kind.path(namespace) + "/" + name, body, what + " " + this);
    }

    String deleteCommand() {
        return "kubectl -n " + namespace + " delete " + kind.resource() + " " + name;
    }

    @Override
    public String toString() {
        return kind.text() + " " + namespace + "/" + name;
    }
}
