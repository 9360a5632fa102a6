package io.havoq.fault.local;

import io.havoq.fault.local.clock.ClockSupport;
import io.havoq.fault.local.network.NetworkSupport;
import io.havoq.fault.local.stress.StressSupport;
import io.havoq.fault.local.syscall.SyscallSupport;

/**
 * What the local engine can do to the nodes of one cluster, or why it cannot.
 *
 * @param network whether the nodes have a network of their own
 * @param clocks whether and how the nodes' clocks are shifted
 * @param stress what holds the nodes within limits
 * @param syscalls whether the nodes' system calls can be delayed and failed
 */
public record LocalSupports(
        NetworkSupport network, ClockSupport clocks, StressSupport stress, SyscallSupport syscalls) {}
