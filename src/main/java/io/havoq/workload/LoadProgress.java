package io.havoq.workload;

/**
 * What the load has done so far, in messages; deliveries count once for each subscriber.
 *
 * @param acknowledged with QoS 0, where it means written
 * @param acknowledgedAboveQos0 QoS 1 and 2 only
 */
public record LoadProgress(
        long sent, long acknowledged, long acknowledgedAboveQos0, long refused, long unknown, long delivered) {}
