package io.havoq.environment.local;

import io.havoq.broker.BrokerPreset;
import io.havoq.broker.NodeSpec;
import io.havoq.environment.EnvironmentException;
import io.havoq.fault.local.process.NodeState;
import io.havoq.time.GoDuration;
import java.util.List;

/** Explains why a cluster did not become ready, from what is known of the node that is the likeliest cause. */
record StartFailure(BrokerPreset preset, NodeNetwork network, NodeLogs logs, Readiness readiness) {
    private static final int SHOWN_LINES = 20;

    /** @param after how long it was waited for, for people */
    EnvironmentException of(List<NodeState> states, String after) {
        // The first cause first: a node that ended explains neighbours that wait for it.
        var first = states.stream()
                .filter(state -> !state.ready())
                .min((one, other) -> Integer.compare(other.ends(), one.ends()))
                .orElseThrow();
        var node = network.node(first.name());
        var text = new StringBuilder(first.name() + " of the broker '" + preset.name() + "' was not ready after "
                + after + " (allowed: " + GoDuration.format(preset.startTimeout()) + ")");
        first.lastExit()
                .ifPresent(exit -> text.append(": its process ended ")
                        .append(first.ends())
                        .append(" times, last with ")
                        .append(exit.description()));
        if (!first.problem().isEmpty()) {
            text.append(": ").append(first.problem());
        }
        var problem = readiness.problem(first.name());
        if (!problem.isEmpty()) {
            text.append("; ").append(problem);
        }
        if (network instanceof NodeNetwork.Own own
                && own.control().listensToItselfOnly(node.name(), node.ports().get("mqtt"))) {
            text.append("; it listens on 127.0.0.1 only, where nobody else reaches it: let it listen on {host}, here ")
                    .append(node.host());
        }
        text.append("\n  command: ")
                .append(String.join(
                        " ",
                        preset.launch(node, new NodeSpec.Cluster(network.nodes()))
                                .command()));
        text.append("\n  last log lines (").append(logs.file(first.name())).append("):");
        logs.tail(first.name(), SHOWN_LINES)
                .forEach(line -> text.append("\n    ").append(line));
        text.append("\n  next step: run the command by hand, and correct the broker's settings (havoq.broker...)");
        return new EnvironmentException(text.toString());
    }
}
