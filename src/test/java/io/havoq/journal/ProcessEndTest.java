package io.havoq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessEndTest {
    /** Has a child that it never waits for. */
    private Process parent;

    private ProcessHandle child;

    @BeforeEach
    void start() throws IOException {
        parent = new ProcessBuilder("sh", "-c", "sleep 600 >/dev/null & echo $!; exec sleep 600").start();
        var output = new BufferedReader(new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8));
        child = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
    }

    @AfterEach
    void end() {
        child.destroyForcibly();
        parent.destroyForcibly();
    }

    @Test
    void aDeadProcessHasEndedThoughItsParentNeverWaitsForIt() throws Exception {
        child.destroyForcibly();

        assertThat(ProcessEnd.await(child, Duration.ofSeconds(10))).isTrue();

        assertThat(child.isAlive()).as("the dead child still has its entry").isTrue();
    }

    @Test
    void aLivingProcessIsWaitedForUntilTheTimeIsOver() throws Exception {
        var begun = System.nanoTime();

        assertThat(ProcessEnd.await(child, Duration.ofMillis(50))).isFalse();

        assertThat(System.nanoTime() - begun)
                .isGreaterThanOrEqualTo(Duration.ofMillis(50).toNanos());
    }
}
