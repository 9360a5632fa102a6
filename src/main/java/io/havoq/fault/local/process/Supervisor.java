package io.havoq.fault.local.process;

import io.havoq.fault.FaultException;
import io.havoq.fault.local.sandbox.Command;
import io.havoq.fault.local.sandbox.Event;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the nodes running as a kubelet and a StatefulSet do: a container that ends is restarted in its pod, with back-off; a
 * pod that was killed is made anew under its old name, at once; the data directory survives both. Thread-safe.
 */
public final class Supervisor {
    /** Where start and stop commands go; must not block for long. */
    @FunctionalInterface
    public interface Commands {
        void send(Command command) throws IOException;
    }

    /** Runs an action after a delay. */
    @FunctionalInterface
    public interface Timer {
        void after(Duration delay, Runnable action);
    }

    /** Tells how a node is started. */
    @FunctionalInterface
    public interface Starts {
        Command.Start command(String node, long run, String uid, int restartCount);
    }

    /** Why a process is ended, which decides how its node comes back. */
    public enum Kill {
        /** The pod goes: a new UID, no restarts counted, no back-off. */
        POD,
        /** The container goes: the same UID, one restart more, back-off. */
        CONTAINER
    }

    private static final int SIGKILLED = 137;

    private final Duration noticing;
    private final Commands commands;
    private final Timer timer;
    private final Starts starts;
    private final ToLongFunction<String> oomKills;
    private final Map<String, Pod> pods = new LinkedHashMap<>();
    private boolean closed;

    /** What changes of a node. Guarded by the supervisor. */
    private static final class Pod {
        final String name;
        String uid = UUID.randomUUID().toString();
        int restartCount;
        long run;
        /** Counts what makes a planned start obsolete. */
        long plan;

        boolean waiting;

        @Nullable
        Long pid;

        long startedAt;
        boolean ready;
        boolean starting;
        int ends;
        long oomKills;
        boolean asked;
        Kill kill = Kill.CONTAINER;

        @Nullable
        Exit lastExit;

        String problem = "";
        final Set<String> holders = new HashSet<>();
        final BackOff backOff = new BackOff();
        CompletableFuture<Exit> exit = new CompletableFuture<>();

        Pod(String name) {
            this.name = name;
        }

        NodeState state() {
            return new NodeState(
                    name,
                    uid,
                    restartCount,
                    run,
                    pid == null ? OptionalLong.empty() : OptionalLong.of(pid),
                    ready,
                    !holders.isEmpty(),
                    ends,
                    Optional.ofNullable(lastExit),
                    problem);
        }
    }

    /**
     * Supervises nodes of these names, none of which runs yet.
     *
     * @param noticing how long it takes at least until an ended container is started again, or its pod made anew
     */
    public Supervisor(List<String> nodes, Duration noticing, Commands commands, Timer timer, Starts starts) {
        this(nodes, noticing, commands, timer, starts, node -> 0);
    }

    /**
     * Supervises nodes of these names, none of which runs yet.
     *
     * @param oomKills how many of a node's processes the kernel has ended for want of memory so far
     */
    public Supervisor(
            List<String> nodes,
            Duration noticing,
            Commands commands,
            Timer timer,
            Starts starts,
            ToLongFunction<String> oomKills) {
        this.oomKills = oomKills;
        this.noticing = noticing;
        this.commands = commands;
        this.timer = timer;
        this.starts = starts;
        nodes.forEach(name -> pods.put(name, new Pod(name)));
    }

    /** Starts every node. */
    public synchronized void startAll() {
        pods.values().forEach(this::start);
    }

    /** Takes note of what happened in the sandbox. */
    public synchronized void accept(Event event) {
        if (event instanceof Event.Started started) {
            var pod = pods.get(started.node());
            if (pod.run == started.run()) {
                pod.starting = false;
                pod.pid = started.pid();
                pod.startedAt = started.atNanos();
                pod.oomKills = oomKills.applyAsLong(pod.name);
            }
        } else if (event instanceof Event.NotStarted not) {
            var pod = pods.get(not.node());
            pod.problem = not.message();
            ended(pod, new Exit(not.node(), not.run(), 127, not.atNanos()));
        } else if (event instanceof Event.Exited exited) {
            var pod = pods.get(exited.node());
            ended(pod, new Exit(exited.node(), exited.run(), exited.status(), exited.atNanos(), oom(pod, exited)));
        } else if (event instanceof Event.Ended ended) {
            for (var pod : pods.values()) {
                pod.pid = null;
                pod.ready = false;
                pod.problem = ended.message();
            }
            closed = true;
        }
        notifyAll();
    }

    /** A container that nobody was asked to end, ended by SIGKILL while the kernel ended something of it for want of memory. */
    private boolean oom(Pod pod, Event.Exited exited) {
        return exited.status() == SIGKILLED && !pod.asked && oomKills.applyAsLong(pod.name) > pod.oomKills;
    }

    private void ended(Pod pod, Exit exit) {
        if (pod.run != exit.run()) {
            return;
        }
        var ran = Duration.ofNanos(pod.pid == null ? 0 : Math.max(0, exit.atNanos() - pod.startedAt));
        pod.pid = null;
        pod.ready = false;
        pod.starting = false;
        pod.lastExit = exit;
        if (!pod.asked) {
            pod.ends++;
        }
        pod.exit.complete(exit);
        if (closed) {
            return;
        }
        if (pod.kill == Kill.POD) {
            recreate(pod);
        } else {
            pod.waiting = true;
            if (pod.holders.isEmpty()) {
                var backOff = pod.backOff.next(ran);
                restartAfter(pod, backOff.compareTo(noticing) > 0 ? backOff : noticing);
            }
        }
    }

