package io.havoq.environment.local;

import io.havoq.broker.BrokerPreset;
import io.havoq.broker.NodeSpec;
import io.havoq.fault.local.process.Supervisor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Asks a node after each of its starts until it is ready, as a kubelet does with a readiness probe. */
final class Readiness {
    private static final long PERIOD_MILLIS = 50;

    private final BrokerPreset preset;
    private final NodeSpec.Cluster cluster;
    private final Supervisor supervisor;
    private final ScheduledExecutorService threads;
    private final Map<String, String> problems = new ConcurrentHashMap<>();

    Readiness(BrokerPreset preset, NodeSpec.Cluster cluster, Supervisor supervisor, ScheduledExecutorService threads) {
        this.preset = preset;
        this.cluster = cluster;
        this.supervisor = supervisor;
        this.threads = threads;
    }

    /** Asks from now on, until the node is ready or in another run. */
    void watch(String node, long run) {
        var spec = cluster.nodes().stream()
                .filter(candidate -> candidate.name().equals(node))
                .findFirst()
                .orElseThrow();
        again(spec, run);
    }

    private void again(NodeSpec spec, long run) {
        if (!threads.isShutdown()) {
            var unused = threads.schedule(() -> ask(spec, run), PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void ask(NodeSpec spec, long run) {
        var state = supervisor.state(spec.name());
        if (state.run() != run || !state.running()) {
            return;
        }
        try {
            if (preset.ready(spec, cluster)) {
                problems.remove(spec.name());
                supervisor.markReady(spec.name(), run);
                return;
            }
        } catch (RuntimeException e) {
            // The check itself is wrong: told when the start fails for it.
            problems.put(spec.name(), "its readiness check failed: " + e);
        }
        again(spec, run);
    }

    /** What went wrong with the last check of a node, or empty. */
    String problem(String node) {
        return problems.getOrDefault(node, "");
    }
}
