package io.havoq.workload;

import io.havoq.ledger.Outcome;
import java.util.concurrent.atomic.LongAdder;

/** Counts what the load does while it runs, for progress lines; the ledger is what judges. Thread-safe. */
final class LoadCounters {
    private final LongAdder sent = new LongAdder();
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder acknowledgedAboveQos0 = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder unknown = new LongAdder();
    private final LongAdder delivered = new LongAdder();

    void sent(int qos) {
        sent.increment();
    }

    void finished(int qos, Outcome outcome) {
        switch (outcome) {
            case ACKNOWLEDGED -> {
                acknowledged.increment();
                if (qos > 0) {
                    acknowledgedAboveQos0.increment();
                }
            }
            case REFUSED -> refused.increment();
            case UNKNOWN -> unknown.increment();
        }
    }

    void delivered() {
        delivered.increment();
    }

    LoadProgress snapshot() {
        return new LoadProgress(
                sent.sum(),
                acknowledged.sum(),
                acknowledgedAboveQos0.sum(),
                refused.sum(),
                unknown.sum(),
                delivered.sum());
    }
}
