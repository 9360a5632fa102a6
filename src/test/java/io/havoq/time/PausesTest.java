package io.havoq.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends a pause. */
@Timeout(30)
class PausesTest {
    private static final Duration FOR_EVER = Duration.ofHours(1);

    private final Pauses pauses = new Pauses();

    @AfterEach
    void close() {
        pauses.close();
    }

    private boolean pass(Duration span) {
        try {
            return pauses.pass(span);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aPauseLastsAsLongAsItIsAskedToAndThenTheNextAttemptIsDue() {
        var from = RunClock.now();
        assertThat(pass(Duration.ofMillis(30))).isTrue();
        assertThat(RunClock.between(from, RunClock.now())).isGreaterThanOrEqualTo(Duration.ofMillis(30));
        assertThat(pass(Duration.ofMillis(-1))).isTrue();
        assertThat(pauses.closed()).isFalse();
    }

    @Test
    void closingEndsThePausesOfAllThreads() throws Exception {
        var passing = new ArrayList<CompletableFuture<Boolean>>();
        for (var i = 0; i < 3; i++) {
            passing.add(CompletableFuture.supplyAsync(() -> pass(FOR_EVER), task -> new Thread(task).start()));
        }
        pauses.close();
        for (var one : passing) {
            assertThat(one.get(10, TimeUnit.SECONDS)).isFalse();
        }
    }

    @Test
    void afterClosingThereIsNoPause() {
        pauses.close();
        pauses.close();
        assertThat(pass(FOR_EVER)).isFalse();
        assertThat(pass(Duration.ZERO)).isFalse();
        assertThat(pauses.closed()).isTrue();
    }

    @Test
    void anInterruptEndsAPause() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> pauses.pass(FOR_EVER)).isInstanceOf(InterruptedException.class);
    }
}
