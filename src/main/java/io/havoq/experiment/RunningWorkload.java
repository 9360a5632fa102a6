package io.havoq.experiment;

import io.havoq.Workload;
import io.havoq.ledger.Ledger;

/** The load as the test sees it. */
record RunningWorkload(ExperimentLife life, Instruments instruments) implements Workload {
    @Override
    public Ledger ledger() {
        return life.recovered() ? life.drain() : instruments.ledger();
    }

    @Override
    public int connectedTo(String target) {
        return instruments.connectedTo(target);
    }
}
