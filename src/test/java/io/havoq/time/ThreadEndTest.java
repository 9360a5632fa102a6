package io.havoq.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadEndTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final CountDownLatch told = new CountDownLatch(1);
    private final Thread thread = new Thread(this::untilTold, "told");

    private void untilTold() {
        try {
            told.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        told.countDown();
        thread.join();
    }

    @Test
    void aThreadThatIsParkedIsWoken() {
        var parked = new Thread(() -> LockSupport.park(), "parked");
        parked.start();
        await("it is parked").until(() -> parked.getState() == Thread.State.WAITING);
        assertThat(ThreadEnd.await(parked, LONG)).isTrue();
    }

    @Test
    void anInterruptDoesNotEndTheWaitAndIsKept() throws InterruptedException {
        thread.start();
        var waiting = Thread.currentThread();
        var interrupting = new Thread(
                () -> {
                    try {
                        for (var times = 0; times < 2; times++) {
                            await("it waits").until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
                            waiting.interrupt();
                            await("the interrupt is taken").until(() -> !waiting.isInterrupted());
                        }
                        await("it waits again").until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
                    } finally {
                        told.countDown();
                    }
                },
                "interrupting");
        interrupting.start();
        var ended = ThreadEnd.await(thread, LONG);
        assertThat(Thread.interrupted()).isTrue();
        interrupting.join();
        assertThat(ended).isTrue();
    }

    @Test
    void aThreadThatDoesNotEndIsNotWaitedForLongerThanTheBound() {
        thread.start();
        assertThat(ThreadEnd.await(thread, Duration.ofMillis(20))).isFalse();
        assertThat(thread.isAlive()).isTrue();
    }
}
