package io.havoq.workload;

import io.havoq.settings.Setting;
import java.time.Duration;
import java.util.List;

/** The settings of the load; the defaults are the test plan's. */
public final class WorkloadSettings {
    /** Publishing connections. */
    public static final Setting<Integer> PUBLISHERS = Setting.integer(
            "havoq.workload.publishers", 500, 1, 50_000, "publishing connections, spread evenly over the nodes");

    /** Subscribing connections. */
    public static final Setting<Integer> SUBSCRIBERS = Setting.integer(
            "havoq.workload.subscribers", 500, 1, 50_000, "subscribing connections, one exact topic each");

    /** Topics. */
    public static final Setting<Integer> TOPICS = Setting.integer(
            "havoq.workload.topics", 50, 1, 10_000, "topics, shared evenly by the publishers and by the subscribers");

    /** Messages per second. */
    public static final Setting<Double> RATE =
            Setting.number("havoq.workload.rate", 100, 0.1, 20_000, "messages per second, all publishers together");

    /** Payload size. */
    public static final Setting<Integer> PAYLOAD = Setting.integer(
            "havoq.workload.payload", 256, 40, 1 << 20, "bytes of a payload, its 40-byte header included");

    /** QoS shares. */
    public static final Setting<QosMix> QOS_MIX =
            new Setting<>("havoq.workload.qos-mix", "40/50/10", "percent published at QoS 0, 1 and 2", QosMix::parse);

    /** QoS of the subscriptions. */
    public static final Setting<Integer> SUBSCRIBE_QOS = Setting.integer(
            "havoq.workload.subscribe-qos", 2, 0, 2, "QoS that subscribers ask for: 2 leaves every message its own");

    /** Session expiry. */
    public static final Setting<Duration> SESSION_EXPIRY = seconds(
            "havoq.workload.session-expiry",
            "10m",
            Duration.ofSeconds(1),
            Duration.ofHours(24),
            "how long the broker keeps a client's session without a connection, whole seconds; must outlast every outage");

    /** Keep-alive. */
    public static final Setting<Duration> KEEP_ALIVE = seconds(
            "havoq.workload.keep-alive",
            "10s",
            Duration.ofSeconds(1),
            Duration.ofHours(18),
            "keep-alive of the clients, whole seconds: a silent node is given up after twice this");

    /** Outstanding messages of one publisher. */
    public static final Setting<Integer> OUTSTANDING = Setting.integer(
            "havoq.workload.outstanding", 20, 1, 10_000, "messages of one publisher that may wait for their outcome");

    /** Bound of connecting. */
    public static final Setting<Duration> CONNECT_TIMEOUT = seconds(
            "havoq.workload.connect-timeout",
            "60s",
            Duration.ofSeconds(1),
            Duration.ofHours(1),
            "within this all clients are connected and subscribed, or the load does not start");

    /** Bound of closing. */
    public static final Setting<Duration> CLOSE_TIMEOUT = seconds(
            "havoq.workload.close-timeout",
            "15s",
            Duration.ofSeconds(1),
            Duration.ofHours(1),
            "how long closing tries to remove the clients' sessions from the broker");

    /** Length of a burst. */
    public static final Setting<Duration> BURST = seconds(
            "havoq.workload.burst",
            "2s",
            Duration.ofMillis(100),
            Duration.ofMinutes(1),
            "how long a burst lasts, which tests ask for that measure throughput");

    /** Publishers of a burst. */
    public static final Setting<Integer> BURST_PUBLISHERS = Setting.integer(
            "havoq.workload.burst-publishers",
            16,
            1,
            1_000,
            "publishers of a burst, each with one QoS 1 message under way and a subscriber of its own");

    private WorkloadSettings() {}

    /** Every setting of this package. */
    public static List<Setting<?>> all() {
        return List.of(
                PUBLISHERS,
                SUBSCRIBERS,
                TOPICS,
                RATE,
                PAYLOAD,
                QOS_MIX,
                SUBSCRIBE_QOS,
                SESSION_EXPIRY,
                KEEP_ALIVE,
                OUTSTANDING,
                CONNECT_TIMEOUT,
                CLOSE_TIMEOUT,
                BURST,
                BURST_PUBLISHERS);
    }

    private static Setting<Duration> seconds(
            String key, String defaultText, Duration min, Duration max, String description) {
        var plain = Setting.duration(key, defaultText, description);
        return new Setting<>(key, defaultText, description, text -> {
            var value = plain.reader().apply(text);
            if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
                throw new IllegalArgumentException(
                        text + " is out of range: expected " + min.toSeconds() + "s to " + max.toSeconds() + "s");
            }
            return value;
        });
    }
}
