package io.havoq.environment.kubernetes;

import io.havoq.environment.Target;
import io.havoq.fault.Aim;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.KernelChaos;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.StressChaos;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How many of a broker's pods the faults of one experiment may take out of service. Counted is who is killed, cut off, or has memory or
 * file operations fail; of a partition the smaller side. What merely slows pods down counts for none, on however many it acts: no
 * delay between all nodes would be possible otherwise.
 *
 * @param percent of the pods, rounded up
 */
record ShareCap(int percent) {
    private static final int WHOLE = 100;

    /** So many of these many. */
    int of(int pods) {
        return (pods * percent + WHOLE - 1) / WHOLE;
    }

    /** Why these faults would hit too many; empty if they would not. */
    Optional<String> complaint(List<Aim> together, List<Target> all) {
        var out = together.stream()
                .flatMap(aim -> outOfService(aim).stream())
                .map(Target::name)
                .collect(Collectors.toCollection(TreeSet::new));
        var most = of(all.size());
        return out.size() <= most
                ? Optional.empty()
                : Optional.of(together.stream()
                                .map(aim -> aim.spec().kind() + " " + aim.spec().action())
                                .distinct()
                                .collect(Collectors.joining(" and "))
                        + " would take " + out.size() + " of " + all.size() + " pods out of service ("
                        + String.join(", ", out)
                        + "), and at most " + most + " are allowed");
    }

    private static List<Target> outOfService(Aim aim) {
        var spec = aim.spec();
        if (spec instanceof NetworkChaos network && network.networkAction() == NetworkChaos.Action.PARTITION) {
            return aim.peers().isEmpty() || aim.targets().size() <= aim.peers().size() ? aim.targets() : aim.peers();
        }
        var hit = spec instanceof PodChaos
                || spec instanceof KernelChaos
                || (spec instanceof StressChaos stress && stress.memory().isPresent())
                || (spec instanceof IoChaos io && !(io.effect() instanceof IoChaos.Effect.Latency));
        return hit ? aim.targets() : List.of();
    }
}
