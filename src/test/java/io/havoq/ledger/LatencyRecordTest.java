package io.havoq.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatencyRecordTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void whatIsFoldedToSecondsStaysCountedAndKeepsItsLatency() {
        var folding = new LatencyRecord(new Times(0), 1);
        var exact = new LatencyRecord(new Times(0), 1000);
        // 100 seconds of 1,000 deliveries; the n-th second takes n ms.
        for (var n = 0; n < 100_000; n++) {
            folding.add(n * 1_000_000L, n / 1000 * 1_000_000L);
            exact.add(n * 1_000_000L, n / 1000 * 1_000_000L);
        }

        assertThat(folding.between(0, 100 * SECOND).deliveries()).isEqualTo(100_000);
        var folded = folding.between(20 * SECOND, 30 * SECOND);
        var kept = exact.between(20 * SECOND, 30 * SECOND);
        // Times are kept to 65.5 us: the first delivery of a second may count to the one before.
        assertThat(folded.deliveries()).isBetween(9_990L, 10_010L);
        assertThat(kept.deliveries()).isEqualTo(10_000);
        var latency = kept.latencyMillis().orElseThrow();
        assertThat(latency.p50()).isBetween(24.0, 24.1);
        assertThat(latency.max()).isEqualTo(29.0);
        assertThat(folded.latencyMillis().orElseThrow().p50()).isBetween(23.8, 25.3);
        assertThat(folded.latencyMillis().orElseThrow().max()).isBetween(28.7, 30.3);
        assertThat(folding.between(200 * SECOND, 300 * SECOND).deliveries()).isZero();
    }

    @Test
    void whatIsLeftOutCountsNeitherAsDeliveriesNorAsTime() {
        for (var chunks : new int[] {1, 1000}) {
            var latencies = new LatencyRecord(new Times(0), chunks);
            latencies.leaveOut(10 * SECOND, 15 * SECOND);
            // 1,000 deliveries a second that take 1 ms; within the time that is left out ten times as many take 100 ms.
            for (var n = 0; n < 20_000; n++) {
                var left = n >= 10_000 && n < 15_000;
                for (var i = 0; i < (left ? 10 : 1); i++) {
                    latencies.add(n * 1_000_000L, left ? 100_000_000L : 1_000_000L);
                }
            }

            var all = latencies.between(0, 20 * SECOND);
            assertThat(all.deliveries()).isEqualTo(15_000);
            assertThat(all.perSecond()).isBetween(999.0, 1001.0);
            assertThat(all.latencyMillis().orElseThrow().max()).isBetween(1.0, 1.01);
            assertThat(latencies.between(11 * SECOND, 14 * SECOND).perSecond()).isZero();
        }
    }
}
