package io.havoq.fault.local.network;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.manifest.DnsChaos;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A DNSChaos in force: the names that the targets' name service answers wrongly, and what an ordinary program on each
 * target finds for one of them. Thread-safe.
 */
public final class DnsInjection implements Injection {
    private final String id;
    private final List<Target> targets;
    private final NetworkControl control;
    private final String name;
    private final String address;
    private final long requestedAt;
    private final long injectedAt;
    private final Map<String, Proof> seen = new LinkedHashMap<>();
    private final Map<String, Long> wrongly = new LinkedHashMap<>();
    private boolean removed;

    private DnsInjection(
            String id,
            List<Target> targets,
            NetworkControl control,
            String name,
            String address,
            long requestedAt,
            long injectedAt) {
        this.id = id;
        this.targets = List.copyOf(targets);
        this.control = control;
        this.name = name;
        this.address = address;
        this.requestedAt = requestedAt;
        this.injectedAt = injectedAt;
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
        var hit = network.places().entrySet().stream()
                .filter(place -> !place.getKey().equals(NetworkControl.CLIENTS))
                .filter(place -> spec.affects(place.getValue().hostName()))
                .map(Map.Entry::getValue)
                .min((one, other) -> one.hostName().compareTo(other.hostName()))
                .orElseThrow(() -> new FaultException(id + ": the patterns " + spec.patterns()
                        + " match none of the nodes' names, so nothing would happen; the names are "
                        + network.places().values().stream()
                                .map(NetworkControl.Address::hostName)
                                .sorted()
                                .toList()));
        for (var target : targets) {
            var found = control.lookUp(target.name(), hit.hostName());
            if (!found.contains(hit.ip())) {
                throw new FaultException(id + ": " + target.name() + " finds " + found + " for " + hit.hostName()
                        + " before anything was injected: expected " + hit.ip());
            }
        }
        var complete = false;
        try {
            for (var target : targets) {
                control.imposeDns(id, target.name(), spec.dnsAction(), spec.patterns());
            }
            complete = true;
        } finally {
            if (!complete) {
                control.liftDns(id);
            }
        }
        return new DnsInjection(id, targets, control, hit.hostName(), hit.ip(), requestedAt, System.nanoTime());
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
            if (!removed && !seen.containsKey(target.name())) {
                var found = control.lookUp(target.name(), name);
                if (!found.contains(address) && control.answeredWrongly(id, target.name()) > 0) {
                    seen.put(
                            target.name(),
                            new Proof(
                                    target.name(),
                                    "a program there finds " + (found.isEmpty() ? "nothing" : found) + " for " + name
                                            + "; before: " + address,
                                    System.nanoTime(),
                                    true));
                }
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
        return !removed
                && targets.stream()
                        .noneMatch(target -> control.lookUp(target.name(), name).contains(address));
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
        return targets.stream()
                .allMatch(target -> control.lookUp(target.name(), name).contains(address));
    }

    @Override
    public synchronized List<String> figures() {
        var lines = new ArrayList<String>();
        for (var target : targets) {
            long count = removed ? wrongly.get(target.name()) : control.answeredWrongly(id, target.name());
            lines.add(target.name() + ": " + count + " questions answered wrongly");
        }
        return List.copyOf(lines);
    }
}
