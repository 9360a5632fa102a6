package io.havoq.experiment;

import io.havoq.Cluster;
import io.havoq.NodeGroup;
import io.havoq.environment.Environment;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import io.havoq.settings.Settings;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The cluster as the test sees it; fault and instruments are asked for anew each time, since a view may be older than they are. */
record RunningCluster(
        Environment environment,
        Supplier<Optional<FaultPhase>> fault,
        Supplier<Instruments> instruments,
        Settings settings,
        Findings findings)
        implements Cluster {
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
    public NodeGroup everyNode() {
        return group("all nodes", nodes().stream().map(Target::name).toList(), () -> {});
    }

    @Override
    public NodeGroup survivors() {
        var touched = fault.get().map(FaultPhase::touched).orElse(List.of());
        return group(
                "the survivors",
                nodes().stream()
                        .map(Target::name)
                        .filter(name -> !touched.contains(name))
                        .toList(),
                () -> {});
    }

    @Override
    public NodeGroup majority() {
        return group("the majority", sides("majority()").majority(), () -> requireInForce("majority()"));
    }

    @Override
    public NodeGroup minority() {
        return group("the minority", sides("minority()").minority(), () -> requireInForce("minority()"));
    }

    private PartitionSides sides(String asked) {
        requireInForce(asked);
        return PartitionSides.of(
                nodes().stream().map(Target::name).toList(),
                fault.get().orElseThrow().plan());
    }

    private void requireInForce(String asked) {
        var phase = fault.get().filter(FaultPhase::active);
        if (phase.isEmpty() || !phase.get().lastingInForce()) {
            throw new IllegalStateException(
                    asked + " is for the time in which a partition is in force: after the injection,"
                            + " before its removal; it is not in force now");
        }
    }

    private Set<String> keptFromClients() {
        return fault.get()
                .filter(FaultPhase::active)
                .map(phase -> PartitionSides.keptFromClients(phase.plan()))
                .orElse(Set.of());
    }

    private NodeGroup group(String name, Collection<String> nodes, Runnable stillTold) {
        return new RunningNodeGroup(
                name,
                environment.endpoints().stream()
                        .filter(endpoint -> nodes.contains(endpoint.target()))
                        .toList(),
                instruments,
                settings,
                findings,
                this::keptFromClients,
                stillTold);
    }
}
