package io.havoq.broker.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskTrialTest {
    private static final Duration BOUND = Duration.ofSeconds(20);

    /** Every write to it fails for want of space (full(4)). */
    private static final Path FULL = Path.of("/dev/full");

    @TempDir
    private Path data;

    private final CopyOnWriteArrayList<IOException> failures = new CopyOnWriteArrayList<>();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile boolean leaderless;
    private DiskTrial trial;

    @BeforeEach
    void start() {
        trial = new DiskTrial(
                data,
                () -> {
                    looks.incrementAndGet();
                    return leaderless;
                },
                failures::add);
        trial.start();
    }

    @AfterEach
    void close() {
        trial.close();
    }

    @Test
    void aDiskThatTakesNothingIsToldWhileNoLeaderIsKnown() throws Exception {
        Files.createSymbolicLink(data.resolve("disk-trial"), FULL);
        leaderless = true;

        await("the failure is told").atMost(BOUND).until(() -> !failures.isEmpty());
        assertThat(failures).singleElement().asString().contains("No space left");
    }

    @Test
    void withALeaderNothingIsWritten() throws Exception {
        Files.createSymbolicLink(data.resolve("disk-trial"), FULL);

        await("it has looked often enough").atMost(BOUND).until(() -> looks.get() >= 5);
        assertThat(failures).isEmpty();
    }

    @Test
    void aDiskThatTakesItIsWrittenToAgainAndAgain() throws Exception {
        leaderless = true;

        await("it has written").atMost(BOUND).until(() -> Files.exists(data.resolve("disk-trial")));
        var seen = looks.get();
        await("it goes on").atMost(BOUND).until(() -> looks.get() > seen + 1);
        assertThat(failures).isEmpty();
        assertThat(Files.size(data.resolve("disk-trial"))).isOne();
    }
}
