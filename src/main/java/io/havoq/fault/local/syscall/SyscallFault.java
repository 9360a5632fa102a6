package io.havoq.fault.local.syscall;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.local.process.Supervisor;
import io.havoq.fault.local.service.Undisturbed;
import io.havoq.manifest.ChaosSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * An IOChaos or KernelChaos in force: the rules for the targets' system calls, what they did, and what a program beside each
 * target sees of it. Thread-safe.
 */
public final class SyscallFault implements Injection {
    private final String id;
    private final List<Target> targets;
    private final SyscallControl control;
    private final Map<String, CallWitness> witnesses;
    private final Supervisor supervisor;
    /** How often each target's process had ended by itself before. */
    private final Map<String, Integer> endsBefore;

    private final long requestedAt;
    private final long injectedAt;
    private final Map<String, Proof> seen = new LinkedHashMap<>();
    private final Map<String, Proof> counted = new LinkedHashMap<>();
    private final Map<String, String> ended = new LinkedHashMap<>();
    private Map<String, Map<String, CallCounters>> last = Map.of();
    private long removedAt;
    private boolean removed;
    private boolean gone;

    private SyscallFault(
            String id,
            List<Target> targets,
            SyscallControl control,
            Map<String, CallWitness> witnesses,
            Supervisor supervisor,
            Map<String, Integer> endsBefore,
            long requestedAt,
            long injectedAt) {
        this.id = id;
        this.targets = List.copyOf(targets);
        this.control = control;
        this.witnesses = witnesses;
        this.supervisor = supervisor;
        this.endsBefore = Map.copyOf(endsBefore);
        this.requestedAt = requestedAt;
        this.injectedAt = injectedAt;
    }

    /**
     * Has the targets' data directories looked at, then puts the rules in force.
     *
     * @param seed of what is random
     */
    public static SyscallFault inject(
            String id,
            ChaosSpec spec,
            List<Target> targets,
            Supervisor supervisor,
            SyscallSupport.Available support,
            long seed) {
        var control = support.control();
        var requestedAt = System.nanoTime();
        var witnesses = new LinkedHashMap<String, CallWitness>();
        var endsBefore = new LinkedHashMap<String, Integer>();
        var complete = false;
        try {
            var rules = new LinkedHashMap<String, CallRule>();
            for (var target : targets) {
                var volume = support.volumes().get(target.name());
                if (volume == null) {
                    throw new FaultException(id + ": " + target.name() + " has no data directory");
                }
                var state = supervisor.state(target.name());
                if (!state.running()) {
                    throw new FaultException(id + ": " + target.name() + " has no running process now (" + state.phase()
                            + "): nothing was injected");
                }
                endsBefore.put(target.name(), state.ends());
                var rule = CallRules.rule(spec, volume);
                rules.put(target.name(), rule);
                var witness = new CallWitness(control, target.name(), rule, volume.toString());
                witnesses.put(target.name(), witness);
                witness.problem().ifPresent(problem -> {
                    throw new FaultException(
                            id + ": " + target.name() + " is not well before anything was injected: " + problem);
                });
            }
            // Takes its time, unlike the rules, which are to be in force on all at once.
            control.attach(rules.keySet());
            for (var rule : rules.entrySet()) {
                control.impose(id, rule.getKey(), seed + rule.getKey().hashCode(), rule.getValue());
            }
            complete = true;
        } finally {
            if (!complete) {
                Undisturbed.run(() -> control.lift(id));
            }
        }
        return new SyscallFault(
                id, targets, control, witnesses, supervisor, endsBefore, requestedAt, System.nanoTime());
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
        var proofs = new ArrayList<Proof>(counted.values());
        proofs.addAll(seen.values());
        return List.copyOf(proofs);
    }

    /** Both are wanted: that the node's own calls were hit, and that a program beside it sees the effect. Looks again for what is missing. */
    @Override
    public synchronized boolean acted() {
        if (!removed) {
            look();
        }
        return counted.size() == targets.size() && seen.size() == targets.size();
    }

    private void look() {
        if (counted.size() < targets.size()) {
            control.counters(id).forEach((node, calls) -> {
                if (calls.values().stream().anyMatch(call -> call.affected() > 0)) {
                    counted.computeIfAbsent(node, any -> new Proof(node, told(calls), System.nanoTime(), false));
                }
            });
        }
        for (var witness : witnesses.values()) {
            if (!seen.containsKey(witness.node())) {
                witness.sees()
                        .ifPresent(what ->
                                seen.put(witness.node(), new Proof(witness.node(), what, System.nanoTime(), true)));
            }
        }
    }

    /**
     * Those whose process ended by itself while its calls failed: for a broker that cannot write, ending is a good answer. Of one that
     * ends although nothing of its own failed this says nothing.
     */
    @Override
    public synchronized List<String> alsoEnded() {
        // Before it is known what failed: a call that fails after that makes no end of before.
        var states = targets.stream()
                .map(target -> supervisor.state(target.name()))
                .filter(state -> state.ends() > endsBefore.getOrDefault(state.name(), 0))
                .toList();
        var calls = removed ? last : control.counters(id);
        for (var state : states) {
            var failed =
                    calls.getOrDefault(state.name(), Map.of()).values().stream().anyMatch(call -> call.failed() > 0);
            state.lastExit()
                    .filter(exit -> failed && (!removed || exit.atNanos() <= removedAt))
                    .ifPresent(exit -> ended.put(
                            state.name(),
                            "its process ended by itself "
                                    + times(state.ends() - endsBefore.getOrDefault(state.name(), 0)) + ", last with "
                                    + exit.description()));
        }
        return List.copyOf(ended.keySet());
    }

    private static String times(int count) {
        return count == 1 ? "once" : count + " times";
    }

    private static String told(Map<String, CallCounters> calls) {
        return calls.isEmpty()
                ? "no call was met"
                : new TreeMap<>(calls)
                        .entrySet().stream()
                                .map(call -> call.getKey() + " " + call.getValue())
                                .collect(Collectors.joining("; "));
    }

    @Override
    public boolean oneShot() {
        return false;
    }

    @Override
    public synchronized boolean inForce() {
        return !removed && control.counters(id).keySet().containsAll(witnesses.keySet());
    }

    @Override
    public synchronized void remove() {
        if (!removed) {
            last = control.lift(id);
            removedAt = System.nanoTime();
            removed = true;
        }
    }

    @Override
    public synchronized boolean gone() {
        if (!gone && control.counters(id).isEmpty()) {
            gone = witnesses.values().stream().allMatch(CallWitness::asBefore);
        }
        return gone;
    }

    @Override
    public synchronized List<String> figures() {
        var lines = new ArrayList<String>();
        var nodes = alsoEnded();
        (removed ? last : control.counters(id))
                .forEach((node, calls) ->
                        lines.add(node + ": " + told(calls) + (nodes.contains(node) ? "; " + ended.get(node) : "")));
        return List.copyOf(lines);
    }
}
