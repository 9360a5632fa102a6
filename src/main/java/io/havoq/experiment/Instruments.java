package io.havoq.experiment;

import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.Target;
import io.havoq.ledger.Judgement;
import io.havoq.ledger.Ledger;
import io.havoq.mqtt.MqttClients;
import io.havoq.recovery.CheckResult;
import io.havoq.recovery.RefusalCheck;
import io.havoq.recovery.Restart;
import io.havoq.recovery.ServiceCheck;
import io.havoq.report.ExperimentResult;
import io.havoq.workload.Burst;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that watches the broker during one experiment: load and ledger, outage and path probes, sessions and retained
 * messages that must survive. One per experiment, used by its thread alone. Whatever it made in the broker is gone after
 * {@link #close()}.
 */
interface Instruments {
    /** Long enough for an election on a loaded machine; a steady state that takes longer is none. */
    Duration STEADY_BOUND = Duration.ofSeconds(20);

    /** Where an environment brings instruments of its own. */
    interface Source {
        Instruments instruments(String id, Findings findings);
    }

    /** How a fault met the load: what was under way at the nodes about to be hit. */
    record Exposure(int connectedClients, int outstandingPublishes) {
        @Override
        public String toString() {
            return connectedClients + " connected clients and " + outstandingPublishes + " outstanding publishes";
        }
    }

    /**
     * Outages and recovery times, dated from timestamps.
     *
     * @param watchedUntilNanos until when the cluster was watched, if it did not become whole
     */
    record RecoveryTimes(
            Optional<Long> serviceRecoveredAtNanos,
            Optional<Long> clusterRecoveredAtNanos,
            Optional<Long> membersBackAtNanos,
            List<ExperimentResult.Outage> outages,
            long watchedUntilNanos,
            String detail) {}

    /**
     * Connects the probes and the load and starts publishing; throws if it does not come up whole.
     *
     * @param steadyBound how long every path and every node may take until they carry a message
     */
    void start(Duration steadyBound) throws InterruptedException;

    /** Lets the load flow for a while, so that there is something to compare with; throws if nothing flows. */
    void observe(Duration span) throws InterruptedException;

    /** From now on publishes are kept outstanding at these nodes, until closed. */
    AutoCloseable pressOn(Collection<String> targets) throws InterruptedException;

    /**
     * What a fault that was injected at these nodes since then has met.
     *
     * @param cut whether the fault ended the nodes' connections, whether their clients know it or not: then it is what these carried, else
     *     what is under way
     */
    Exposure exposure(Collection<String> targets, long sinceNanos, boolean cut);

    /** A fault acts since then: what is to be tried while it does begins. */
    void faultActs(long sinceNanos);

    /** Which of these nodes serve a client that comes anew. */
    List<ServiceCheck.Served> serve(List<MqttEndpoint> endpoints, Duration bound) throws InterruptedException;

    /** Which of these nodes refuse clients for a span that begins within a bound. */
    List<RefusalCheck.Refusal> refusal(List<MqttEndpoint> endpoints, Duration bound, Duration span)
            throws InterruptedException;

    /** Sends as much as the cluster takes for a short while. */
    Burst burst() throws InterruptedException;

    /** By how much the load's pacer was late with 1 % of the messages so far, or more. */
    Duration pacerLag();

    /**
     * Waits until the cluster is whole again or the bound, counted from now, has passed.
     *
     * @param windowFromNanos since when outages count: the fault's beginning
     * @param fromNanos what recovery counts from
     */
    RecoveryTimes awaitRecovery(long windowFromNanos, long fromNanos, Duration bound) throws InterruptedException;

    /**
     * Goes through the recovery checklist.
     *
     * @param before every target before the fault
     * @param restarts how the targets that were hit must have restarted
     */
    CheckResult checklist(List<Target> before, Map<String, Restart> restarts) throws InterruptedException;

    /** Publishes on until so many QoS 1 and 2 messages were acknowledged in all; returns whether it came to that. */
    boolean awaitAcknowledged(long count, Duration bound);

    /** Stops publishing and waits until everything due has arrived or the bound has passed; idempotent. */
    void drain(Duration bound) throws InterruptedException;

    Ledger ledger();

    /** The ledger's judgement now. */
    Judgement judge();

    /** How many of the load's clients are connected to a node. */
    int connectedTo(String target);

    /** The median time that the load's clients took to connect again after they lost their connection. */
    Optional<Duration> clientReconnect();

    /** Clients for the test author. */
    MqttClients clients();

    /** Ends all clients and removes what they left in the broker; throws if something could not be removed. */
    void close() throws InterruptedException;
}
