package io.havoq;

import java.util.Locale;

/** What is judged after every experiment, by name; see {@code @Tolerates} for relaxing one with a reason. */
public enum Invariant {
    /** No message acknowledged at QoS 1 is missing at a subscription in force (MQTT 5.0, 4.3.2). */
    QOS1_LOSS,
    /** No message acknowledged at QoS 2 is missing at a subscription in force (MQTT 5.0, 4.3.3). */
    QOS2_LOSS,
    /** No QoS 2 message is handed over twice (MQTT 5.0, 4.3.3). */
    QOS2_DUPLICATES,
    /** QoS 1 duplicates: allowed by MQTT, counted, a warning past the setting's share. */
    QOS1_DUPLICATES,
    /** First occurrences keep the publisher's order per topic and QoS (MQTT 5.0, 4.6). */
    ORDER,
    /** Nothing arrives that was never sent. */
    PHANTOM,
    /** Every payload arrives as it was sent. */
    CORRUPTION,
    /** Nothing arrives at a subscriber whose filter does not match. */
    WRONG_SUBSCRIBER,
    /** A session that has not expired is present when its client reconnects (MQTT 5.0, 3.2.2-2). */
    SESSION_LOST,
    /** What was retained before the fault is retained after it (MQTT 5.0, 3.3.1-5). */
    RETAINED_LOST,
    /** The nodes that are not hit serve clients throughout. */
    AVAILABILITY,
    /** The 99th percentile of the latency stays below its bound while the fault is in force; a SHOULD. */
    LATENCY,
    /** The cluster is whole again within the recovery objective. */
    RECOVERY_TIME,
    /** Every member is back, every port listens, every pair of nodes routes. */
    CHECKLIST;

    /** As results write it, e.g. {@code qos1-loss}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
