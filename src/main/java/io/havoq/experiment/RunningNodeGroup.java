package io.havoq.experiment;

import io.havoq.InconclusiveException;
import io.havoq.NodeGroup;
import io.havoq.environment.MqttEndpoint;
import io.havoq.settings.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Some nodes as the test sees them: asked anew each time, over connections of their own.
 *
 * @param keptFromClients the nodes that no client reaches now, whatever they do
 * @param stillTold throws if the fault that tells these nodes apart is no longer in force
 */
record RunningNodeGroup(
        String name,
        List<MqttEndpoint> endpoints,
        Supplier<Instruments> instruments,
        Settings settings,
        Findings findings,
        Supplier<Set<String>> keptFromClients,
        Runnable stillTold)
        implements NodeGroup {

    @Override
    public Duration bound() {
        return settings.get(ExperimentSettings.ASSERT_BOUND);
    }

    @Override
    public Duration refusalSpan() {
        return settings.get(ExperimentSettings.REFUSAL_SPAN);
    }

    @Override
    public Map<String, String> failures(Duration bound) {
        stillTold.run();
        try {
            var failures = new LinkedHashMap<String, String>();
            for (var node : instruments.get().serve(endpoints, bound)) {
                if (!node.served()) {
                    failures.put(node.endpoint().target(), node.detail());
                }
            }
            stillTold.run();
            return failures;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InconclusiveException("interrupted while asking " + name + " whether they serve", e);
        }
    }

    @Override
    public Map<String, String> acceptances(Duration bound, Duration span) {
        stillTold.run();
        var kept = keptFromClients.get();
        for (var endpoint : endpoints) {
            if (kept.contains(endpoint.target())) {
                throw new InconclusiveException("the partition keeps all clients from " + endpoint
                        + ", since its manifest has no target: that it refuses them would say nothing; give the partition"
                        + " a target, the nodes to keep it from");
            }
        }
        try {
            var acceptances = new LinkedHashMap<String, String>();
            for (var node : instruments.get().refusal(endpoints, bound, span)) {
                if (!node.servedBefore()) {
                    throw new InconclusiveException(
                            node.endpoint() + " was never seen serving before the fault: that it"
                                    + " refuses clients now would say nothing");
                }
                if (!node.refused()) {
                    acceptances.put(node.endpoint().target(), node.detail());
                }
                findings.note(node.endpoint().target() + " of " + name + ": " + node.detail());
            }
            stillTold.run();
            return acceptances;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InconclusiveException("interrupted while asking " + name + " whether they refuse clients", e);
        }
    }
}
