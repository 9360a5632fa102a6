package io.havoq.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LedgerConcurrencyTest {
    private static final int PUBLISHERS = 3;
    private static final int MESSAGES = 20_000;

    /**
     * Senders, acknowledgers and deliverers on threads of their own, while a judge looks on all the time: no judgement on
     * the way may hold a violation other than deliveries that are still due, and the last one none but those planted.
     */
    @Test
    @Timeout(60)
    void recordsOfManyThreadsAddUpWhileItIsJudged() throws Exception {
        var ledger = new Ledger(1, 40, 0);
        var subscriber = ledger.subscriber(0, "s", "t/#");
        subscriber.connected("n", false, 1);
        subscriber.subscribed(2, 2);
        var done = new AtomicBoolean();
        var threads = Executors.newCachedThreadPool();
        try {
            var workers = new ArrayList<Callable<Void>>();
            for (var i = 0; i < PUBLISHERS; i++) {
                var publisher = ledger.publisher(i, "p" + i, "t/" + i);
                var topic = "t/" + i;
                var sent = new ArrayBlockingQueue<PublisherLog.Message>(100);
                var arriving = new ArrayBlockingQueue<PublisherLog.Message>(100);
                workers.add(() -> send(publisher, sent, arriving));
                workers.add(() -> {
                    for (var n = 0; n < MESSAGES; n++) {
                        var message = sent.take();
                        publisher.outcome(1, message.sequence(), Outcome.ACKNOWLEDGED, n, "");
                    }
                    return null;
                });
                workers.add(() -> {
                    for (var n = 0; n < MESSAGES; n++) {
                        var message = arriving.take();
                        // Every thousandth is lost, every hundredth comes twice.
                        for (var times = n % 1000 == 999 ? 0 : n % 100 == 0 ? 2 : 1; times > 0; times--) {
                            subscriber.delivered(
                                    topic, 1, false, false, message.payload().duplicate(), n);
                        }
                    }
                    return null;
                });
            }
            var judge = threads.submit(() -> {
                var judgements = 0;
                do {
                    var judgement = ledger.judge();
                    assertThat(judgement.violations())
                            .allSatisfy(violation ->
                                    assertThat(violation.invariant().word()).isEqualTo("qos1-loss"));
                    judgements++;
                } while (!done.get());
                return judgements;
            });
            for (var worker : threads.invokeAll(workers)) {
                worker.get();
            }
            done.set(true);
            assertThat(judge.get()).isPositive();
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }

        var lost = PUBLISHERS * MESSAGES / 1000;
        var all = PUBLISHERS * MESSAGES;
        assertThat(ledger.judge().byQos().get(1))
                .isEqualTo(new QosCounts(all, all, 0, 0, all - lost, lost, all / 100, 0, 0, 0, 0));
        assertThat(ledger.judge().violations())
                .singleElement()
                .satisfies(violation -> assertThat(violation.count()).isEqualTo(lost));
        assertThat(ledger.missing()).isEqualTo(lost);
        assertThat(ledger.deliveries(0, Long.MAX_VALUE).deliveries()).isEqualTo(all - lost);
    }

    /** Threads that share one publisher and one subscriber: no number is given twice, no record is overwritten. */
    @Test
    @Timeout(60)
    void threadsThatShareAStreamLoseNoRecord() throws Exception {
        var sharing = 4;
        var ledger = new Ledger(1, 40, 0);
        var publisher = ledger.publisher(0, "p", "t");
        var subscriber = ledger.subscriber(0, "s", "t");
        subscriber.subscribed(2, 1);
        var threads = Executors.newFixedThreadPool(sharing);
        try {
            Callable<Void> worker = () -> {
                for (var n = 0; n < MESSAGES; n++) {
                    var message = publisher.sending(1, "n", n, n);
                    publisher.outcome(1, message.sequence(), Outcome.ACKNOWLEDGED, n, "");
                    subscriber.delivered("t", 1, false, false, message.payload(), n);
                }
                return null;
            };
            for (var running : threads.invokeAll(List.of(worker, worker, worker, worker))) {
                running.get();
            }
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }

        var counts = ledger.judge().byQos().get(1);
        var all = (long) sharing * MESSAGES;
        assertThat(List.of(counts.sent(), counts.acknowledged(), counts.delivered()))
                .containsOnly(all);
        assertThat(counts.duplicates()).isZero();
        assertThat(ledger.settled()).isTrue();
    }

    private static Void send(
            PublisherLog publisher,
            BlockingQueue<PublisherLog.Message> sent,
            BlockingQueue<PublisherLog.Message> arriving)
            throws InterruptedException {
        for (var n = 0; n < MESSAGES; n++) {
            var message = publisher.sending(1, "n", n, n);
            for (var queue : List.of(sent, arriving)) {
                queue.put(message);
            }
        }
        return null;
    }
}
