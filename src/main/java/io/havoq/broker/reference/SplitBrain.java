package io.havoq.broker.reference;

import java.util.List;

/**
 * The defect {@link Defect#MINORITY_ACCEPTS} at work: a copy of the state that a cut-off node goes on with by itself. Nothing
 * of it gets into the log, so whatever it acknowledged is lost when the node finds back.
 */
final class SplitBrain {
    private final String node;
    private final long boot;
    private final BrokerState copy;
    private final Runnable flush;
    private long sequence;

    /**
     * @param snapshot of the last state that this node applied
     * @param flush called after each operation's effects
     */
    SplitBrain(String node, long boot, byte[] snapshot, Effects effects, Runnable flush) {
        this.node = node;
        this.boot = boot;
        this.flush = flush;
        this.copy = BrokerState.read(snapshot, effects, Defect.MINORITY_ACCEPTS);
        this.sequence = copy.sequence(node, boot);
    }

    /** Does at once, and here only, what should have been committed first. */
    synchronized void apply(Operation operation) {
        copy.apply(new Batch(node, boot, ++sequence, List.of(operation)), 0);
        flush.run();
    }
}
