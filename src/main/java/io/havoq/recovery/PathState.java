package io.havoq.recovery;

import java.util.OptionalLong;

/**
 * One path: messages published at one node and received at another.
 *
 * @param from the node published at
 * @param to the node subscribed at
 * @param arrivals how many messages have arrived so far
 * @param lastBegunNanos when the latest message that arrived was sent, in monotonic nanoseconds
 * @param lastArrivedNanos when it arrived
 */
public record PathState(
        String from, String to, int arrivals, OptionalLong lastBegunNanos, OptionalLong lastArrivedNanos) {
    /** Whether a message sent at or after an instant has arrived. */
    public boolean worksSince(long nanos) {
        return lastBegunNanos.isPresent() && lastBegunNanos.getAsLong() - nanos >= 0;
    }
}
