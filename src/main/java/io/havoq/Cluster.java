package io.havoq;

import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import java.util.List;
import java.util.Map;

/** The broker cluster under test, as a test method's parameter. */
public interface Cluster {
    /** Every node: a fresh snapshot. */
    List<Target> nodes();

    /** Every node's MQTT endpoint. */
    List<MqttEndpoint> endpoints();

    /** Each node's role now, where the broker tells it. */
    Map<String, Role> roles();

    /** All nodes, whether a fault touched them or not. */
    NodeGroup everyNode();

    /** The nodes that no fault touched; all of them before the injection. */
    NodeGroup survivors();

    /**
     * The side of the partition with more than half of all nodes, under all partitions that are in force.
     *
     * @throws IllegalStateException while no partition is in force, and if no side has more than half of the nodes
     */
    NodeGroup majority();

    /**
     * The nodes that the partition keeps from the majority.
     *
     * @throws IllegalStateException as {@link #majority()}, and if nobody is kept from it
     */
    NodeGroup minority();
}
