package io.havoq.ledger;

/**
 * Counts of one QoS level as published. Sends and outcomes count messages; deliveries and what follows count deliveries,
 * one for each subscription that a message was due at.
 *
 * @param delivered first deliveries; retained replays do not count
 * @param lost acknowledged, and not delivered to a subscription in force; at QoS 0 informative, above it only where the
 *     subscription was granted QoS 1 or 2
 * @param duplicates further deliveries of the same message to the same subscription
 * @param unknownArrived messages of unknown outcome that were delivered at least once
 */
public record QosCounts(
        long sent,
        long acknowledged,
        long unknown,
        long refused,
        long delivered,
        long lost,
        long duplicates,
        long outOfOrder,
        long phantom,
        long corrupted,
        long unknownArrived) {}
