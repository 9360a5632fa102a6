package io.havoq.recovery;

import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttDisconnectSource;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says in words why a node does not serve a probe, so that a broker that speaks another MQTT is not taken for a slow one. */
final class LinkProblem {
    private LinkProblem() {}

    /** Why a connection ended or did not come about; empty if the probe itself ended it. */
    static Optional<String> of(MqttClientDisconnectedContext context) {
        if (context.getSource() == MqttDisconnectSource.USER) {
            return Optional.empty();
        }
        var cause = context.getCause();
        if (context.getSource() == MqttDisconnectSource.CLIENT
                && cause instanceof Mqtt5DisconnectException disconnect) {
            return switch (disconnect.getMqttMessage().getReasonCode()) {
                // The client's own judgement of what it received (MQTT 5.0, 4.13.1).
                case MALFORMED_PACKET, PROTOCOL_ERROR ->
                    Optional.of(
                            "its packets are not MQTT 5.0, which all of Havoq's clients speak (" + text(cause)
                                    + "): see in a capture of its MQTT port what it sends, or take a version that speaks MQTT 5.0");
                default -> Optional.of("the client gave the connection up: " + text(cause));
            };
        }
        return Optional.of(text(cause));
    }

    /** What SUBACK refused; empty if it was not SUBACK. */
    static Optional<String> refusal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Mqtt5SubAckException refused) {
                return Optional.of("its SUBACK refused a subscription: "
                        + refused.getMqttMessage().getReasonCodes());
            }
        }
        return Optional.empty();
    }

    /** Each node's problem, the nodes that share one together. */
    static String ofNodes(List<ProbeLink> links) {
        var nodes = links.stream()
                .collect(Collectors.groupingBy(
                        LinkProblem::state,
                        LinkedHashMap::new,
                        Collectors.mapping(link -> link.endpoint().target(), Collectors.joining(", "))));
        return nodes.entrySet().stream()
                .map(entry -> entry.getValue() + ": " + entry.getKey())
                .collect(Collectors.joining("; "));
    }

    private static String state(ProbeLink link) {
        return link.problem()
                .orElseGet(() -> link.openSince() == null
                        ? "not connected yet"
                        : "connected and subscribed, no problem seen there");
    }

    private static String text(Throwable cause) {
        var message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        var root = cause.getCause();
        return root == null || root.getMessage() == null || message.contains(root.getMessage())
                ? message
                : message + ": " + root.getMessage();
    }
}
