package io.havoq.fault.chaosmesh;

import io.havoq.environment.Target;
import io.havoq.fault.Aim;
import io.havoq.fault.Support;
import io.havoq.manifest.NetworkChaos;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which packets the traffic control of several NetworkChaos is for. The chaos-daemon gives each of those that have a target a band of its own and
 * sends a packet that is for two of them through one, whichever comes last ({@code setFilterTcs} of {@code pkg/chaosdaemon/tc_server.go},
 * Chaos Mesh 2.8.3; seen with iptables' counters): both count as injected, and one does nothing.
 */
final class ShapedPackets {
    private ShapedPackets() {}

    /** The first two that are for the same packets. */
    static Optional<Support.Unsupported> sharedByTwo(List<Aim> together) {
        var shapers = new HashMap<String, NetworkChaos>();
        for (var aim : together) {
            if (!(aim.spec() instanceof NetworkChaos chaos) || !ofOneTarget(chaos)) {
                continue;
            }
            for (var way : ways(chaos, aim)) {
                var other = shapers.put(chaos.device().orElse("eth0") + " " + way, chaos);
                if (other != null) {
                    return Optional.of(new Support.Unsupported(
                            "NetworkChaos " + other.name() + " and " + chaos.name() + " are both for packets " + way
                                    + ", and Chaos Mesh lets only one of two act on a packet",
                            "make them one NetworkChaos with action netem, which may have several of delay, loss, duplicate,"
                                    + " corrupt and rate, or give them targets of their own"));
                }
            }
        }
        return Optional.empty();
    }

    /** A partition is no traffic control; without a target all of them act, one after the other. */
    private static boolean ofOneTarget(NetworkChaos chaos) {
        return chaos.networkAction() != NetworkChaos.Action.PARTITION
                && (chaos.target().isPresent() || !chaos.externalTargets().isEmpty());
    }

    /** They act where packets leave. */
    private static Set<String> ways(NetworkChaos chaos, Aim aim) {
        var sources = names(aim.targets());
        var targets = new ArrayList<>(names(aim.peers()));
        targets.addAll(chaos.externalTargets());
        var ways = new LinkedHashSet<String>();
        if (chaos.direction() != NetworkChaos.Direction.FROM) {
            sources.forEach(source -> targets.forEach(target -> ways.add("from " + source + " to " + target)));
        }
        if (chaos.direction() != NetworkChaos.Direction.TO) {
            names(aim.peers())
                    .forEach(target -> sources.forEach(source -> ways.add("from " + target + " to " + source)));
        }
        return ways;
    }

    private static List<String> names(List<Target> pods) {
        return pods.stream().map(Target::name).toList();
    }
}
