package io.havoq.broker.reference;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When each peer was last heard of. Whether a majority can be reached is asked here and not of the log's progress: a
 * slow commit or a long election on a loaded machine is no partition. Thread-safe.
 */
final class Contacts {
    private final Map<String, Long> heard = new ConcurrentHashMap<>();
    private final int peers;
    private final long start;

    /**
     * @param peers all members but this one
     * @param now as {@link System#nanoTime()}
     */
    Contacts(Collection<String> peers, long now) {
        this.peers = peers.size();
        this.start = now;
    }

    /** A peer answered, or sent something that only a living one sends. */
    void heard(String peer, long now) {
        heard.merge(peer, now, (before, after) -> after - before > 0 ? after : before);
    }

    /** The latest time at which a majority of the cluster, this node included, had been heard of since. */
    long majority(long now) {
        var needed = (peers + 1) / 2;
        return needed == 0
                ? now
                : heard.values().stream()
                        .sorted(Comparator.comparingLong(time -> now - time))
                        .skip(needed - 1L)
                        .findFirst()
                        .orElse(start);
    }
}
