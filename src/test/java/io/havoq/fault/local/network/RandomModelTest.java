package io.havoq.fault.local.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The choices by themselves, on fixed seeds: a tolerance is about four standard deviations of the figure over the number of
 * packets drawn, so a model that is right passes with any seed.
 */
class RandomModelTest {
    private static final int PACKETS = 200_000;
    private static final Pair PAIR = new Pair("a", "b");

    @ParameterizedTest
    @CsvSource({"20, 0", "20, 25", "20, 90", "1, 50", "99, 50"})
    void correlationLeavesTheShareAsItIsAndShowsInTheRepetitions(double percent, double correlation) {
        var model = new Correlated(correlation, new SplittableRandom(1));
        var p = percent / 100;
        var r = correlation / 100;
        int hits = 0;
        int afterHit = 0;
        int hitsAfterHit = 0;
        var before = false;
        for (var i = 0; i < PACKETS; i++) {
            var hit = model.hits(percent);
            hits += hit ? 1 : 0;
            afterHit += before ? 1 : 0;
            hitsAfterHit += before && hit ? 1 : 0;
            before = hit;
        }
        // A correlation makes the packets worth (1 - r) / (1 + r) of as many independent ones.
        assertThat(hits / (double) PACKETS)
                .isCloseTo(p, within(4 * Math.sqrt(p * (1 - p) / PACKETS * (1 + r) / (1 - r))));
        var again = p + r * (1 - p);
        assertThat(hitsAfterHit / (double) afterHit)
                .isCloseTo(again, within(4 * Math.sqrt(again * (1 - again) / afterHit) + 1e-9));
    }

    @Test
    void neverAndAlwaysAreExact() {
        var model = new Correlated(25, new SplittableRandom(1));
        for (var i = 0; i < 10_000; i++) {
            assertThat(model.hits(0)).isFalse();
            assertThat(model.hits(100)).isTrue();
        }
    }

    @Test
    void theSeedAndTheNamesDecideTheStream() {
        var first = Correlated.stream(7, "rule", "a", "b", "loss").nextLong();
        assertThat(Correlated.stream(7, "rule", "a", "b", "loss").nextLong()).isEqualTo(first);
        assertThat(List.of(
                        Correlated.stream(8, "rule", "a", "b", "loss").nextLong(),
                        Correlated.stream(7, "other", "a", "b", "loss").nextLong(),
                        Correlated.stream(7, "rule", "b", "a", "loss").nextLong(),
                        Correlated.stream(7, "rule", "a", "b", "jitter").nextLong()))
                .doesNotContain(first)
                .doesNotHaveDuplicates();
    }

    @Test
    void jitterIsUniformAroundTheLatency() {
        var stage = stage(delay(100, 20, 0, 0, 0, 0));
        double sum = 0;
        double squares = 0;
        long least = Long.MAX_VALUE;
        long most = 0;
        for (var i = 0; i < PACKETS; i++) {
            var nanos = stage.delayNanos();
            var millis = nanos / 1e6;
            sum += millis;
            squares += millis * millis;
            least = Math.min(least, nanos);
            most = Math.max(most, nanos);
        }
        var mean = sum / PACKETS;
        assertThat(mean).isCloseTo(100, within(0.11));
        // A uniform distribution over 40 ms: 40 / sqrt(12).
        assertThat(Math.sqrt(squares / PACKETS - mean * mean)).isCloseTo(11.547, within(0.05));
        assertThat(least).isBetween(80_000_000L, 80_100_000L);
        assertThat(most).isBetween(119_900_000L, 120_000_000L);
    }

    @Test
    void jitterLargerThanTheLatencyNeverMeansBeforeItCame() {
        var stage = stage(delay(1, 5, 0, 0, 0, 0));
        var negative = 0;
        for (var i = 0; i < 1_000; i++) {
            negative += stage.delayNanos() == 0 ? 1 : 0;
        }
        assertThat(negative).isBetween(340, 460);
    }

