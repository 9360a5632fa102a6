package io.havoq.fault.local.process;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.manifest.PodChaos;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A PodChaos in force: the processes that it ended, and who saw it. Thread-safe. */
public final class ProcessFault implements Injection {
    /** A witness looks on for this long after the grace period; a kill takes milliseconds. */
    private static final Duration WITNESSED = Duration.ofMinutes(1);

    private final String id;
    private final PodChaos.Action action;
    private final List<Target> targets;
    private final Supervisor supervisor;
    private final Function<String, OptionalLong> hostPid;
    private final long requestedAt;
    private final Map<String, Victim> victims;

    /**
     * One target's process.
     *
     * @param run the start of the node that was ended
     * @param power that failed before; empty if it did not
     */
    private record Victim(
            String node, long run, CompletableFuture<Exit> exit, Witness witness, Optional<Power.Failure> power) {
        Optional<Exit> ended() {
            return Optional.ofNullable(exit.getNow(null));
        }

        /** Whether there was no power to fail, or its failure was counted and seen. */
        boolean dark() {
            return power.isEmpty()
                    || (power.get().counted().isPresent() && power.get().seen().isPresent());
        }
    }

    private ProcessFault(
            String id,
            PodChaos.Action action,
            List<Target> targets,
            Supervisor supervisor,
            Function<String, OptionalLong> hostPid,
            long requestedAt,
            Map<String, Victim> victims) {
        this.id = id;
        this.action = action;
        this.targets = List.copyOf(targets);
        this.supervisor = supervisor;
        this.hostPid = hostPid;
        this.requestedAt = requestedAt;
        this.victims = victims;
    }

    /**
     * Opens the witnesses, then ends the targets' processes.
     *
     * @param power the machines' power; used with a power-off only
     * @param endpoint where the witness of a target connects
     * @param hostPid the pid by which this machine knows a target's process
     */
    public static ProcessFault inject(
            String id,
            PodChaos spec,
            List<Target> targets,
            Supervisor supervisor,
            Power power,
            Function<String, InetSocketAddress> endpoint,
            Function<String, OptionalLong> hostPid) {
        for (var target : targets) {
            if (!supervisor.state(target.name()).running()) {
                throw new FaultException(id + ": " + target.name() + " has no running process now ("
                        + supervisor.state(target.name()).phase() + "): nothing was injected");
            }
        }
        var witnesses = new LinkedHashMap<String, Witness>();
        var failures = new LinkedHashMap<String, Power.Failure>();
        var victims = new LinkedHashMap<String, Victim>();
        var complete = false;
        try {
            for (var target : targets) {
                var name = target.name();
                witnesses.put(
                        name,
                        spec.powerOff()
                                ? Witness.ofProcess(name, hostPid.apply(name))
                                : Witness.open(
                                        name,
                                        endpoint.apply(name),
                                        hostPid.apply(name),
                                        spec.gracePeriod().plus(WITNESSED)));
                if (spec.powerOff()) {
                    failures.put(name, power.prepare(name));
                }
            }
            long requestedAt = System.nanoTime();
            for (var target : targets) {
                var name = target.name();
                long run = supervisor.state(name).run();
                var failure = Optional.ofNullable(failures.get(name));
                // The links first: what the kernel sends for a process that ends must not arrive.
                failure.ifPresent(Power.Failure::begin);
                var exit =
                        switch (spec.podAction()) {
                            case POD_KILL -> supervisor.kill(name, Supervisor.Kill.POD, spec.gracePeriod());
                            case CONTAINER_KILL -> supervisor.kill(name, Supervisor.Kill.CONTAINER, Duration.ZERO);
                            case POD_FAILURE -> supervisor.hold(name, id);
                        };
                victims.put(name, new Victim(name, run, exit, witnesses.get(name), failure));
            }
            complete = true;
            return new ProcessFault(id, spec.podAction(), targets, supervisor, hostPid, requestedAt, victims);
        } finally {
            if (!complete) {
                targets.forEach(target -> supervisor.release(target.name(), id));
                if (spec.powerOff()) {
                    targets.forEach(target -> power.on(target.name()));
                }
                witnesses.values().forEach(Witness::close);
            }
        }
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
        return victims.values().stream()
                .flatMap(victim -> victim.ended().stream())
                .mapToLong(Exit::atNanos)
                .min()
                .orElse(requestedAt);
    }

    @Override
    public List<Proof> effect() {
        var proofs = new ArrayList<Proof>();
        for (var victim : victims.values()) {
            victim.ended()
                    .ifPresent(exit -> proofs.add(new Proof(victim.node, exit.description(), exit.atNanos(), false)));
            victim.witness.broken().ifPresent(proofs::add);
            victim.witness.vanished().ifPresent(proofs::add);
            victim.power.flatMap(Power.Failure::counted).ifPresent(proofs::add);
            victim.power.flatMap(Power.Failure::seen).ifPresent(proofs::add);
        }
        return List.copyOf(proofs);
    }

    @Override
    public boolean acted() {
        return victims.values().stream()
                .allMatch(victim -> victim.ended().isPresent() && victim.witness.saw() && victim.dark());
    }

    @Override
    public boolean oneShot() {
        return action != PodChaos.Action.POD_FAILURE;
    }

    @Override
    public boolean inForce() {
        return !oneShot()
                && victims.values().stream().allMatch(victim -> {
                    var state = supervisor.state(victim.node);
                    return state.held() && !state.running();
                });
    }

    @Override
    public void remove() {
        victims.keySet().forEach(node -> supervisor.release(node, id));
        victims.values().stream()
                .filter(victim -> victim.ended().isPresent())
                .forEach(victim -> victim.witness.close());
    }

    @Override
    public boolean gone() {
        return victims.values().stream().allMatch(victim -> {
            var state = supervisor.state(victim.node);
            return state.running()
                    && state.run() > victim.run
                    && hostPid.apply(victim.node).isPresent()
                    && victim.power.map(Power.Failure::over).orElse(true);
        });
    }
}
