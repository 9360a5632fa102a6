package io.havoq;

import io.havoq.ledger.DeliveryStatistics;
import io.havoq.ledger.Ledger;
import io.havoq.workload.Burst;

/** The load kept up during the experiment, as a test method's parameter. */
public interface Workload {
    /**
     * The ledger. After {@link Experiment#recover()} the first call stops publishing and waits until everything
     * outstanding arrived or the bound has passed, so that what it says of loss is final.
     */
    Ledger ledger();

    /**
     * What was delivered since the fault began, and how long it took: up to now, or once recovery was measured, up to the end of
     * the fault and its outage. Bursts are left out.
     *
     * @throws InconclusiveException if fewer messages were delivered than {@code havoq.evidence.window}
     */
    DeliveryStatistics deliveriesDuring();

    /** The latency of {@link #deliveriesDuring()}, in milliseconds from the intended send time to the hand-over. */
    DeliveryStatistics.Latency latencyDuring();

    /**
     * Sends as much as the cluster takes for a short while ({@code havoq.workload.burst}): publishers of their own, each with one QoS 1
     * message under way. In the ledger like everything else. Needs {@link MeasuresThroughput}.
     */
    Burst burst();

    /** The burst that was sent before the fault. Needs {@link MeasuresThroughput}. */
    Burst normalBurst();

    /** How many of the load's clients are connected to a node now. */
    int connectedTo(String target);
}
