package io.havoq.fault.local.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ClockReadingTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Duration FIVE = Duration.ofMinutes(5);

    private static ClockReading told(Duration ahead, Duration resolution) {
        // Asked for 20 ms; the node answered somewhere within.
        return ClockReading.of(NOON.plus(ahead).plusMillis(7), resolution, NOON, NOON.plusMillis(20), "test", true);
    }

    private static final ClockReading BEFORE = told(Duration.ZERO, Duration.ofMillis(1));

    @Test
    void aShiftIsSeenWhereItIsTheOnlyExplanation() {
        assertThat(told(FIVE, Duration.ofMillis(1)).shows(FIVE, BEFORE)).isTrue();
        assertThat(told(FIVE, Duration.ofSeconds(1)).shows(FIVE, BEFORE)).isTrue();
        assertThat(told(FIVE.negated(), Duration.ofMillis(1)).shows(FIVE.negated(), BEFORE))
                .isTrue();
    }

    @Test
    void anotherShiftOrNoneIsNotTakenForIt() {
        assertThat(told(Duration.ZERO, Duration.ofMillis(1)).shows(FIVE, BEFORE))
                .isFalse();
        assertThat(told(FIVE.plusMillis(100), Duration.ofMillis(1)).shows(FIVE, BEFORE))
                .isFalse();
        assertThat(told(FIVE.negated(), Duration.ofMillis(1)).shows(FIVE, BEFORE))
                .isFalse();
    }

    @Test
    void aShiftThatTheReadingCannotTellFromNoneIsNotSeen() {
        var little = Duration.ofMillis(10);
        assertThat(told(little, Duration.ofMillis(1)).shows(little, BEFORE)).isFalse();
        assertThat(told(Duration.ofMillis(500), Duration.ofSeconds(1))
                        .shows(Duration.ofMillis(500), told(Duration.ZERO, Duration.ofSeconds(1))))
                .isFalse();
    }

    @Test
    void aClockThatWasWrongBeforeCountsFromThere() {
        var wrong = told(Duration.ofHours(1), Duration.ofMillis(1));
        assertThat(told(Duration.ofHours(1).plus(FIVE), Duration.ofMillis(1)).shows(FIVE, wrong))
                .isTrue();
        assertThat(told(FIVE, Duration.ofMillis(1)).shows(FIVE, wrong)).isFalse();
        assertThat(told(Duration.ofHours(1), Duration.ofMillis(1)).same(wrong)).isTrue();
        assertThat(told(Duration.ZERO, Duration.ofMillis(1)).same(wrong)).isFalse();
    }
}
