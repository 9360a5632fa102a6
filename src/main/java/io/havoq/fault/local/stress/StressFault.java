package io.havoq.fault.local.stress;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.local.process.Supervisor;
import io.havoq.fault.local.service.Undisturbed;
import io.havoq.manifest.StressChaos;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A StressChaos in force: the stressors beside the nodes, and what the kernel counted of them. Thread-safe. */
public final class StressFault implements Injection {
    private final String id;
    private final StressChaos spec;
    private final List<Target> targets;
    private final Supervisor supervisor;
    private final StressSupport support;
    private final List<StressedNode> nodes = new ArrayList<>();
    private final long requestedAt = System.nanoTime();
    private long injectedAt = requestedAt;
    private List<String> doubts = List.of();
    private boolean removed;

    private StressFault(
            String id, StressChaos spec, List<Target> targets, Supervisor supervisor, StressSupport support) {
        this.id = id;
        this.spec = spec;
        this.targets = List.copyOf(targets);
        this.supervisor = supervisor;
        this.support = support;
    }

    /** Measures the nodes, then starts the stressors; memory only after it is sure that the machine has it to spare. */
    public static StressFault inject(
            String id, StressChaos spec, List<Target> targets, Supervisor supervisor, StressSupport support) {
        for (var target : targets) {
            if (!target.containers().containsAll(spec.containerNames())) {
                throw new FaultException(id + ": containerNames " + spec.containerNames() + " names a container that "
                        + target.name() + " does not have, only " + target.containers());
            }
            var state = supervisor.state(target.name());
            if (!state.running()) {
                throw new FaultException(id + ": " + target.name() + " has no running process now (" + state.phase()
                        + "): nothing was injected");
            }
        }
        var fault = new StressFault(id, spec, targets, supervisor, support);
        fault.begin();
        return fault;
    }

    private void begin() {
        var usages = usages();
        var limits = spec.memory().isPresent() ? limits(usages) : Map.<String, Long>of();
        for (var target : targets) {
            nodes.add(StressedNode.before(
                    supervisor.state(target.name()),
                    spec,
                    support,
                    limits.getOrDefault(target.name(), 0L),
                    Optional.ofNullable(usages.get(target.name()))));
        }
        var complete = false;
        try {
            limits.forEach(this::limit);
            for (var node : nodes) {
                spec.cpu()
                        .ifPresent(cpu -> support.control()
                                .startCpu(id, node.node(), cpu.workers(), cpu.loadPercent(), usages.isEmpty()));
            }
            // After the processors: what the kernel ends takes the node along.
            for (var node : nodes) {
                spec.memory()
                        .map(memory -> support.control()
                                .startMemory(
                                        id,
                                        node.node(),
                                        memory.workers(),
                                        memory.size().bytesOf(limits.getOrDefault(node.node(), 0L)),
                                        memory.oomScoreAdj()))
                        .filter(raised -> raised)
                        .ifPresent(raised -> node.scoreRaised());
            }
            injectedAt = System.nanoTime();
            var states = support.control().states(id);
            nodes.forEach(node -> node.stressedBy(states));
            complete = true;
        } finally {
            if (!complete) {
                Undisturbed.run(this::undo);
            }
        }
    }

    private Map<String, GroupUsage> usages() {
        var usages = new LinkedHashMap<String, GroupUsage>();
        if (support.limits() instanceof StressSupport.Limits.Groups groups) {
            for (var target : targets) {
                try {
                    usages.put(target.name(), groups.groups().usage(target.name()));
                } catch (IOException e) {
                    throw new FaultException(
                            id + ": the control group of " + target.name() + " cannot be read: " + e.getMessage(), e);
                }
            }
        }
        return usages;
    }

    /** What each node has: its share, and beside that the files of its data directory, which a node of a cluster has on a disk. */
    private Map<String, Long> limits(Map<String, GroupUsage> usages) {
        if (!(support.limits() instanceof StressSupport.Limits.Groups groups)) {
            throw new FaultException(id + ": memory stress needs control groups");
        }
        var limits = new LinkedHashMap<String, Long>();
        long more = 0;
        for (var usage : usages.entrySet()) {
            long limit = groups.memoryBytes() + usage.getValue().fileBytes();
            if (usage.getValue().memoryBytes() > limit) {
                throw new FaultException(id + ": " + usage.getKey() + " uses "
                        + Memory.mebibytes(usage.getValue().memoryBytes()) + " MiB already, more than its limit of "
                        + Memory.mebibytes(limit) + ": nothing was injected; raise havoq.local.memory");
            }
            more += limit - usage.getValue().memoryBytes();
            limits.put(usage.getKey(), limit);
        }
        Memory.demand(id, more);
        return limits;
    }

    private void limit(String node, long bytes) {
        var groups = (StressSupport.Limits.Groups) support.limits();
        try {
            groups.groups().limitMemory(node, bytes);
        } catch (IOException e) {
            throw new FaultException(
                    id + ": the memory of " + node + " cannot be limited, so none was taken: " + e.getMessage(), e);
        }
    }

    private List<StressorState> undo() {
        FaultException first = null;
        List<StressorState> states = List.of();
        try {
            states = support.control().stop(id);
        } catch (FaultException e) {
            first = e;
        }
        if (spec.memory().isPresent() && support.limits() instanceof StressSupport.Limits.Groups groups) {
            for (var target : targets) {
                try {
                    groups.groups().unlimitMemory(target.name());
                } catch (IOException e) {
                    first = first != null
                            ? first
                            : new FaultException(
                                    id + ": the memory limit of " + target.name() + " cannot be lifted: "
                                            + e.getMessage(),
                                    e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
        return states;
    }

    private List<StressorState> look() {
        var states = support.control().states(id);
        nodes.forEach(node -> node.look(states, supervisor.state(node.node())));
        return states;
    }

    @Override
    public List<Target> targets() {
        return targets;
    }

    @Override
    public long requestedAtNanos() {
        return requestedAt;
    }

    @Override
    public long injectedAtNanos() {
        return injectedAt;
    }

    @Override
    public synchronized List<Proof> effect() {
        return nodes.stream().flatMap(node -> node.proofs().stream()).toList();
    }

    @Override
    public synchronized boolean acted() {
        if (!removed) {
            look();
        }
        return nodes.stream().allMatch(StressedNode::acted);
    }

    /** The kernel ended their container for want of memory. */
    @Override
    public synchronized List<String> alsoEnded() {
        return nodes.stream()
                .filter(node -> node.endedWith(supervisor.state(node.node())))
                .map(StressedNode::node)
                .toList();
    }

    @Override
    public boolean oneShot() {
        return false;
    }

    @Override
    public synchronized boolean inForce() {
        if (removed) {
            return false;
        }
        var states = look();
        return nodes.stream().allMatch(node -> node.inForce(states, supervisor.state(node.node())));
    }

    @Override
    public synchronized void remove() {
        if (removed) {
            return;
        }
        look();
        doubts = nodes.stream().flatMap(node -> node.doubt().stream()).toList();
        undo();
        removed = true;
    }

    @Override
    public synchronized List<String> doubts() {
        return doubts;
    }

    @Override
    public synchronized List<String> figures() {
        return nodes.stream().flatMap(node -> node.figures().stream()).toList();
    }

    @Override
    public synchronized boolean gone() {
        return support.control().states(id).isEmpty()
                && nodes.stream().allMatch(node -> node.gone(supervisor.state(node.node())));
    }
}
