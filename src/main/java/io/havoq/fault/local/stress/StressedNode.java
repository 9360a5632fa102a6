package io.havoq.fault.local.stress;

import io.havoq.fault.FaultException;
import io.havoq.fault.Proof;
import io.havoq.fault.local.process.Exit;
import io.havoq.fault.local.process.NodeState;
import io.havoq.manifest.StressChaos;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** One target of a StressChaos: what was measured before, since, and what that proves. Guarded by its {@link StressFault}. */
final class StressedNode {
    private static final double MOST = 0.9;
    private static final long LOOK_NANOS = 500_000_000;
    private static final long DECIDED_NANOS = 3_000_000_000L;
    private static final double SECOND = 1e9;

    private final String node;
    private final StressChaos spec;
    private final StressSupport support;
    private final long run;
    private final long limit;
    private final Optional<GroupUsage> before;
    private final OptionalLong process;
    private final long waitedBefore;
    private final long since;
    private final List<Proof> counted = new ArrayList<>();
    private final List<Proof> seen = new ArrayList<>();
    private OptionalLong stressor = OptionalLong.empty();
    private OptionalLong memoryStressor = OptionalLong.empty();
    private long stressorUsed;
    private long stressorWaited;
    private long throttledBefore;
    private long stressorSince;
    private long lastLook;
    private CpuShare share = CpuShare.NONE;
    private long waited;
    private long mostMemory;
    private Optional<GroupUsage> last;
    private OptionalLong killedAt = OptionalLong.empty();
    private boolean spent;
    private boolean scoreRaised;

    private StressedNode(
            String node,
            StressChaos spec,
            StressSupport support,
            long run,
            long limit,
            Optional<GroupUsage> before,
            OptionalLong process) {
        this.node = node;
        this.spec = spec;
        this.support = support;
        this.run = run;
        this.limit = limit;
        this.before = before;
        this.last = before;
        this.process = process;
        this.waitedBefore = process.isPresent() ? ProcessTimes.waitedNanos(process.getAsLong()) : 0;
        this.since = System.nanoTime();
    }

    /**
     * Measures a node before it is stressed.
     *
     * @param limit of the group's memory; 0 without memory stress
     */
    static StressedNode before(
            NodeState state, StressChaos spec, StressSupport support, long limit, Optional<GroupUsage> usage) {
        return new StressedNode(
                state.name(),
                spec,
                support,
                state.run(),
                limit,
                usage,
                support.hostPid().apply(state.pid().orElseThrow()));
    }

    /** The node's own oom_score_adj was raised instead of the stressor's lowered. */
    void scoreRaised() {
        scoreRaised = true;
    }

    String node() {
        return node;
    }

    /** The stressors run: from now on their time counts. */
    void stressedBy(List<StressorState> states) {
        stressor = hostPid(states, StressorState.Kind.CPU);
        memoryStressor = hostPid(states, StressorState.Kind.MEMORY);
        stressorUsed = stressor.isPresent() ? ProcessTimes.usedNanos(stressor.getAsLong()) : 0;
        stressorWaited = stressor.isPresent() ? ProcessTimes.waitedNanos(stressor.getAsLong()) : 0;
        usage().ifPresent(usage -> throttledBefore = usage.throttledNanos());
        stressorSince = System.nanoTime();
    }

    private OptionalLong hostPid(List<StressorState> states, StressorState.Kind kind) {
        return states.stream()
                .filter(state -> state.node().equals(node) && state.kind() == kind)
                .map(state -> support.hostPid().apply(state.pid()))
                .findFirst()
                .orElse(OptionalLong.empty());
    }

    /** Looks again for what has not been seen so far. */
    void look(List<StressorState> states, NodeState now) {
        long at = System.nanoTime();
        if (at - lastLook < LOOK_NANOS / 10) {
            return;
        }
        lastLook = at;
        usage().ifPresent(usage -> last = Optional.of(usage));
        last.ifPresent(usage -> mostMemory = Math.max(mostMemory, usage.peakBytes()));
        if (stressor.isPresent()) {
            long total = ProcessTimes.usedNanos(stressor.getAsLong());
            if (total > 0) {
                share = new CpuShare(
                        at - stressorSince,
                        total - stressorUsed,
                        Math.max(0, ProcessTimes.waitedNanos(stressor.getAsLong()) - stressorWaited),
                        throttled());
            }
            if (process.isPresent()) {
                waited = Math.max(waited, ProcessTimes.waitedNanos(process.getAsLong()) - waitedBefore);
            }
        }
        spec.cpu().filter(cpu -> seen(StressorState.Kind.CPU).isEmpty()).ifPresent(cpu -> lookAtCpu(cpu, at));
        spec.memory()
                .filter(memory -> seen(StressorState.Kind.MEMORY).isEmpty())
                .ifPresent(memory -> lookAtMemory(memory, states, now, at));
    }

