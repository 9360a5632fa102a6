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

    /** The nodes that the fault did not hit; all of them before the injection. */
    Survivors survivors();
}
