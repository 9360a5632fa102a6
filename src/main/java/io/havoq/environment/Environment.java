package io.havoq.environment;

import io.havoq.fault.Aim;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where experiments run. Started once per run and shared; closed at its end whatever happened. Thread-safe.
 */
public interface Environment extends AutoCloseable {
    /** For a lasting fault whose manifest says nothing. */
    Duration DEFAULT_TIME_IN_FORCE = Duration.ofSeconds(15);

    /** The word users write in {@code havoq.environment}. */
    String name();

    /** The broker preset or product, e.g. {@code reference}. */
    String broker();

    /** One line for the console and the report: what runs where and what this environment can and cannot do here. */
    String description();

    /**
     * Starts what has to be started and returns when every node is ready. Idempotent.
     *
     * @throws EnvironmentException with the node's last log lines if a node did not become ready in time
     */
    void start();

    /**
     * Does whatever must be done for faults before the cluster is in steady state: called before each experiment, before and after
     * {@link #start}. A running cluster may be replaced by a new one.
     */
    default void prepare(Collection<? extends ChaosSpec> faults) {}

    /** How long the cluster may take until every node is ready. */
    Duration startTimeout();

    /** All targets, ordered by name: a fresh snapshot. */
    List<Target> targets();

    /**
     * Whether one of a target's ports accepts connections, asked where the target listens: on the way there somebody else
     * may accept them.
     *
     * @param purpose one of the target's {@link Target#ports()}
     * @return why not; empty if it does
     */
    default Optional<String> portProblem(Target target, String purpose) {
        return PortCheck.problem(target.ports().get(purpose));
    }

    /** One MQTT endpoint per target, in the same order. */
    List<MqttEndpoint> endpoints();

    /** What clients log in with, if anything. */
    Optional<Credentials> credentials();

    /** Each target's role in the cluster now; {@link Role#UNKNOWN} where the broker tells none. */
    Map<String, Role> roles();

    /** Injects faults into these targets. */
    FaultEngine faults();

    /** Whether these faults may be injected together here, with the targets that were chosen. Nothing has been done yet. */
    default Support allows(List<Aim> together) {
        return new Support.Supported();
    }

    /**
     * Why this environment cannot vouch for what was seen under a fault, whatever the engine says: that the clients do not come over the
     * network that it disturbs, for example. Asked once, right after its removal; a doubt makes the experiment inconclusive.
     */
    default Optional<String> doubt(ChaosSpec fault) {
        return Optional.empty();
    }

    /**
     * How long a lasting fault is kept in force here.
     *
     * @param manifest what its manifest says, if it says anything
     */
    default Duration timeInForce(Optional<Duration> manifest) {
        return manifest.orElse(DEFAULT_TIME_IN_FORCE);
    }

    /** The last lines of a target's log, oldest first; empty if there is none. */
    List<String> logTail(String target, int lines);

    /** The whole log as a file, if the environment keeps one. */
    Optional<Path> logFile(String target);

    /**
     * Restart back-off and restart counts start afresh: called once before each experiment.
     *
     * @param id the experiment's, unique within the run
     */
    void beginExperiment(String id);

    /**
     * Why a node whose process ended now would be started again late by no doing of its broker; empty if it would not, as far as anyone
     * can tell.
     */
    default Optional<String> restartWouldWait(Target target) {
        return Optional.empty();
    }

    /**
     * The nodes that were kept down since {@link #beginExperiment}, or are, by no doing of their brokers: started again late, not given a
     * place, cut off. One that ended again and waits for that is none: its own end is what it waits for.
     */
    default List<RestartDelay> restartDelays() {
        return List.of();
    }

    /**
     * Called once after each experiment that touched the cluster, when it has been judged: the last chance to keep what belongs to it.
     *
     * @param id as in {@link #beginExperiment}
     */
    default void endExperiment(String id) {}

    /**
     * Whether {@link #rebuild} can be done here. Where it cannot, the next experiment waits for the cluster to become steady again, and
     * one that does not ends the run.
     */
    default boolean rebuilds() {
        return true;
    }

    /**
     * Replaces a cluster that did not recover by a new one with empty data.
     *
     * @return false if this environment cannot
     */
    boolean rebuild();

    @Override
    void close();
}
