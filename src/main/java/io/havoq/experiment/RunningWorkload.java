package io.havoq.experiment;

import io.havoq.InconclusiveException;
import io.havoq.Workload;
import io.havoq.ledger.DeliveryStatistics;
import io.havoq.ledger.Ledger;
import io.havoq.workload.Burst;

/** The load as the test sees it. */
record RunningWorkload(ExperimentLife life, Instruments instruments) implements Workload {
    @Override
    public Ledger ledger() {
        return life.recovered() ? life.drain() : instruments.ledger();
    }

    @Override
    public DeliveryStatistics deliveriesDuring() {
        return life.deliveriesDuring();
    }

    @Override
    public DeliveryStatistics.Latency latencyDuring() {
        return life.deliveriesDuring().latencyMillis().orElseThrow();
    }

    @Override
    public Burst burst() {
        try {
            return life.burst();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InconclusiveException("interrupted during a burst", e);
        }
    }

    @Override
    public Burst normalBurst() {
        return life.normalBurst();
    }

    @Override
    public int connectedTo(String target) {
        return instruments.connectedTo(target);
    }
}