    private List<Proof> seen(StressorState.Kind kind) {
        return seen.stream()
                .filter(proof -> proof.observation().startsWith(word(kind)))
                .toList();
    }

    private static String word(StressorState.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT) + ": ";
    }

    private void lookAtCpu(StressChaos.Cpu cpu, long at) {
        if (share.elapsedNanos() < LOOK_NANOS || !share.begun(asked(cpu))) {
            return;
        }
        var emulated = last.isEmpty();
        counted.add(new Proof(
                node,
                word(StressorState.Kind.CPU)
                        + (emulated
                                ? "emulated, the node and the stressor are kept to one processor: " + emulatedWhy()
                                : group()),
                at,
                false));
        seen.add(new Proof(
                node,
                String.format(
                        Locale.ROOT,
                        "%sthe stressor (pid %d) used %.2f of a processor within %.1f s; the node's threads waited %.1f s for one",
                        word(StressorState.Kind.CPU),
                        stressor.orElseThrow(),
                        share.got(),
                        share.seconds(),
                        waited / SECOND),
                at,
                true));
    }

    private String emulatedWhy() {
        return support.limits() instanceof StressSupport.Limits.None none ? none.reason() : "";
    }

    /** For how long the group's quota was used up since the stressor runs; 0 without a group. */
    private long throttled() {
        return last.map(usage -> usage.throttledNanos() - throttledBefore).orElse(0L);
    }

    /** Processors that the workers ask for, as far as the node may use so many. */
    private double asked(StressChaos.Cpu cpu) {
        var wanted = cpu.workers() * cpu.loadPercent() / 100.0;
        var most = support.limits() instanceof StressSupport.Limits.Groups groups
                ? groups.cpus() > 0 ? groups.cpus() : Runtime.getRuntime().availableProcessors()
                : 1;
        return Math.min(wanted, most);
    }

    private void lookAtMemory(StressChaos.Memory memory, List<StressorState> states, NodeState now, long at) {
        var usage = last.orElseThrow();
        var first = before.orElseThrow();
        long size = memory.size().bytesOf(limit);
        var kills = usage.oomKills() - first.oomKills();
        var room = Math.max(0, limit - first.memoryBytes());
        if (size > room ? kills == 0 : usage.memoryBytes() - first.memoryBytes() < MOST * size) {
            return;
        }
        var state = states.stream()
                .filter(one -> one.node().equals(node) && one.kind() == StressorState.Kind.MEMORY)
                .findFirst();
        var exit = ended(now);
        if (kills > 0 && exit.isEmpty() && undecided(state, at)) {
            return;
        }
        counted.add(new Proof(
                node,
                word(StressorState.Kind.MEMORY)
                        + exit.map(Exit::description)
                                .or(() -> state.map(
                                        one -> "stressor started " + one.starts() + " times, last " + one.said()))
                                .orElse("the stressor is gone"),
                exit.map(Exit::atNanos).orElse(at),
                false));
        seen.add(new Proof(
                node,
                word(StressorState.Kind.MEMORY) + "the group's memory went from "
                        + Memory.mebibytes(first.memoryBytes()) + " to " + Memory.mebibytes(mostMemory) + " MiB of "
                        + Memory.mebibytes(limit) + ", the kernel's oom_kill from " + first.oomKills() + " to "
                        + usage.oomKills(),
                at,
                true));
    }

    /** The kernel ended something of the group, and it has not been told yet whether that was the node's process or the stressor. */
    private boolean undecided(Optional<StressorState> state, long at) {
        if (killedAt.isEmpty()) {
            killedAt = OptionalLong.of(at);
        }
        // A stressor that was ended alone is started again; one that ended with the node is not.
        return state.filter(one -> one.starts() > 1).isEmpty() && at - killedAt.getAsLong() < DECIDED_NANOS;
    }

    /** How the node's process ended, if the kernel ended it for want of memory since this fault began. */
    private Optional<Exit> ended(NodeState now) {
        return now.lastExit().filter(exit -> exit.run() == run && exit.oomKilled());
    }

    boolean acted() {
        var wanted = (spec.cpu().isPresent() ? 1 : 0) + (spec.memory().isPresent() ? 1 : 0);
        return seen.size() == wanted && counted.size() >= wanted;
    }

    List<Proof> proofs() {
        var all = new ArrayList<>(counted);
        all.addAll(seen);
        return all;
    }

    /**
     * Whether the stress goes on. Memory stress that had the node's process ended has done what it does: the stressor ends with the
     * container, as in Kubernetes, and does not come back with it.
     */
    boolean inForce(List<StressorState> states, NodeState now) {
        var kinds = states.stream()
                .filter(state -> state.node().equals(node) && state.running())
                .map(StressorState::kind)
                .toList();
        return endedWith(now)
                || (now.run() == run
                        && now.running()
                        && (spec.cpu().isEmpty() || kinds.contains(StressorState.Kind.CPU))
                        && (spec.memory().isEmpty() || kinds.contains(StressorState.Kind.MEMORY)));
    }

    /** Whether the stress had the node's process ended. */
    boolean endedWith(NodeState now) {
        spent |= spec.memory().isPresent() && ended(now).isPresent();
        return spent;
    }

    /** Whether no stressor is left, by the kernel's word, and the node runs as before. */
    boolean gone(NodeState now) {
        if (!now.running() || alive(stressor) || alive(memoryStressor)) {
            return false;
        }
        if (!(support.limits() instanceof StressSupport.Limits.Groups groups)) {
            return true;
        }
        try {
            var members = groups.groups().members(node);
            if ((stressor.isPresent() && members.contains(stressor.getAsLong()))
                    || (memoryStressor.isPresent() && members.contains(memoryStressor.getAsLong()))) {
                return false;
            }
            var first = before.orElseThrow();
            // What the node itself took meanwhile is not the stressor's.
            var usage = groups.groups().usage(node);
            return spec.memory().isEmpty()
                    || usage.memoryBytes() - first.memoryBytes() <= Math.max(0, mostMemory - first.memoryBytes()) / 2;
        } catch (IOException e) {
            throw new FaultException(node + ": its control group cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean alive(OptionalLong pid) {
        return pid.isPresent()
                && ProcessHandle.of(pid.getAsLong())
                        .filter(ProcessHandle::isAlive)
                        .isPresent();
    }

    private Optional<GroupUsage> usage() {
        if (!(support.limits() instanceof StressSupport.Limits.Groups groups)) {
            return Optional.empty();
        }
        try {
            return Optional.of(groups.groups().usage(node));
        } catch (IOException e) {
            throw new FaultException(node + ": its control group cannot be read: " + e.getMessage(), e);
        }
    }

    private String group() {
        var first = before.orElseThrow();
        var usage = last.orElseThrow();
        var time = Math.max(1, lastLook - since) / SECOND;
        return String.format(
                Locale.ROOT,
                "the node's group used %.2f processors, its quota was used up in %d of %d periods, for %.1f s in all",
                (usage.cpuNanos() - first.cpuNanos()) / SECOND / time,
                usage.throttledPeriods() - first.throttledPeriods(),
                usage.periods() - first.periods(),
                (usage.throttledNanos() - first.throttledNanos()) / SECOND);
    }

    List<String> figures() {
        var lines = new ArrayList<String>();
        spec.cpu()
                .ifPresent(cpu -> lines.add(String.format(
                        Locale.ROOT,
                        "%s: the stressor used %.2f of %.2f processors and waited for %.2f more%s; the node's threads waited %.1f s for one",
                        node,
                        share.got(),
                        asked(cpu),
                        share.wanted() - share.got(),
                        last.isPresent() ? ", " + group() : " (emulated on one processor)",
                        waited / SECOND)));
        if (spec.memory().isPresent()) {
            lines.add(node + ": at most " + Memory.mebibytes(mostMemory) + " MiB of "
                    + Memory.mebibytes(limit) + " seen, before "
                    + before.map(usage -> Memory.mebibytes(usage.memoryBytes())).orElse(0L) + "; oom_kill +"
                    + (last.map(GroupUsage::oomKills).orElse(0L)
                            - before.map(GroupUsage::oomKills).orElse(0L))
                    + (spent ? "; the stress ended with the container" : "")
                    + (scoreRaised ? "; oom_score_adj: the node's raised instead of the stressor's lowered" : ""));
        }
        return lines;
    }

    /** Whether so little processor time was taken that it cannot be called the stress that was asked for. */
    Optional<String> doubt() {
        return spec.cpu()
                .filter(cpu -> !spent)
                .flatMap(cpu -> share.doubt(asked(cpu)))
                .map(doubt -> node + ": " + doubt);
    }
}
