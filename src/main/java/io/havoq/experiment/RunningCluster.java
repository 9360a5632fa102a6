package io.havoq.experiment;

import io.havoq.Cluster;
import io.havoq.Survivors;
import io.havoq.environment.Environment;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The cluster as the test sees it. */
record RunningCluster(Environment environment, Supplier<List<Target>> hit) implements Cluster {
    @Override
    public List<Target> nodes() {
        return environment.targets();
    }

    @Override
    public List<MqttEndpoint> endpoints() {
        return environment.endpoints();
    }

    @Override
    public Map<String, Role> roles() {
        return environment.roles();
    }

    @Override
    public Survivors survivors() {
        var down = hit.get().stream().map(Target::name).toList();
        return new RunningSurvivors(
                environment.endpoints().stream()
                        .filter(endpoint -> !down.contains(endpoint.target()))
                        .toList(),
                environment.credentials());
    }
}
