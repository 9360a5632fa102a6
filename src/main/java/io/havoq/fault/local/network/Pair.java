package io.havoq.fault.local.network;

/**
 * The direction from one node to another; the way back is a pair of its own.
 *
 * @param source the node that sends, by the name it was attached with
 * @param destination the node that receives
 */
public record Pair(String source, String destination) {
    /** The way back. */
    Pair reverse() {
        return new Pair(destination, source);
    }

    @Override
    public String toString() {
        return source + "->" + destination;
    }
}
