package io.havoq.broker.reference;

/**
 * Decides whether this node is cut off from the majority. What counts is the time in which it listened and heard
 * nothing: a node that was itself stopped, or got no processor, has not listened. Not thread-safe.
 */
final class QuorumWatch {
    private final long limit;
    private final long longestRound;
    private long lastRound;
    private long lastContact;
    private long unheard;

    /**
     * @param limit nanoseconds without a majority after which the node is cut off
     * @param longestRound what one round counts at most, in nanoseconds
     * @param now as {@link System#nanoTime()}
     */
    QuorumWatch(long limit, long longestRound, long now) {
        this.limit = limit;
        this.longestRound = longestRound;
        this.lastRound = now;
        this.lastContact = now;
    }

    /** One look at the time at which the majority was last heard of. */
    void round(long contact, long now) {
        if (contact - lastContact > 0) {
            lastContact = contact;
            unheard = 0;
        } else {
            unheard += Math.min(now - lastRound, longestRound);
        }
        lastRound = now;
    }

    /** How long this node has listened in vain, in nanoseconds. */
    long unheard() {
        return unheard;
    }

    boolean lost() {
        return unheard >= limit;
    }
}
