package io.havoq;

import io.havoq.environment.MqttEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The nodes that the fault did not hit. */
public interface Survivors {
    /** Where they serve. */
    List<MqttEndpoint> endpoints();

    /**
     * Tries on every one of them, at the same time, whether it serves: a new connection, a QoS 1 publish and its delivery.
     *
     * @return the nodes that did not within the bound, with what went wrong; empty if all did
     */
    Map<String, String> failures(Duration bound);
}