    @Test
    void aReorderPercentageAloneLetsThatShareOvertake() {
        var stage = stage(delay(10, 0, 0, 25, 50, 0));
        var ahead = 0;
        for (var i = 0; i < PACKETS; i++) {
            ahead += stage.delayNanos() == 0 ? 1 : 0;
        }
        assertThat(ahead / (double) PACKETS).isCloseTo(0.25, within(0.0068));
    }

    @Test
    void aGapAloneLetsEveryGapthPacketOvertake() {
        var stage = stage(delay(10, 0, 0, 0, 0, 5));
        for (var i = 1; i <= 1_000; i++) {
            assertThat(stage.delayNanos()).as("packet %d", i).isEqualTo(i % 5 == 0 ? 0 : 10_000_000);
        }
    }

    @Test
    void aGapWithAPercentageKeepsThatManyPacketsBetweenTwoThatOvertake() {
        var stage = stage(delay(10, 0, 0, 50, 0, 5));
        var last = -5;
        var ahead = 0;
        for (var i = 0; i < PACKETS; i++) {
            if (stage.delayNanos() == 0) {
                assertThat(i - last).isGreaterThanOrEqualTo(5);
                last = i;
                ahead++;
            }
        }
        // Four held, then on average two tries: one of six.
        assertThat(ahead / (double) PACKETS).isCloseTo(1 / 6.0, within(0.002));
    }

    @Test
    void aTokenBucketKeepsItsRateAndItsBurstAndItsLimit() {
        var bucket = new TokenBucket(new Impairment.Shape(1_000_000, 10_000, 5_000), 0);
        for (var i = 0; i < 5; i++) {
            assertThat(bucket.admit(1_000, 0)).as("in the bucket").isZero();
        }
        for (var i = 1; i <= 10; i++) {
            assertThat(bucket.admit(1_000, 0)).as("waits its turn").isEqualTo(i * 1_000_000L);
        }
        assertThat(bucket.admit(1_000, 0)).as("beyond the limit").isEqualTo(TokenBucket.REFUSED);
        assertThat(bucket.admit(1_000, 1_000_000)).as("room again").isEqualTo(11_000_000);
        assertThat(bucket.admit(5_001, 100_000_000))
                .as("larger than the bucket")
                .isEqualTo(TokenBucket.REFUSED);
        assertThat(bucket.admit(5_000, 100_000_000)).as("full after a pause").isEqualTo(100_000_000);
        assertThat(bucket.admit(1_000, 100_000_000)).as("and empty").isEqualTo(101_000_000);
    }

    @Test
    void twoImpairmentsOfOneKindAreRefused() {
        assertThatThrownBy(() -> stage(new Impairment.Loss(1, 0), new Impairment.Loss(2, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rule");
        assertThatThrownBy(() -> stage()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void durationsAreCountedWithinTwoPercent() {
        var histogram = new DurationHistogram();
        var before = histogram.snapshot();
        for (var i = 1; i <= 1_000; i++) {
            histogram.record(i * 1_000L);
        }
        var spread = histogram.since(before);
        assertThat(spread.count()).isEqualTo(1_000);
        assertThat(spread.p50()).isBetween(500_000L, 510_000L);
        assertThat(spread.p99()).isBetween(990_000L, 1_010_000L);
        assertThat(spread.max()).isBetween(1_000_000L, 1_020_000L);
        histogram.record(Long.MAX_VALUE);
        histogram.record(0);
        histogram.record(-1);
        assertThat(histogram.since(before).max()).isGreaterThan(Long.MAX_VALUE / 2);
        assertThat(histogram.since(histogram.snapshot()).count()).isZero();
        assertThat(histogram.since(histogram.snapshot()).max()).isZero();
    }

    private static Impairment delay(
            long latency, long jitter, double correlation, double reorder, double reorderCorrelation, int gap) {
        return new Impairment.Delay(
                Duration.ofMillis(latency), Duration.ofMillis(jitter), correlation, reorder, reorderCorrelation, gap);
    }

    private static Stage stage(Impairment... impairments) {
        return new Stage(1, "rule", PAIR, List.of(impairments), new Tally(), shape -> new TokenBucket(shape, 0));
    }
}
