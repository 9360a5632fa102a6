package io.havoq;

import io.havoq.environment.Target;
import java.util.List;

/** The running experiment, as a test method's parameter. To be used by the test's own thread. */
public interface Experiment {
    /** Unique per invocation within the run; the id of this experiment in the results. */
    String id();

    /** The targets that were hit, as they were right before, of a fault between nodes its sources; empty for a baseline. */
    List<Target> targets();

    /**
     * Runs assertions while the fault is in force. If it was not in force throughout, the experiment is inconclusive, whatever the
     * assertions said. A kill counts as in force until the nodes that it hit are ready again, and must be so at the beginning.
     */
    void during(ThrowingBody body);

    /**
     * Waits until a lasting fault has been in force for its time: the manifest's duration, locally shortened to
     * {@code havoq.local.max-duration}. That happens anyway after the test method; call it where figures of the whole fault
     * are asked for. Returns at once for kills and after {@link #recover()}. Idempotent.
     */
    void hold();

    /**
     * States what should hold. A failed assertion is a warning in the result and does not end the test; with
     * {@code havoq.strict=true} it fails the experiment. Whatever else is thrown is thrown on.
     *
     * @param what should hold, for people: {@code "P99 below 1 s"}
     */
    void should(String what, ThrowingBody body);

    /**
     * Removes the fault now instead of after the test method, waits until the cluster has recovered or the bound has passed,
     * and returns what was measured. Idempotent.
     */
    Recovery recover();

    /** Assertions that may throw anything. */
    @FunctionalInterface
    interface ThrowingBody {
        void run() throws Throwable;
    }
}
