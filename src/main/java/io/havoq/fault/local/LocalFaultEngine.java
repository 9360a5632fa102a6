package io.havoq.fault.local;

import io.havoq.environment.Target;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Support;
import io.havoq.fault.local.process.ProcessFault;
import io.havoq.fault.local.process.Supervisor;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.PodChaos;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/** Carries out faults on the nodes of the local environment. Thread-safe. */
public final class LocalFaultEngine implements FaultEngine {
    private final Supervisor supervisor;
    private final Function<String, InetSocketAddress> endpoint;
    private final Function<String, OptionalLong> hostPid;

    /**
     * @param endpoint where clients reach a node
     * @param hostPid the pid by which this machine knows a node's process; empty if it has none now
     */
    public LocalFaultEngine(
            Supervisor supervisor,
            Function<String, InetSocketAddress> endpoint,
            Function<String, OptionalLong> hostPid) {
        this.supervisor = supervisor;
        this.endpoint = endpoint;
        this.hostPid = hostPid;
    }

    @Override
    public Support supports(ChaosSpec spec) {
        if (spec instanceof PodChaos) {
            return new Support.Supported();
        }
        return new Support.Unsupported(
                spec.kind() + " is not carried out by the local engine", "run it with havoq.environment=kubernetes");
    }

    @Override
    public Injection inject(String id, ChaosSpec spec, List<Target> targets) {
        if (targets.isEmpty()) {
            throw new FaultException(id + ": no target was given, so nothing was injected");
        }
        if (!(spec instanceof PodChaos kill)) {
            throw new FaultException(id + ": " + spec.kind() + " is not carried out by the local engine");
        }
        if (kill.podAction() == PodChaos.Action.CONTAINER_KILL) {
            for (var target : targets) {
                if (!target.containers().containsAll(kill.containerNames())) {
                    throw new FaultException(
                            id + ": containerNames " + kill.containerNames() + " names a container that "
                                    + target.name() + " does not have, only " + target.containers());
                }
            }
        }
        return ProcessFault.inject(id, kill, targets, supervisor, endpoint, hostPid);
    }
}
