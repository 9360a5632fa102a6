package io.havoq.environment.kubernetes;

import java.util.List;

/**
 * What an account may do in the brokers' namespace.
 *
 * @param group of the API; empty for the core
 * @param subresource empty for the resource itself
 */
record Right(String group, String resource, String subresource, List<String> verbs) {
    Right {
        verbs = List.copyOf(verbs);
    }

    String text() {
        return "may " + String.join(", ", verbs) + " " + resource + (subresource.isEmpty() ? "" : "/" + subresource);
    }
}
