package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.havoq.environment.MqttEndpoint;
import java.util.Optional;

/** Where MQTT clients of this process reach each pod. Thread-safe. */
interface PodAddresses extends AutoCloseable {
    /** For the description: how clients get there. */
    String description();

    /** The pod's endpoint: the same one for a pod of the same name, whatever became of the pod meanwhile. */
    MqttEndpoint endpoint(Pod pod);

    /** Why nothing listens at the pod's MQTT port, seen from here; empty if something does. */
    Optional<String> problem(String pod);

    @Override
    default void close() {}
}
