package io.havoq.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.environment.RestartDelay;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** For how much of a time a cluster could not be whole. */
class RestartDelaysTest {
    private static final Instant START = Instant.parse("2026-11-23T20:00:00Z");

    private static RestartDelay delay(long from, long until) {
        return new RestartDelay(
                "emqx-go-0",
                RestartDelay.Kept.POD,
                START.plusSeconds(from),
                until < 0 ? Optional.empty() : Optional.of(START.plusSeconds(until)),
                "somebody");
    }

    private static long within(long from, long until, RestartDelay... delays) {
        return new RestartDelays(List.of(delays))
                .within(START.plusSeconds(from), START.plusSeconds(until))
                .toSeconds();
    }

    @Test
    void aSecondInWhichTwoWereKeptDownCountsOnce() {
        assertThat(within(0, 60, delay(10, 30), delay(20, 40))).isEqualTo(30);
        assertThat(within(0, 60, delay(10, 40), delay(20, 30))).isEqualTo(30);
        assertThat(within(0, 60, delay(30, 40), delay(10, 20))).isEqualTo(20);
    }

    @Test
    void onlyWhatIsWithinTheTimeCounts() {
        assertThat(within(10, 60, delay(0, 20))).isEqualTo(10);
        assertThat(within(10, 60, delay(50, 90))).isEqualTo(10);
        assertThat(within(10, 60, delay(0, 5), delay(70, 90))).isZero();
        assertThat(within(10, 60, delay(40, -1))).isEqualTo(20);
        assertThat(within(10, 60)).isZero();
    }

    @Test
    void oneThatStillWaitsSaysForHowLong() {
        var waiting = new RestartDelay(
                "emqx-go-0",
                RestartDelay.Kept.NODE,
                Instant.now().minus(Duration.ofMinutes(2)),
                Optional.empty(),
                "its node is lost");
        assertThat(waiting.toString())
                .startsWith("emqx-go-0 is cut off, for 2m")
                .endsWith(" so far: its node is lost");
    }
}
