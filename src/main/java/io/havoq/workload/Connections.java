package io.havoq.workload;

import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Remembers the connections that the load lost and made again. Thread-safe. */
final class Connections {
    /** @param outstanding QoS 1 and 2 publishes that waited for their outcome when the connection ended */
    private record Loss(String node, long nanos, int outstanding) {}

    private record Gap(long fromNanos, long toNanos) {}

    private final Queue<Loss> losses = new ConcurrentLinkedQueue<>();
    private final Queue<Gap> gaps = new ConcurrentLinkedQueue<>();

    void lost(String node, long nowNanos, int outstanding) {
        losses.add(new Loss(node, nowNanos, outstanding));
    }

    void regained(long lostNanos, long nowNanos) {
        gaps.add(new Gap(lostNanos, nowNanos));
    }

    NodeLoad lostAt(Collection<String> targets, long sinceNanos) {
        var wanted = Set.copyOf(targets);
        var found = losses.stream()
                .filter(loss -> wanted.contains(loss.node()) && loss.nanos() - sinceNanos >= 0)
                .toList();
        return new NodeLoad(
                found.size(), found.stream().mapToInt(Loss::outstanding).sum());
    }

    List<Long> gapsSince(long sinceNanos) {
        return gaps.stream()
                .filter(gap -> gap.toNanos() - sinceNanos >= 0)
                .map(gap -> gap.toNanos() - gap.fromNanos())
                .toList();
    }
}
