package io.havoq;

import io.havoq.environment.MqttEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Some nodes of the cluster that a fault has told apart from the others: the survivors of a kill, one side of a partition. */
public interface NodeGroup {
    /** What these nodes are, for people: {@code the majority}. */
    String name();

    /** Where they serve. */
    List<MqttEndpoint> endpoints();

    /** How long assertions wait, unless they are told otherwise. */
    Duration bound();

    /** For how long assertions on refusal then require it, unless they are told otherwise. */
    Duration refusalSpan();

    /**
     * Tries on every one of them, at the same time, whether it serves: a new connection, a QoS 1 publish and its delivery.
     *
     * @return the nodes that did not within the bound, with what went wrong; empty if all did
     */
    Map<String, String> failures(Duration bound);

    /**
     * Tries on every one of them, again and again and at the same time, whether it refuses clients: it accepts no new connection (a
     * connection without a successful CONNACK is none), and acknowledges no QoS 1 publish on a connection that Havoq opened
     * before the fault, if that connection still stands.
     *
     * @param bound how long the nodes may take to begin with it
     * @param span for how long each must then refuse without exception
     * @return the nodes that did not, with what they did; empty if all refused
     * @throws InconclusiveException if a node was never seen serving before the fault: that it does not now says nothing
     */
    Map<String, String> acceptances(Duration bound, Duration span);
}
