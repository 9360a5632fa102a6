package io.havoq.broker;

import io.havoq.environment.Credentials;
import io.havoq.environment.Role;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How the nodes of one kind of broker are launched, when they are ready, and what they tell of themselves. */
public interface BrokerPreset {
    /** The word users write in {@code havoq.broker}. */
    String name();

    /** One line with product and version, for the report. */
    String description();

    /** The purposes a port is needed for; always contains {@code mqtt}. */
    List<String> portPurposes();

    /** What clients log in with. */
    Optional<Credentials> credentials();

    /**
     * Makes sure that the broker can be launched, installing it where the preset does so.
     *
     * @throws io.havoq.environment.EnvironmentException naming what is missing and how to get it
     */
    void prepare();

    /** How to start a node. */
    Launch launch(NodeSpec node, NodeSpec.Cluster cluster);

    /** Whether the node serves clients as a member of the cluster, asked by other means than the plan's load. Never blocks for more than a second. */
    boolean ready(NodeSpec node, NodeSpec.Cluster cluster);

    /** How long three nodes may take until all are ready. */
    Duration startTimeout();

    /** MiB of memory that one node is given where it is limited: with some room above what it needs. */
    default int memoryMebibytes() {
        return 1024;
    }

    /** The node's role now, if this broker has roles. */
    Role role(NodeSpec node);

    /**
     * The node's time of day, as it tells it itself; empty if it tells none now. Asked of the ports that mostly speak HTTP, unless the broker
     * has better. Never blocks for more than two seconds.
     */
    default Optional<WallClock> clock(NodeSpec node) {
        return Stream.of("metrics", "dashboard")
                .filter(node.ports()::containsKey)
                .flatMap(purpose -> HttpDate.ask(node.reachable(purpose)).stream())
                .findFirst();
    }
}
