package io.havoq.fault.local.network;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.local.service.Undisturbed;
import io.havoq.manifest.DnsChaos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A DNSChaos in force: the names that the targets' name service answers wrongly, and what an ordinary program on each
 * target finds for one of them. Thread-safe.
 */
public final class DnsInjection implements Injection {
    /** Every look starts a program on every target; asked more often, it would slow down what is measured. */
    private static final Duration LOOKS = Duration.ofSeconds(1);

    private final String id;
    private final List<Target> targets;
    private final NetworkControl control;
    /** For each target, whose name it is asked about. */
    private final Map<String, NetworkControl.Address> asked;

    private final long requestedAt;
    private final long injectedAt;
    private final Map<String, Proof> seen = new LinkedHashMap<>();
    private final Map<String, Long> wrongly = new LinkedHashMap<>();
    private boolean removed;
    private long foundInForceAt;

    private DnsInjection(
            String id,
            List<Target> targets,
            NetworkControl control,
            Map<String, NetworkControl.Address> asked,
            long requestedAt,
            long injectedAt) {
        this.id = id;
        this.targets = List.copyOf(targets);
        this.control = control;
        this.asked = Map.copyOf(asked);
        this.requestedAt = requestedAt;
        this.injectedAt = injectedAt;
        this.foundInForceAt = injectedAt - LOOKS.toNanos();
    }

    /**
     * Makes sure that the targets find a name that the patterns hit, then has it answered wrongly.
     *
     * @throws FaultException if the patterns hit no name of the cluster, so that nothing would happen
     */
    public static DnsInjection inject(
            String id, DnsChaos spec, List<Target> targets, NetworkSupport.Available network) {
        var control = network.control();
        long requestedAt = System.nanoTime();
        var asked = new LinkedHashMap<String, NetworkControl.Address>();
        for (var target : targets) {
            var other = another(id, spec, target.name(), network);
            var found = control.lookUp(target.name(), other.hostName());
            if (!found.contains(other.ip())) {
                throw new FaultException(id + ": " + target.name() + " finds " + found + " for " + other.hostName()
                        + " before anything was injected: expected " + other.ip());
            }
            asked.put(target.name(), other);
        }
        var complete = false;
        try {
            for (var target : targets) {
                control.imposeDns(id, target.name(), spec.dnsAction(), spec.patterns());
            }
            complete = true;
        } finally {
            if (!complete) {
                Undisturbed.run(() -> control.liftDns(id));
            }
        }
        return new DnsInjection(id, targets, control, asked, requestedAt, System.nanoTime());
    }

    /** Another node whose name the patterns hit: a node's own name stands in its hosts file, so that it asks nobody. */
    private static NetworkControl.Address another(
            String id, DnsChaos spec, String target, NetworkSupport.Available network) {
        return network.places().entrySet().stream()
                .filter(place -> !place.getKey().equals(NetworkControl.CLIENTS)
                        && !place.getKey().equals(target))
                .map(Map.Entry::getValue)
                .filter(place -> spec.affects(place.hostName()))
                .min(Comparator.comparing(NetworkControl.Address::hostName))
                .orElseThrow(() -> new FaultException(id + ": the patterns " + spec.patterns()
                        + " match none of the names that " + target
                        + " asks for, so nothing would happen; the nodes' names are "
                        + network.places().values().stream()
                                .map(NetworkControl.Address::hostName)
                                .sorted()
                                .toList()));
    }

    private boolean findsRightly(Target target) {
        var other = asked.get(target.name());
        return other != null && control.lookUp(target.name(), other.hostName()).contains(other.ip());
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
        return List.copyOf(seen.values());
    }

    /** Looks again on the targets where nothing has been seen so far. */
    @Override
    public synchronized boolean acted() {
        for (var target : targets) {
            var other = asked.get(target.name());
            if (other == null || removed || seen.containsKey(target.name())) {
                continue;
            }
            var found = control.lookUp(target.name(), other.hostName());
            if (!found.contains(other.ip()) && control.answeredWrongly(id, target.name()) > 0) {
                seen.put(
                        target.name(),
                        new Proof(
                                target.name(),
                                "a program there finds " + (found.isEmpty() ? "nothing" : found) + " for "
                                        + other.hostName() + "; before: " + other.ip(),
                                System.nanoTime(),
                                true));
            }
        }
        return seen.size() == targets.size();
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
        if (System.nanoTime() - foundInForceAt < LOOKS.toNanos()) {
            return true;
        }
        long asking = System.nanoTime();
        if (targets.stream().anyMatch(this::findsRightly)) {
            return false;
        }
        foundInForceAt = asking;
        return true;
    }

    @Override
    public synchronized void remove() {
        if (!removed) {
            targets.forEach(target -> wrongly.put(target.name(), control.answeredWrongly(id, target.name())));
            control.liftDns(id);
            removed = true;
        }
    }

    @Override
    public boolean gone() {
        return targets.stream().allMatch(this::findsRightly);
    }

    @Override
    public synchronized List<String> figures() {
        var lines = new ArrayList<String>();
        for (var target : targets) {
            long count = removed ? wrongly.get(target.name()) : control.answeredWrongly(id, target.name());
            lines.add(target.name() + ": " + count + " questions answered wrongly, Havoq's own look-ups included");
        }
        return List.copyOf(lines);
    }
}
