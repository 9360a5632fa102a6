package io.havoq.fault.local.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatenessBoundTest {
    private static final LatenessBound BOUND = new LatenessBound(Duration.ofMillis(50), 2);

    @Test
    void asLateAsIsAllowedIsNoDoubtAndLaterIsOneWithTheFigures() {
        assertThat(BOUND.doubts(health(50_000_000, 0, List.of()))).isEmpty();
        assertThat(BOUND.doubts(health(50_000_001, 0, List.of())))
                .singleElement()
                .asString()
                .contains("was late", "of 7 packets", "p99 50.0 ms", "at most 300.0 ms", "allowed are 50ms");
    }

    @Test
    void asManyPacketsAsMayBeLostAreNoDoubtAndOneMoreIs() {
        assertThat(BOUND.doubts(health(0, 2, List.of()))).isEmpty();
        assertThat(BOUND.doubts(health(0, 3, List.of())))
                .singleElement()
                .asString()
                .contains("lost packets", "3 did not fit in its queues", "allowed are 2");
    }

    @Test
    void aThreadThatFailedIsADoubtHoweverFewPacketsItConcerned() {
        assertThat(BOUND.doubts(health(0, 0, List.of("packets of a are no longer passed"))))
                .singleElement()
                .asString()
                .contains("packets of a are no longer passed");
    }

    private static SwitchHealth health(long p99, long queueDrops, List<String> failures) {
        return new SwitchHealth(
                new SwitchHealth.Spread(7, 0, p99, 300_000_000),
                new SwitchHealth.Spread(0, 0, 0, 0),
                0,
                0,
                queueDrops,
                0,
                0,
                failures);
    }
}
