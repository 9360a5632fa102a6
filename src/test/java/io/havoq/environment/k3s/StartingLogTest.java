package io.havoq.environment.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.output.OutputFrame.OutputType;

class StartingLogTest {
    private final StartingLog log = new StartingLog(Duration.ofMinutes(10));

    private void says(String line) {
        log.accept(new OutputFrame(OutputType.STDERR, line.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void k3sIsUpWhenItSaysSo() {
        says("level=info msg=\"Starting k3s\"\n");
        says("I1123 21:30:00 node_controller.go:425] Node controller sync successful\n");
        log.accept(OutputFrame.END);

        log.waitUntilReady();
    }

    /** Not when the time is up: the 10 minutes are for a K3s that lives. */
    @Test
    void oneThatEndsIsToldAtOnce() {
        says("level=fatal msg=\"no cgroups\"\n");
        log.accept(OutputFrame.END);

        assertThatThrownBy(log::waitUntilReady).hasMessage("K3s has ended before it was up");
        assertThat(log.lastLines()).isEqualTo("; the last of its log: level=fatal msg=\"no cgroups\"");
    }

    @Test
    void theLastLinesAreKeptAndNoMore() {
        assertThat(log.lastLines()).isEmpty();
        for (var line = 1; line <= 7; line++) {
            says("line " + line + "\n\n");
        }

        assertThat(log.lastLines()).isEqualTo("; the last of its log: line 3 | line 4 | line 5 | line 6 | line 7");
    }

    @Test
    void oneThatIsNotUpInTimeIsToldWithTheSetting() {
        var impatient = new StartingLog(Duration.ofMillis(10));

        assertThatThrownBy(impatient::waitUntilReady)
                .hasMessageContaining("within 0 s")
                .hasMessageContaining(K3sSettings.START_TIMEOUT.key());
    }

    @Test
    void whoWaitsCanBeInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(log::waitUntilReady).hasMessage("interrupted while K3s was starting");
        assertThat(Thread.interrupted()).isTrue();
    }
}
