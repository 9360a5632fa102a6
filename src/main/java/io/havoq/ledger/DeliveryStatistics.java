package io.havoq.ledger;

import java.util.Optional;

/**
 * What was delivered within a time, first occurrences only, dated by their arrival.
 *
 * @param perSecond deliveries divided by the length of the time that was asked for
 * @param latencyMillis from the intended send time to the hand-over; empty if nothing was delivered
 */
public record DeliveryStatistics(long deliveries, double perSecond, Optional<Latency> latencyMillis) {
    /** Latencies in milliseconds: three significant digits, the maximum to the microsecond. */
    public record Latency(double p50, double p95, double p99, double max) {}
}
