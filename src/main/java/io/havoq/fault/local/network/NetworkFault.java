package io.havoq.fault.local.network;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.local.service.Undisturbed;
import io.havoq.manifest.NetworkChaos;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A NetworkChaos in force: the rules in the switch, what they did to packets, and who saw it. Thread-safe.
 */
public final class NetworkFault implements Injection {
    private final String id;
    private final List<Target> targets;
    private final NetworkControl control;
    private final Map<Pair, List<Impairment>> rules;
    private final List<LinkWitness> witnesses;
    private final LatenessBound bound;
    private final long mark;
    private final long requestedAt;
    private final long injectedAt;
    private final Map<Pair, Proof> seen = new LinkedHashMap<>();
    private final Map<Pair, Proof> counted = new LinkedHashMap<>();
    private Map<Pair, PairCounters> last = Map.of();
    private List<String> doubts = List.of();
    private boolean removed;

    private NetworkFault(
            String id,
            List<Target> targets,
            NetworkControl control,
            Map<Pair, List<Impairment>> rules,
            List<LinkWitness> witnesses,
            LatenessBound bound,
            long mark,
            long requestedAt,
            long injectedAt) {
        this.id = id;
        this.targets = List.copyOf(targets);
        this.control = control;
        this.rules = rules;
        this.witnesses = witnesses;
        this.bound = bound;
        this.mark = mark;
        this.requestedAt = requestedAt;
        this.injectedAt = injectedAt;
    }

    /**
     * Has every pair looked at, then puts the rules in force.
     *
     * @param targets the sources of the manifest
     * @param peers its targets; none means everybody
     */
    public static NetworkFault inject(
            String id,
            NetworkChaos spec,
            List<Target> targets,
            List<Target> peers,
            NetworkSupport.Available network,
            LatenessBound bound) {
        Map<Pair, List<Impairment>> rules;
        try {
            rules = new NetworkRules(spec, new Places(network.places())).between(names(targets), names(peers));
        } catch (IllegalArgumentException e) {
            throw new FaultException(id + ": " + spec.kind() + " '" + spec.name() + "': " + e.getMessage(), e);
        }
        var control = network.control();
        var requestedAt = System.nanoTime();
        var witnesses = Together.map(
                List.copyOf(rules.entrySet()),
                rule -> LinkWitness.before(
                        control,
                        rule.getKey(),
                        rule.getValue(),
                        rules.getOrDefault(rule.getKey().reverse(), List.of())));
        // One after the other: together they would slow each other down.
        witnesses.forEach(LinkWitness::measureRate);
        long mark = control.mark();
        var complete = false;
        try {
            control.impose(id, rules);
            complete = true;
        } finally {
            if (!complete) {
                Undisturbed.run(() -> control.lift(id));
            }
        }
        return new NetworkFault(id, targets, control, rules, witnesses, bound, mark, requestedAt, System.nanoTime());
    }

    private static List<String> names(List<Target> targets) {
        return targets.stream().map(Target::name).toList();
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

    /** Looks again for what has not been seen so far. */
    @Override
    public synchronized boolean acted() {
        if (!removed) {
            look();
        }
        return seen.size() == witnesses.size() && counted.size() == rules.size();
    }

    private void look() {
        // Also where only the counters lack: what is rarely hit needs packets.
        var pending = witnesses.stream()
                .filter(witness -> !seen.containsKey(witness.pair()) || !counted.containsKey(witness.pair()))
                .collect(Collectors.partitioningBy(LinkWitness::needsTheLinkAlone));
        Together.map(pending.get(false), LinkWitness::sees);
        pending.get(true).forEach(LinkWitness::sees);
        for (var witness : witnesses) {
            witness.seen()
                    .ifPresent(what -> seen.computeIfAbsent(
                            witness.pair(), pair -> new Proof(nodeOf(pair), what, System.nanoTime(), true)));
        }
        if (counted.size() < rules.size()) {
            control.counters(id).forEach((pair, counters) -> {
                var impairments = rules.getOrDefault(pair, List.of());
                if (!counted.containsKey(pair)
                        && !impairments.isEmpty()
                        && impairments.stream().allMatch(impairment -> acted(impairment, counters))) {
                    counted.put(
                            pair,
                            new Proof(
                                    nodeOf(pair),
                                    pair.source() + " to " + pair.destination() + ": " + told(counters),
                                    System.nanoTime(),
                                    false));
                }
            });
        }
    }

    /** Whether packets were counted to which this was done: one kind of fault must not stand for another beside it. */
    private static boolean acted(Impairment impairment, PairCounters counters) {
        if (impairment instanceof Impairment.Partition) {
            return counters.dropped(PairCounters.Drop.PARTITION) > 0;
        }
        if (impairment instanceof Impairment.Loss) {
            return counters.dropped(PairCounters.Drop.LOSS) > 0;
        }
        if (impairment instanceof Impairment.Duplicate) {
            return counters.duplicated() > 0;
        }
        if (impairment instanceof Impairment.Corrupt) {
            return counters.corrupted() > 0;
        }
        if (impairment instanceof Impairment.Delay) {
            return counters.delayed() > 0;
        }
        return counters.delayed() > 0 || counters.dropped(PairCounters.Drop.SHAPE) > 0;
    }

    private static String told(PairCounters counters) {
        var words = new ArrayList<>(List.of(counters.passed() + " passed"));
        for (var cause : PairCounters.Drop.values()) {
            if (counters.dropped(cause) > 0) {
                words.add(counters.dropped(cause) + " dropped (" + cause.name().toLowerCase(Locale.ROOT) + ")");
            }
        }
        add(words, counters.delayed(), "delayed");
        add(words, counters.duplicated(), "duplicated");
        add(words, counters.corrupted(), "corrupted");
        add(words, counters.reordered(), "reordered");
        add(words, counters.queued(), "waiting");
        return String.join(", ", words);
    }

    private static void add(List<String> words, long count, String what) {
        if (count > 0) {
            words.add(count + " " + what);
        }
    }

    /** The target of the fault that a pair belongs to. */
    private String nodeOf(Pair pair) {
        return names(targets).contains(pair.source()) ? pair.source() : pair.destination();
    }

    @Override
    public boolean oneShot() {
        return false;
    }

    @Override
    public synchronized boolean inForce() {
        return !removed && control.counters(id).keySet().containsAll(rules.keySet());
    }

    @Override
    public synchronized void remove() {
        if (removed) {
            return;
        }
        last = control.lift(id);
        removed = true;
        doubts = bound.doubts(control.health(mark));
    }

    @Override
    public boolean gone() {
        return control.counters(id).isEmpty()
                && Together.map(witnesses, LinkWitness::asBefore).stream().allMatch(same -> same);
    }

    @Override
    public synchronized List<String> doubts() {
        return doubts;
    }

    @Override
    public synchronized List<String> figures() {
        var lines = new ArrayList<String>();
        var all = removed ? last : control.counters(id);
        all.forEach((pair, counters) -> lines.add(pair.source() + " to " + pair.destination() + ": " + told(counters)));
        return List.copyOf(lines);
    }
}
