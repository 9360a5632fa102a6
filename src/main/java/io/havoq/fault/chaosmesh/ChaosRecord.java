package io.havoq.fault.chaosmesh;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What Chaos Mesh says of one target ({@code .status.experiment.containerRecords[]}).
 *
 * @param id {@code namespace/pod} or {@code namespace/pod/container}
 * @param selectorKey {@code .} for the spec's own selector, {@code .Target} for the other side
 * @param failure the last failed attempt's message
 */
record ChaosRecord(String id, String selectorKey, String phase, int injectedCount, Optional<String> failure) {
    static final String SOURCE = ".";
    static final String TARGET = ".Target";

    static ChaosRecord of(JsonNode node) {
        var failure = Optional.<String>empty();
        for (var event : node.path("events")) {
            if (event.path("type").asText().equals("Failed")) {
                failure = Optional.of(event.path("operation").asText() + ": "
                        + event.path("message").asText());
            }
        }
        return new ChaosRecord(
                node.path("id").asText(),
                node.path("selectorKey").asText(),
                node.path("phase").asText(),
                node.path("injectedCount").asInt(0),
                failure);
    }

    boolean injected() {
        return phase.equals("Injected") && injectedCount >= 1;
    }

    boolean recovered() {
        return phase.equals("Not Injected");
    }

    /** Whether it is about this pod, or one of its containers. */
    boolean of(String namespace, String pod) {
        var name = namespace + "/" + pod;
        return id.equals(name) || id.startsWith(name + "/");
    }

    @Override
    public String toString() {
        return id + (selectorKey.equals(SOURCE) ? "" : " (" + selectorKey + ")") + ": '" + phase + "', injected "
                + injectedCount + " times"
                + failure.map(text -> ", last failure " + text).orElse("");
    }
}
