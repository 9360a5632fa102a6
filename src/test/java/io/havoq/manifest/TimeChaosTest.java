package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.manifest.TimeChaos.ClockId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeChaosTest {
    private static final String MANIFEST = """
            apiVersion: chaos-mesh.org/v1alpha1
            kind: TimeChaos
            metadata:
              name: skew
            spec:
              mode: one
              selector:
                labelSelectors:
                  app: emqx-go
            """;

    private static TimeChaos read(String rest) {
        return (TimeChaos) Manifests.parse("skew.yaml", MANIFEST + rest).get(0).spec();
    }

    @ParameterizedTest
    @CsvSource({"5m, PT5M", "+5m, PT5M", "-1h30m, PT-1H-30M", "-10m100ns, PT-10M-0.0000001S", "1.5s, PT1.5S"})
    void theOffsetIsReadAsGoReadsIt(String text, Duration expected) {
        assertThat(read("  timeOffset: " + text + "\n").timeOffset()).isEqualTo(expected);
    }

    @Test
    void withoutClocksTheTimeOfDayIsMeant() {
        var spec = read("  timeOffset: 5m\n");
        assertThat(spec.clockIds()).containsExactly(ClockId.CLOCK_REALTIME);
        assertThat(spec.containerNames()).isEmpty();
        assertThat(spec.duration()).isEmpty();
    }

    @Test
    void everyClockOfChaosMeshIsKnown() {
        var spec = read("  timeOffset: 5m\n  clockIds: [CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,"
                + " CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE,"
                + " CLOCK_BOOTTIME, CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM]\n");
        assertThat(spec.clockIds()).containsExactly(ClockId.values());
    }

    @Test
    void aDryRunTellsOffsetAndClocks() {
        var document = Manifests.read("chaos/08-time-skew.yaml");
        assertThat(DryRun.lines(document, List.of(Pod.broker(4)), 1))
                .containsExactly(
                        "dry run with seed 1: nothing is injected",
                        "chaos/08-time-skew.yaml:3: TimeChaos offset 5m 'time-skew', mode one of 1 matching, for 2m",
                        "  would hit default/emqx-go-4, container emqx-go",
                        "  shifting CLOCK_REALTIME");
    }

    @Test
    void whatShiftsNothingIsRefused() {
        var selection = read("  timeOffset: 5m\n").selection();
        assertThatThrownBy(() -> new TimeChaos(
                        "none", selection, List.of(), Duration.ZERO, TimeChaos.DEFAULT_CLOCKS, Optional.empty()))
                .hasMessageContaining("none shifts nothing");
    }
}
