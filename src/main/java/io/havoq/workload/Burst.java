package io.havoq.workload;

import io.havoq.ledger.DeliveryStatistics.Latency;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What a cluster took in a burst: publishers that each had one QoS 1 message under way at a time.
 *
 * @param acknowledged messages whose PUBACK came while the burst lasted
 * @param lasted how long
 * @param perSecond of these, per second
 * @param latencyMillis from a publish to its PUBACK; empty if nothing was acknowledged
 */
public record Burst(long acknowledged, Duration lasted, double perSecond, Optional<Latency> latencyMillis) {
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.0f messages/s acknowledged%s",
                perSecond,
                latencyMillis
                        .map(millis -> String.format(
                                Locale.ROOT,
                                ", PUBACK after %.1f ms (p50), %.1f ms (p95), %.1f ms (p99)",
                                millis.p50(),
                                millis.p95(),
                                millis.p99()))
                        .orElse(""));
    }
}
