package io.havoq.workload;

import io.havoq.ledger.DeliveryStatistics.Latency;
import io.havoq.ledger.Outcome;
import io.havoq.mqtt.PublishOutcome;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * One burst: every publisher sends its next QoS 1 message when the last one was answered, so that the rate is what the cluster
 * takes. A publisher without a connection takes part again when it has one. To be used once.
 */
final class ClosedLoop {
    /** Where an answer brings no next message, since the connection was away, the next look does. */
    private static final long LOOK_NANOS = 5_000_000;

    private final List<Turn> turns;
    private final Histogram micros = new Histogram(TimeUnit.HOURS.toMicros(1), 3);
    private volatile boolean over;

    ClosedLoop(List<LoadPublisher> publishers) {
        turns = publishers.stream().map(Turn::new).toList();
    }

    /** Runs for a while; throws {@link InterruptedException} when interrupted. */
    Burst run(Duration span) throws InterruptedException {
        var from = RunClock.now();
        try {
            while (RunClock.now() - from < span.toNanos()) {
                turns.forEach(Turn::next);
                LockSupport.parkNanos(this, LOOK_NANOS);
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted during a burst");
                }
            }
        } finally {
            over = true;
        }
        return burst(RunClock.between(from, RunClock.now()));
    }

    private Burst burst(Duration lasted) {
        synchronized (micros) {
            var acknowledged = micros.getTotalCount();
            return new Burst(
                    acknowledged,
                    lasted,
                    acknowledged * 1e9 / lasted.toNanos(),
                    acknowledged == 0
                            ? Optional.empty()
                            : Optional.of(new Latency(
                                    micros.getValueAtPercentile(50) / 1000.0,
                                    micros.getValueAtPercentile(95) / 1000.0,
                                    micros.getValueAtPercentile(99) / 1000.0,
                                    micros.getMaxValue() / 1000.0)));
        }
    }

    /** One publisher's messages, one after the other. */
    private final class Turn {
        private final LoadPublisher publisher;
        private final AtomicBoolean waiting = new AtomicBoolean();

        Turn(LoadPublisher publisher) {
            this.publisher = publisher;
        }

        void next() {
            if (over || !waiting.compareAndSet(false, true)) {
                return;
            }
            var from = RunClock.now();
            if (!publisher.offer(1, from, Integer.MAX_VALUE, outcome -> answered(from, outcome))) {
                waiting.set(false);
            }
        }

        private void answered(long fromNanos, PublishOutcome outcome) {
            if (outcome.outcome() == Outcome.ACKNOWLEDGED && !over) {
                synchronized (micros) {
                    micros.recordValue(
                            Math.min((outcome.nanos() - fromNanos) / 1000, micros.getHighestTrackableValue()));
                }
            }
            waiting.set(false);
            next();
        }
    }
}
