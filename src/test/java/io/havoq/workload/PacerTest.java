package io.havoq.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PacerTest {
    @Test
    void intendedTimesDoNotDriftAtARateThatDividesNoSecond() {
        assertThat(Pacer.intendedNanos(1_000, 0, 100)).isEqualTo(1_000);
        assertThat(Pacer.intendedNanos(1_000, 1, 100)).isEqualTo(10_001_000);
        assertThat(Pacer.intendedNanos(0, 3_000_000, 300)).isEqualTo(10_000_000_000_000L);
    }

    @Test
    void aSlowMessageDoesNotMoveTheOnesAfterIt() throws InterruptedException {
        List<Long> intended = Collections.synchronizedList(new ArrayList<>());
        var hold = new CountDownLatch(1);
        var pacer = new Pacer(1000, due -> {
            intended.add(due);
            if (intended.size() == 3) {
                awaitUninterruptibly(hold);
            }
            return true;
        });
        pacer.start();
        await().until(() -> intended.size() == 3);
        var stalled = RunClock.now();
        await().until(() -> RunClock.now() - stalled > 50_000_000);
        hold.countDown();
        await().until(() -> intended.size() >= 50);
        pacer.stop();

        var first = intended.get(0);
        var expected = LongStream.range(0, intended.size())
                .map(k -> first + k * 1_000_000)
                .boxed()
                .toList();
        assertThat(intended).isEqualTo(expected);
        assertThat(pacer.report().lagMax()).as("the stall is on record").isGreaterThan(Duration.ofMillis(40));
    }

    @Test
    void whatTheDispatcherRefusesCountsAsWithheld() {
        var pacer = new Pacer(100, due -> due % 2 == 0);

        LongStream.range(0, 10).forEach(due -> pacer.send(due, due));

        assertThat(pacer.report()).isEqualTo(new PacingReport(10, 5, 5, Duration.ZERO, Duration.ZERO));
    }

    @Test
    void lagsDuringABurstAreLeftOutOfTheReport() {
        var pacer = new Pacer(100, due -> true);

        pacer.disturbed(true);
        pacer.send(0, 900_000_000);
        pacer.disturbed(false);
        pacer.send(0, 3_000_000);

        assertThat(pacer.report().sent()).isEqualTo(2);
        assertThat(pacer.report().lagMax()).isBetween(Duration.ofMillis(3), Duration.ofMillis(4));
    }

    @Test
    void aGeneratorThatStoodStillWithholdsInsteadOfBursting() {
        var pacer = new Pacer(100, due -> true);
        var late = Pacer.TOO_LATE.toNanos() + 1;

        pacer.send(0, late);
        pacer.send(0, late - 1);

        assertThat(pacer.report().withheld()).isEqualTo(1);
        assertThat(pacer.report().sent()).isEqualTo(1);
    }

    @Test
    void nothingIsSentAfterStop() {
        var pacer = new Pacer(10_000, due -> true);
        pacer.start();
        await().until(() -> pacer.report().sent() > 0);

        pacer.stop();

        var sent = pacer.report().sent();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("havoq-pacer");
        assertThat(pacer.report().sent()).isEqualTo(sent);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
