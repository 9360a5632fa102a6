package io.havoq.experiment;

import io.havoq.manifest.NetworkChaos;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The sides into which partitions divide a cluster: its nodes, connected as far as no partition lies between two of them. One
 * that cuts a single direction divides as well, since no connection lives with half of its packets.
 *
 * @param sides the largest first; together all nodes
 */
record PartitionSides(List<Set<String>> sides) {
    PartitionSides {
        sides = sides.stream().map(Set::copyOf).toList();
    }

    /** The sides of these nodes under all these faults; those that are no partition divide nothing. */
    static PartitionSides of(Collection<String> nodes, List<PlannedFault> faults) {
        var cuts = faults.stream().filter(PartitionSides::divides).toList();
        if (cuts.isEmpty()) {
            throw new IllegalStateException(
                    "the experiment has no partition between nodes, so there is neither a majority"
                            + " nor a minority: its faults are " + faults
                            + "; expected a NetworkChaos with action partition, or"
                            + " survivors()");
        }
        var left = new TreeSet<>(nodes);
        var sides = new ArrayList<Set<String>>();
        while (!left.isEmpty()) {
            var side = new LinkedHashSet<String>();
            var reached = new ArrayDeque<>(List.of(left.first()));
            while (!reached.isEmpty()) {
                var node = reached.remove();
                side.add(node);
                left.remove(node);
                left.stream()
                        .filter(other ->
                                !reached.contains(other) && cuts.stream().noneMatch(cut -> between(cut, node, other)))
                        .forEach(reached::add);
            }
            sides.add(side);
        }
        sides.sort((one, two) -> Integer.compare(two.size(), one.size()));
        return new PartitionSides(sides);
    }

    /** Towards addresses outside of the cluster it divides no nodes. */
    private static boolean divides(PlannedFault fault) {
        return fault.document().spec() instanceof NetworkChaos network
                && network.networkAction() == NetworkChaos.Action.PARTITION
                && (!fault.others().isEmpty() || network.externalTargets().isEmpty());
    }

    /** The nodes that a partition keeps from everybody, clients included: what they would do with clients cannot be seen. */
    static Set<String> keptFromClients(List<PlannedFault> faults) {
        var kept = new TreeSet<String>();
        faults.stream()
                .filter(fault -> divides(fault) && fault.others().isEmpty())
                .forEach(fault -> fault.targets().forEach(target -> kept.add(target.name())));
        return kept;
    }

    private static boolean between(PlannedFault cut, String one, String two) {
        var sources = new HashSet<String>();
        cut.targets().forEach(target -> sources.add(target.name()));
        var others = new HashSet<String>();
        cut.others().forEach(target -> others.add(target.name()));
        if (others.isEmpty()) {
            // Without a target, sources are cut off from everybody.
            return sources.contains(one) || sources.contains(two);
        }
        return (sources.contains(one) && others.contains(two)) || (sources.contains(two) && others.contains(one));
    }

    /** The side with more than half of all nodes. */
    Set<String> majority() {
        var all = sides.stream().mapToInt(Set::size).sum();
        var largest = sides.get(0);
        if (2 * largest.size() <= all) {
            throw new IllegalStateException("the partition leaves no majority: its sides are " + sorted()
                    + ", and none has" + " more than half of the " + all + " nodes");
        }
        return largest;
    }

    /** All nodes of the other sides. */
    Set<String> minority() {
        var majority = majority();
        var others = new TreeSet<String>();
        sides.stream().filter(side -> side != majority).forEach(others::addAll);
        if (others.isEmpty()) {
            throw new IllegalStateException("the partition leaves no minority: all nodes " + sorted()
                    + " are still connected by way of others");
        }
        return others;
    }

    private List<TreeSet<String>> sorted() {
        return sides.stream().map(side -> new TreeSet<>(side)).toList();
    }
}
