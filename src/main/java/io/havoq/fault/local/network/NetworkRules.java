package io.havoq.fault.local.network;

import io.havoq.manifest.NetworkChaos;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a NetworkChaos means for each pair of places and direction: as Chaos Mesh has it, packets from the sources to the
 * targets, from the targets to the sources, or both; without targets, to everybody else.
 */
final class NetworkRules {
    private static final long NETEM_PACKETS = 1_000;
    private static final long LARGEST_PACKET = 1_500;

    private final NetworkChaos spec;
    private final Places places;

    NetworkRules(NetworkChaos spec, Places places) {
        this.spec = spec;
        this.places = places;
    }

    /**
     * The impairments by pair; never empty.
     *
     * @param sources names of the selected nodes
     * @param targets names of the nodes on the other side; none means everybody
     * @throws IllegalArgumentException if that hits nobody
     */
    Map<Pair, List<Impairment>> between(Collection<String> sources, Collection<String> targets) {
        var others = new LinkedHashSet<>(targets);
        for (var external : spec.externalTargets()) {
            var named = places.named(external);
            if (named.isEmpty()) {
                throw new IllegalArgumentException("externalTargets: '" + external
                        + "' is nobody on the nodes' network, where there is nothing but "
                        + new TreeSet<>(places.names())
                        + ": expected an address, network or name of theirs, without a port");
            }
            others.addAll(named);
        }
        var everybody = targets.isEmpty() && spec.externalTargets().isEmpty();
        var impairments = impairments();
        var rules = new LinkedHashMap<Pair, List<Impairment>>();
        for (var source : sources) {
            for (var other : everybody ? everybodyBut(source) : others) {
                if (other.equals(source)) {
                    continue;
                }
                if (spec.direction().hitsLeaving()) {
                    rules.put(new Pair(source, other), impairments);
                }
                if (spec.direction().hitsArriving()) {
                    rules.put(new Pair(other, source), impairments);
                }
            }
        }
        if (rules.isEmpty()) {
            throw new IllegalArgumentException("no packet goes between " + new TreeSet<>(sources) + " and "
                    + new TreeSet<>(others) + ": sources and targets must differ");
        }
        return rules;
    }

    private Set<String> everybodyBut(String source) {
        var all = new TreeSet<>(places.names());
        all.remove(source);
        return all;
    }

    /**
     * In the order in which they act: first what needs no queue, then the queue that delays, then the slow link.
     */
    private List<Impairment> impairments() {
        var all = new ArrayList<Impairment>();
        if (spec.networkAction() == NetworkChaos.Action.PARTITION) {
            all.add(new Impairment.Partition());
        }
        var netem = spec.netem();
        netem.loss().ifPresent(loss -> all.add(new Impairment.Loss(loss.percent(), loss.correlationPercent())));
        netem.duplicate()
                .ifPresent(duplicate ->
                        all.add(new Impairment.Duplicate(duplicate.percent(), duplicate.correlationPercent())));
        netem.corrupt()
                .ifPresent(corrupt -> all.add(new Impairment.Corrupt(corrupt.percent(), corrupt.correlationPercent())));
        netem.delay()
                .ifPresent(delay -> all.add(new Impairment.Delay(
                        delay.latency(),
                        delay.jitter(),
                        delay.correlationPercent(),
                        delay.reorder().map(reorder -> reorder.percent()).orElse(0.0),
                        delay.reorder()
                                .map(reorder -> reorder.correlationPercent())
                                .orElse(0.0),
                        delay.reorder().map(reorder -> reorder.gap()).orElse(0))));
        // netem spaces packets by their size, one after the other, and keeps 1,000 of them: a bucket for a single
        // packet.
        netem.rate()
                .ifPresent(rate -> all.add(
                        new Impairment.Shape(rate.bytesPerSecond(), NETEM_PACKETS * LARGEST_PACKET, LARGEST_PACKET)));
        spec.bandwidth()
                .ifPresent(bandwidth -> all.add(new Impairment.Shape(
                        bandwidth.bytesPerSecond(), bandwidth.limitBytes(), bandwidth.bufferBytes())));
        return List.copyOf(all);
    }
}
