package io.havoq.fault.local.process;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A node as the supervisor has it: a snapshot.
 *
 * @param uid of the pod
 * @param restartCount of the container in this pod
 * @param run how many times its process was started in all; names one start
 * @param pid of its process as the sandbox sees it, while it has one
 * @param ready whether its readiness check passed in this run
 * @param held whether a fault keeps it from being started
 * @param ends how often its process ended without having been asked to
 * @param lastExit how its last process ended
 * @param problem why it could not be started, or empty
 */
public record NodeState(
        String name,
        String uid,
        int restartCount,
        long run,
        OptionalLong pid,
        boolean ready,
        boolean held,
        int ends,
        Optional<Exit> lastExit,
        String problem) {
    /** Whether its process runs. */
    public boolean running() {
        return pid.isPresent();
    }

    /** The pod's phase as Kubernetes writes it. */
    public String phase() {
        return running() ? "Running" : "Pending";
    }
}
