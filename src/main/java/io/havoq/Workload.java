package io.havoq;

import io.havoq.ledger.Ledger;

/** The load kept up during the experiment, as a test method's parameter. */
public interface Workload {
    /**
     * The ledger. After {@link Experiment#recover()} the first call stops publishing and waits until everything
     * outstanding arrived or the bound has passed, so that what it says of loss is final.
     */
    Ledger ledger();

    /** How many of the load's clients are connected to a node now. */
    int connectedTo(String target);
}
