package io.havoq.fault.local;

import io.havoq.environment.Target;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Support;
import io.havoq.fault.local.clock.ClockFault;
import io.havoq.fault.local.clock.ClockSupport;
import io.havoq.fault.local.network.DnsInjection;
import io.havoq.fault.local.network.LatenessBound;
import io.havoq.fault.local.network.NetworkControl;
import io.havoq.fault.local.network.NetworkFault;
import io.havoq.fault.local.network.NetworkSupport;
import io.havoq.fault.local.network.PowerFailure;
import io.havoq.fault.local.process.Power;
import io.havoq.fault.local.process.ProcessFault;
import io.havoq.fault.local.process.Supervisor;
import io.havoq.fault.local.service.Undisturbed;
import io.havoq.fault.local.stress.StressFault;
import io.havoq.fault.local.syscall.CallRules;
import io.havoq.fault.local.syscall.SyscallFault;
import io.havoq.fault.local.syscall.SyscallSupport;
import io.havoq.manifest.Bandwidth;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.DnsChaos;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.KernelChaos;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.StressChaos;
import io.havoq.manifest.TimeChaos;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Function;

/** Carries out faults on the nodes of the local environment. Thread-safe. */
public final class LocalFaultEngine implements FaultEngine {
    private final Supervisor supervisor;
    private final Function<String, InetSocketAddress> endpoint;
    private final Function<String, OptionalLong> hostPid;
    private final LocalSupports supports;
    private final LatenessBound lateness;
    private final long seed;

    /**
     * @param endpoint where clients reach a node
     * @param hostPid the pid by which this machine knows a node's process; empty if it has none now
     * @param supports what can be done here
     * @param lateness how late the packet switch may be
     * @param seed of what is random
     */
    public LocalFaultEngine(
            Supervisor supervisor,
            Function<String, InetSocketAddress> endpoint,
            Function<String, OptionalLong> hostPid,
            LocalSupports supports,
            LatenessBound lateness,
            long seed) {
        this.supervisor = supervisor;
        this.endpoint = endpoint;
        this.hostPid = hostPid;
        this.supports = supports;
        this.lateness = lateness;
        this.seed = seed;
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
        if (spec instanceof TimeChaos) {
            return supports.clocks() instanceof ClockSupport.Available available
                    ? available.control().probe()
                    : noClocks((ClockSupport.Unavailable) supports.clocks());
        }
        if (spec instanceof StressChaos chaos) {
            return supports.stress().supports(chaos);
        }
        if (spec instanceof IoChaos || spec instanceof KernelChaos) {
            return bySystemCalls(spec);
        }
        return new Support.Unsupported(
                spec.kind() + " is not carried out by the local engine", "run it with havoq.environment=kubernetes");
    }

    private static Support noClocks(ClockSupport.Unavailable none) {
        return new Support.Unsupported("the nodes' clocks cannot be shifted: " + none.reason(), none.remedy());
    }

    private Support onOwnNetwork() {
        return supports.network() instanceof NetworkSupport.Unavailable none
                ? new Support.Unsupported("the nodes have no network of their own: " + none.reason(), none.remedy())
                : new Support.Supported();
    }

    private Support bySystemCalls(ChaosSpec spec) {
        var problem = CallRules.problem(spec);
        if (problem.isPresent()) {
            return unsupported(problem.get());
        }
        if (!(supports.syscalls() instanceof SyscallSupport.Available available)) {
            return unsupported((SyscallSupport.Unavailable) supports.syscalls());
        }
        var unwatched = new TreeSet<>(CallRules.watched(spec));
        unwatched.removeAll(available.control().watched());
        return unwatched.isEmpty()
                ? new Support.Supported()
                : new Support.Unsupported(
                        "the system calls " + unwatched + " are not watched in the nodes",
                        "let Havoq know of the manifest before the experiment: Environment.prepare");
    }

    private static Support unsupported(SyscallSupport.Unavailable why) {
        return new Support.Unsupported(why.reason(), why.remedy());
    }

    @Override
    public Injection inject(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
        if (targets.isEmpty()) {
            throw new FaultException(id + ": no target was given, so nothing was injected");
        }
        if (spec instanceof PodChaos kill) {
            return inject(id, kill, targets);
        }
        if (spec instanceof TimeChaos chaos) {
            if (supports.clocks() instanceof ClockSupport.Available reachable) {
                return ClockFault.inject(id, chaos, targets, reachable);
            }
            throw new FaultException(id + ": the nodes' clocks cannot be shifted here");
        }
        if (spec instanceof StressChaos chaos) {
            return StressFault.inject(id, chaos, targets, supervisor, supports.stress());
        }
        if (spec instanceof IoChaos || spec instanceof KernelChaos) {
            if (bySystemCalls(spec) instanceof Support.Unsupported no) {
                throw new FaultException(id + ": " + no.reason() + ". Remedy: " + no.remedy());
            }
            return SyscallFault.inject(
                    id, spec, targets, supervisor, (SyscallSupport.Available) supports.syscalls(), seed);
        }
        if (!(supports.network() instanceof NetworkSupport.Available available)) {
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
            public Failure prepare(String node) {
                return PowerFailure.prepare(control(node), node);
            }

            @Override
            public void on(String node) {
                Undisturbed.run(() -> control(node).powerOn(node));
            }
        };
    }

    private NetworkControl control(String node) {
        if (supports.network() instanceof NetworkSupport.Available available) {
            return available.control();
        }
        throw new FaultException(node + " has no links of its own that could be cut");
    }
}