    private void recreate(Pod pod) {
        pod.uid = UUID.randomUUID().toString();
        pod.restartCount = 0;
        pod.backOff.reset();
        pod.waiting = false;
        if (pod.holders.isEmpty()) {
            startAfter(pod, noticing);
        }
    }

    private void startAfter(Pod pod, Duration wait) {
        long plan = ++pod.plan;
        if (wait.isZero()) {
            startAsPlanned(pod, plan);
        } else {
            timer.after(wait, () -> startAsPlanned(pod, plan));
        }
    }

    private synchronized void startAsPlanned(Pod pod, long plan) {
        if (!closed && pod.plan == plan && pod.holders.isEmpty() && pod.pid == null && !pod.starting) {
            start(pod);
        }
    }

    private void restartAfter(Pod pod, Duration wait) {
        long plan = ++pod.plan;
        if (wait.isZero()) {
            restart(pod, plan);
        } else {
            timer.after(wait, () -> restart(pod, plan));
        }
    }

    private synchronized void restart(Pod pod, long plan) {
        if (closed || pod.plan != plan || !pod.holders.isEmpty() || pod.pid != null || pod.starting) {
            return;
        }
        pod.restartCount++;
        start(pod);
    }

    private void start(Pod pod) {
        pod.plan++;
        pod.run++;
        pod.waiting = false;
        pod.starting = true;
        pod.asked = false;
        pod.kill = Kill.CONTAINER;
        pod.problem = "";
        pod.exit = new CompletableFuture<>();
        try {
            commands.send(starts.command(pod.name, pod.run, pod.uid, pod.restartCount));
        } catch (IOException e) {
            // Then the sandbox is gone, of which an event tells.
            pod.starting = false;
            pod.problem = "it cannot be started: " + e.getMessage();
        }
    }

    /**
     * Ends a node's process; the node comes back as the kind of kill has it.
     *
     * @return completed when the process ended
     * @throws FaultException if the node has no process
     */
    public synchronized CompletableFuture<Exit> kill(String node, Kill kill, Duration grace) {
        var pod = running(node);
        stop(pod, grace);
        pod.kill = kill;
        return pod.exit;
    }

    /** Ends a node's process, which is not started again until {@link #release}. */
    public synchronized CompletableFuture<Exit> hold(String node, String holder) {
        var pod = running(node);
        stop(pod, Duration.ZERO);
        pod.holders.add(holder);
        return pod.exit;
    }

    private void stop(Pod pod, Duration grace) {
        try {
            // Its exit is told on another thread, which waits for this monitor.
            commands.send(new Command.Stop(pod.name, pod.run, grace));
        } catch (IOException e) {
            throw new FaultException(
                    pod.name + " cannot be stopped, the sandbox does not answer: " + e.getMessage(), e);
        }
        pod.asked = true;
    }

    /** Lets go of a node; it starts again when nobody else holds it. Idempotent. */
    public synchronized void release(String node, String holder) {
        var pod = pod(node);
        if (pod.holders.remove(holder) && pod.holders.isEmpty() && pod.pid == null && !pod.starting && !closed) {
            if (pod.waiting) {
                // The end was the fault's doing, not the container's: no back-off.
                restartAfter(pod, Duration.ZERO);
            } else {
                start(pod);
            }
        }
    }

    /** Restart counts and back-off start afresh, also of a node that waits now. */
    public synchronized void beginExperiment() {
        for (var pod : pods.values()) {
            pod.backOff.reset();
            if (pod.waiting && pod.holders.isEmpty() && !closed) {
                restartAfter(pod, Duration.ZERO);
            }
            pod.restartCount = 0;
            pod.ends = 0;
        }
    }

    /** Notes that the readiness check passed, if the node is still in that run. */
    public synchronized void markReady(String node, long run) {
        var pod = pod(node);
        if (pod.run == run && pod.pid != null) {
            pod.ready = true;
            notifyAll();
        }
    }

    /**
     * Waits until the nodes are as wanted.
     *
     * @return false if they were not by then
     */
    public synchronized boolean await(Predicate<List<NodeState>> wanted, Duration bound) throws InterruptedException {
        long deadline = System.nanoTime() + bound.toNanos();
        while (!wanted.test(states())) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000 + 1);
        }
        return true;
    }

    /** Starts nothing any more. */
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** A node now. */
    public synchronized NodeState state(String node) {
        return pod(node).state();
    }

    /** Every node now. */
    public synchronized List<NodeState> states() {
        return pods.values().stream().map(Pod::state).toList();
    }

    private Pod running(String node) {
        var pod = pod(node);
        if (pod.pid == null) {
            throw new FaultException(
                    node + " has no running process now (" + pod.state().phase()
                            + (pod.lastExit == null ? "" : ", last " + pod.lastExit.description())
                            + "): wait until it runs before a fault is injected into it");
        }
        return pod;
    }

    private Pod pod(String node) {
        var pod = pods.get(node);
        if (pod == null) {
            throw new FaultException("there is no node '" + node + "', only " + pods.keySet());
        }
        return pod;
    }
}
