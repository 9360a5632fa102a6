package io.havoq.fault.local.clock;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.local.service.Undisturbed;
import io.havoq.manifest.TimeChaos;
import io.havoq.manifest.TimeChaos.ClockId;
import io.havoq.time.GoDuration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A TimeChaos in force: the targets' clocks, as read back from the code that answers for them, and as the targets themselves tell
 * them. Thread-safe.
 */
public final class ClockFault implements Injection {
    private final String id;
    private final TimeChaos spec;
    private final List<Target> targets;
    private final ClockControl control;
    private final NodeClock clock;
    private final Map<String, ClockReading> before;
    private final long requestedAt;
    private final long injectedAt;
    private final Instant injectedWhen;
    private final Map<String, Proof> engine = new LinkedHashMap<>();
    private final Map<String, Proof> told = new LinkedHashMap<>();
    private final List<String> figures = new ArrayList<>();
    private List<String> doubts = List.of();
    private boolean removed;
    private Instant removedWhen = Instant.MAX;

    private ClockFault(
            String id,
            TimeChaos spec,
            List<Target> targets,
            ClockSupport.Available support,
            Map<String, ClockReading> before,
            long requestedAt) {
        this.id = id;
        this.spec = spec;
        this.targets = List.copyOf(targets);
        this.control = support.control();
        this.clock = support.clock();
        this.before = Map.copyOf(before);
        this.requestedAt = requestedAt;
        this.injectedAt = System.nanoTime();
        this.injectedWhen = Instant.now();
    }

    /** Reads the targets' clocks, then shifts them. */
    public static ClockFault inject(String id, TimeChaos spec, List<Target> targets, ClockSupport.Available support) {
        for (var target : targets) {
            if (!target.containers().containsAll(spec.containerNames())) {
                throw new FaultException(id + ": containerNames " + spec.containerNames() + " names a container that "
                        + target.name() + " does not have, only " + target.containers());
            }
        }
        long requestedAt = System.nanoTime();
        var before = new LinkedHashMap<String, ClockReading>();
        for (var target : targets) {
            support.control()
                    .before(target.name(), support.clock().read(target.name()))
                    .ifPresent(reading -> before.put(target.name(), reading));
        }
        var complete = false;
        try {
            for (var target : targets) {
                support.control().impose(id, target.name(), spec.timeOffset(), spec.clockIds());
            }
            complete = true;
            return new ClockFault(id, spec, targets, support, before, requestedAt);
        } finally {
            if (!complete) {
                Undisturbed.run(() -> support.control().lift(id));
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
        return injectedAt;
    }

    @Override
    public synchronized List<Proof> effect() {
        if (!removed) {
            look();
        }
        var proofs = new ArrayList<>(engine.values());
        proofs.addAll(told.values());
        return List.copyOf(proofs);
    }

    /** The engine's word and the target's own, for every target. Without a clock that the target tells, nothing is proven. */
    @Override
    public synchronized boolean acted() {
        if (!removed) {
            look();
        }
        return engine.size() == targets.size() && told.size() == targets.size();
    }

    private void look() {
        var states = engine.size() < targets.size() ? control.state(id) : Map.<String, ClockControl.NodeState>of();
        for (var target : targets) {
            var name = target.name();
            var state = states.get(name);
            if (!engine.containsKey(name) && state != null && state.shifted() > 0 && state.complete()) {
                engine.put(
                        name,
                        new Proof(
                                name,
                                "the clock functions of " + state.shifted() + " processes were read back: "
                                        + spec.clockIds() + " shifted by " + GoDuration.format(spec.timeOffset()),
                                System.nanoTime(),
                                false));
            }
            if (!told.containsKey(name)) {
                shown(name).ifPresent(proof -> told.put(name, proof));
            }
        }
    }

    private Optional<Proof> shown(String node) {
        var earlier = before.get(node);
        // What nodes tell is the time of day.
        if (earlier == null || !spec.clockIds().contains(ClockId.CLOCK_REALTIME)) {
            return Optional.empty();
        }
        return clock.read(node)
                .filter(now -> now.asked() == earlier.asked()
                        && now.at().isAfter(injectedWhen)
                        && now.shows(spec.timeOffset(), earlier))
                .map(now -> new Proof(
                        node,
                        "its own clock (" + now.source() + ") is ahead of this machine's by " + now.ahead()
                                + "; before: " + earlier.ahead(),
                        System.nanoTime(),
                        true));
    }

    @Override
    public boolean oneShot() {
        return false;
    }

    /** A node that is being restarted is shifted as soon as it is found, and has no clock until then. */
    @Override
    public synchronized boolean inForce() {
        if (removed) {
            return false;
        }
        var states = control.state(id);
        return targets.stream().allMatch(target -> {
            var state = states.get(target.name());
            return state != null && (state.pid() == 0 || state.shifted() > 0);
        });
    }

    @Override
    public synchronized void remove() {
        if (removed) {
            return;
        }
        for (var target : targets) {
            clock.read(target.name())
                    .ifPresentOrElse(
                            now -> figures.add(target.name() + ": right before the removal its clock (" + now.source()
                                    + ") was ahead by " + now.ahead()),
                            () -> figures.add(target.name() + ": tells no time of its own"));
        }
        doubts = control.lift(id).stream()
                .map(missed -> missed + ", so it had the right time")
                .toList();
        removed = true;
        removedWhen = Instant.now();
        targets.forEach(
                target -> control.lifted(target.name(), Optional.ofNullable(before.get(target.name())), removedWhen));
    }

    @Override
    public synchronized boolean gone() {
        return removed && control.state(id).isEmpty() && targets.stream().allMatch(target -> asBefore(target.name()));
    }

    private boolean asBefore(String node) {
        var earlier = before.get(node);
        if (earlier == null) {
            return true;
        }
        var now = clock.read(node).filter(reading -> reading.at().isAfter(removedWhen));
        // Who only tells the time when it has something to say may have nothing to say.
        return now.map(reading -> reading.same(earlier)).orElse(!earlier.asked());
    }

    @Override
    public synchronized List<String> doubts() {
        return doubts;
    }

    @Override
    public synchronized List<String> figures() {
        return List.copyOf(figures);
    }
}
