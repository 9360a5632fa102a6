package io.havoq.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
    @ParameterizedTest
    @CsvSource({"0,PT0S", "1h30m,PT1H30M", "1.5s,PT1.5S", "250ms,PT0.25S", "-2m,PT-2M", "3us,PT0.000003S", ".5s,PT0.5S"
    })
    void readsWhatGoReads(String text, Duration expected) {
        assertThat(GoDuration.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "5 s", "s", "1d", "1h-2m", "10s ", "9999999999h"})
    void refusesTheRestAndSaysWhatItExpected(String text) {
        assertThatThrownBy(() -> GoDuration.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a duration");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1h30m", "1.5s", "250ms", "0s", "-2m", "3us", "1m0.001s"})
    void writesWhatItReads(String text) {
        var duration = GoDuration.parse(text);
        assertThat(GoDuration.parse(GoDuration.format(duration))).isEqualTo(duration);
    }
}
