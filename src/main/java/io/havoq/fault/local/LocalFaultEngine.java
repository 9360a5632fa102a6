package io.havoq.fault.local;

import io.havoq.environment.Target;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Support;
import io.havoq.fault.local.network.DnsInjection;
import io.havoq.fault.local.network.LatenessBound;
import io.havoq.fault.local.network.NetworkControl;
import io.havoq.fault.local.network.NetworkFault;
import io.havoq.fault.local.network.NetworkSupport;
import io.havoq.fault.local.process.Power;
import io.havoq.fault.local.process.ProcessFault;
import io.havoq.fault.local.process.Supervisor;
import io.havoq.fault.local.stress.StressFault;
import io.havoq.fault.local.stress.StressSupport;
import io.havoq.manifest.Bandwidth;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.DnsChaos;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.StressChaos;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/** Carries out faults on the nodes of the local environment. Thread-safe. */
public final class LocalFaultEngine implements FaultEngine {
    private final Supervisor supervisor;
    private final Function<String, InetSocketAddress> endpoint;
    private final Function<String, OptionalLong> hostPid;
    private final NetworkSupport network;
    private final LatenessBound lateness;
    private final StressSupport stress;

    /**
     * @param endpoint where clients reach a node
     * @param hostPid the pid by which this machine knows a node's process; empty if it has none now
     * @param lateness how late the packet switch may be
     * @param stress what holds the nodes within limits
     */
    public LocalFaultEngine(
            Supervisor supervisor,
            Function<String, InetSocketAddress> endpoint,
            Function<String, OptionalLong> hostPid,
            NetworkSupport network,
            LatenessBound lateness,
            StressSupport stress) {
        this.supervisor = supervisor;
        this.endpoint = endpoint;
        this.hostPid = hostPid;
        this.network = network;
        this.lateness = lateness;
        this.stress = stress;
    }

    @Override
    public Support supports(ChaosSpec spec) {
        if (spec instanceof PodChaos pod) {
            return pod.powerOff() ? onOwnNetwork() : new Support.Supported();
        }
        if (spec instanceof NetworkChaos chaos) {
            return chaos.bandwidth().flatMap(Bandwidth::peakRate).isPresent()
                    ? new Support.Unsupported(
                            "bandwidth.peakrate is not carried out by the local engine",
                            "leave peakrate and minburst out, or run it with havoq.environment=kubernetes")
                    : onOwnNetwork();
        }
        if (spec instanceof DnsChaos) {
            return onOwnNetwork();
        }
        if (spec instanceof StressChaos chaos) {
            return stress.supports(chaos);
        }
        return new Support.Unsupported(
                spec.kind() + " is not carried out by the local engine", "run it with havoq.environment=kubernetes");
    }

    private Support onOwnNetwork() {
        return network instanceof NetworkSupport.Unavailable none
                ? new Support.Unsupported("the nodes have no network of their own: " + none.reason(), none.remedy())
                : new Support.Supported();
    }

    @Override
    public Injection inject(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
        if (targets.isEmpty()) {
            throw new FaultException(id + ": no target was given, so nothing was injected");
        }
        if (spec instanceof PodChaos kill) {
            return inject(id, kill, targets);
        }
        if (spec instanceof StressChaos chaos) {
            return StressFault.inject(id, chaos, targets, supervisor, stress);
        }
        if (!(network instanceof NetworkSupport.Available available)) {
            throw new FaultException(id + ": " + spec.kind() + " needs a network of the nodes' own");
        }
        if (spec instanceof NetworkChaos chaos) {
            return NetworkFault.inject(id, chaos, targets, peers, available, lateness);
        }
        if (spec instanceof DnsChaos chaos) {
            return DnsInjection.inject(id, chaos, targets, available);
        }
        throw new FaultException(id + ": " + spec.kind() + " is not carried out by the local engine");
    }

    private Injection inject(String id, PodChaos kill, List<Target> targets) {
        if (kill.podAction() == PodChaos.Action.CONTAINER_KILL) {
            for (var target : targets) {
                if (!target.containers().containsAll(kill.containerNames())) {
                    throw new FaultException(
                            id + ": containerNames " + kill.containerNames() + " names a container that "
                                    + target.name() + " does not have, only " + target.containers());
                }
            }
        }
        return ProcessFault.inject(id, kill, targets, supervisor, power(), endpoint, hostPid);
    }

    private Power power() {
        return new Power() {
            @Override
            public void off(String node) {
                control(node).powerOff(node);
            }

            @Override
            public void on(String node) {
                control(node).powerOn(node);
            }
        };
    }

    private NetworkControl control(String node) {
        if (network instanceof NetworkSupport.Available available) {
            return available.control();
        }
        throw new FaultException(node + " has no links of its own that could be cut");
    }
}
