package io.havoq.fault.local.clock;

import io.havoq.fault.local.service.ProcessTree;
import io.havoq.fault.local.service.Service;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Shifts the clocks of nodes inside the sandbox: of a node's process and all that it started, of those that start later too,
 * which are looked for while a rule is in force. Carries out what {@link ClockControl} asks for. Thread-safe.
 */
public final class ClockService implements Service {
    /** How long a new process may have the right time while a rule is in force. */
    private static final Duration LOOK = Duration.ofMillis(100);
    /** The same right after a node's start, when its command line is still being unwrapped by one exec after the other. */
    private static final Duration LOOK_AT_START = Duration.ofMillis(20);

    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** Settling races with fork(2), execve(2) and exit only, which take milliseconds. */
    private static final Duration SETTLING = Duration.ofSeconds(10);

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final String processor;
    private final Duration settling;
    private final Map<String, Leader> leaders = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Shift>> rules = new LinkedHashMap<>();
    /** By node and process, why its clocks could not be brought to what they should be. */
    private final Map<String, String> problems = new LinkedHashMap<>();

    private @Nullable VdsoPatch patch;
    private @Nullable ScheduledExecutorService timer;

    /** A node's process. */
    private record Leader(long pid, long sinceNanos) {}

    /** For the processor that this JVM runs on. */
    public ClockService() {
        this(System.getProperty("os.arch"), SETTLING);
    }

    /** @param settling how long it is tried to bring a node's processes to what they should be */
    ClockService(String processor, Duration settling) {
        this.processor = processor;
        this.settling = settling;
    }

    @Override
    public List<String> names() {
        return List.of("clock");
    }

    @Override
    public synchronized List<String> call(String verb, List<String> arguments) throws IOException {
        return switch (verb) {
            case "clock.probe" -> probe();
            case "clock.impose" -> {
                impose(
                        arguments.get(0),
                        arguments.get(1),
                        new Shift(
                                Duration.ofSeconds(Long.parseLong(arguments.get(2)), Long.parseLong(arguments.get(3))),
                                Long.parseLong(arguments.get(4))));
                yield List.of();
            }
            case "clock.lift" -> lift(arguments.get(0));
            case "clock.state" -> state(arguments.get(0));
            default -> throw new IOException("the clocks do not know '" + verb + "'");
        };
    }

    @Override
    public void started(String node, long pid) {
        // No more here: whoever tells of starts must not wait until a process stands still. The next look finds it.
        leaders.put(node, new Leader(pid, System.nanoTime()));
    }

    @Override
    public void ended(String node) {
        leaders.remove(node);
    }

    private VdsoPatch patch() throws IOException {
        var present = patch;
        if (present == null) {
            var architecture = Architecture.of(processor)
                    .orElseThrow(() -> new IOException("no code is known for processor " + processor));
            present = VdsoPatch.of(architecture, OwnVdso.read());
            patch = present;
        }
        return present;
    }

    private List<String> probe() {
        try {
            ClockProbe.check(patch());
            return List.of();
        } catch (IOException e) {
            return List.of(String.valueOf(e.getMessage()), String.join("; ", ClockProbe.remedies()));
        }
    }

    private void impose(String id, String node, Shift shift) throws IOException {
        patch();
        for (var rule : rules.values()) {
            var other = rule.get(node);
            if (other != null && other.clocks() != shift.clocks()) {
                throw new IOException(
                        node + " has " + other.ids() + " shifted by another rule, which cannot be added to "
                                + shift.ids() + ": expected the same clocks");
            }
        }
        var leader = leaders.get(node);
        if (leader == null) {
            throw new IOException(node + " has no running process whose clock could be shifted");
        }
        rules.computeIfAbsent(id, any -> new LinkedHashMap<>()).put(node, shift);
        var complete = false;
        try {
            settle(node);
            complete = true;
        } finally {
            if (!complete) {
                remove(id, node);
                settle(node);
            }
        }
        goOnLooking();
    }

    private void remove(String id, String node) {
        var rule = rules.get(id);
        if (rule != null) {
            rule.remove(node);
            if (rule.isEmpty()) {
                rules.remove(id);
            }
        }
    }

    /** Returns why some of its processes had the right time. */
    private List<String> lift(String id) throws IOException {
        var nodes = List.copyOf(rules.getOrDefault(id, Map.of()).keySet());
        var unshifted = problems.entrySet().stream()
                .filter(problem ->
                        nodes.stream().anyMatch(node -> problem.getKey().startsWith(node + " ")))
                .map(problem -> problem.getKey() + ": " + problem.getValue())
                .toList();
        for (var node : nodes) {
            var shift = rules.get(id).get(node);
            remove(id, node);
            var complete = false;
            try {
                settle(node);
                complete = true;
            } finally {
                if (!complete) {
                    // Still in force: lifting it can be tried again.
                    rules.computeIfAbsent(id, any -> new LinkedHashMap<>()).put(node, shift);
                }
            }
        }
        return unshifted;
    }

    /**
     * Brings all processes of a node to what the rules say now. Where no rule is left that is over only when a look finds nothing to be done: a
     * shifted process may have forked between being seen and being restored. Under a rule the timer goes on looking.
     */
    private void settle(String node) throws IOException {
        long begun = System.nanoTime();
        do {
            var leader = leaders.get(node);
            if (leader == null) {
                return;
            }
            boolean changed = correct(node, leader);
            if (problems(node).isEmpty() && (!changed || wanted(node).isPresent())) {
                return;
            }
            if (!problems(node).isEmpty()) {
                LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            }
        } while (System.nanoTime() - begun < settling.toNanos());
        throw new IOException(node + " has processes whose clocks are not right: " + problems(node));
    }

    private Map<String, String> problems(String node) {
        var own = new LinkedHashMap<>(problems);
        own.keySet().removeIf(name -> !name.startsWith(node + " "));
        return own;
    }

    private static String name(String node, long pid) {
        return node + " process " + pid;
    }

    private Optional<Shift> wanted(String node) {
        return rules.values().stream()
                .flatMap(rule -> Optional.ofNullable(rule.get(node)).stream())
                .reduce(Shift::plus);
    }

    /** Brings every process that the node has now to what it should be; returns whether there was one that was not. */
    private boolean correct(String node, Leader leader) throws IOException {
        var wanted = wanted(node);
        boolean changed = false;
        problems.keySet().removeIf(name -> name.startsWith(node + " "));
        Optional<ProcessTree> tree;
        try {
            tree = tree(leader);
        } catch (IOException e) {
            problems.put(name(node, leader.pid), String.valueOf(e.getMessage()));
            return false;
        }
        for (long pid : pids(leader, tree)) {
            var held = NodeProcess.hold(pid, tree.orElseThrow());
            if (held.isEmpty()) {
                continue;
            }
            try (var process = held.get()) {
                var clocks = new ShiftedProcess(process, patch());
                changed |= wanted.isPresent() ? clocks.become(wanted.get()) : clocks.restore();
            } catch (IOException e) {
                // One that ended meanwhile is no problem; one that was replaced by execve(2) is found again by the next
                // look.
                if (held.get().alive()) {
                    problems.put(name(node, pid), String.valueOf(e.getMessage()));
                }
            }
        }
        return changed;
    }

    /** The processes of a node; empty if its main process has ended, which may not have been told yet. */
    private static Optional<ProcessTree> tree(Leader leader) throws IOException {
        try {
            return Optional.of(ProcessTree.of(leader.pid));
        } catch (IOException e) {
            if (!NodeProcess.alive(leader.pid)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static List<Long> pids(Leader leader, Optional<ProcessTree> tree) {
        var pids = new ArrayList<Long>();
        tree.ifPresent(present -> {
            pids.add(leader.pid);
            present.rest().stream()
                    .map(ProcessHandle::pid)
                    .filter(pid -> !ProcessTree.isEngines(pid))
                    .forEach(pids::add);
        });
        return pids;
    }

    /**
     * For each node of a rule: its name, its main process or 0, how many processes it has, and in how many the sum of its rules is in
     * force.
     */
    private List<String> state(String id) throws IOException {
        var answer = new ArrayList<String>();
        for (var node : rules.getOrDefault(id, Map.of()).keySet()) {
            var leader = leaders.get(node);
            var wanted = wanted(node);
            int all = 0;
            int shifted = 0;
            var tree = leader == null ? Optional.<ProcessTree>empty() : tree(leader);
            for (long pid : leader == null ? List.<Long>of() : pids(leader, tree)) {
                var held = NodeProcess.hold(pid, tree.orElseThrow());
                if (held.isEmpty()) {
                    continue;
                }
                try (var process = held.get()) {
                    boolean right = new ShiftedProcess(process, patch())
                            .state()
                            .shifted()
                            .equals(wanted);
                    shifted += right ? 1 : 0;
                    all++;
                } catch (IOException e) {
                    // It ended while it was looked at, or cannot be looked at: not seen shifted.
                    all += held.get().alive() ? 1 : 0;
                }
            }
            answer.addAll(List.of(
                    node,
                    Long.toString(leader == null || tree.isEmpty() ? 0 : leader.pid),
                    Integer.toString(all),
                    Integer.toString(shifted)));
        }
        return answer;
    }

    private synchronized void goOnLooking() {
        if (timer == null) {
            timer = Executors.newSingleThreadScheduledExecutor(task -> {
                var thread = new Thread(task, "clocks");
                thread.setDaemon(true);
                return thread;
            });
            var unused = timer.schedule(this::lookAndGoOn, LOOK.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private synchronized void lookAndGoOn() {
        try {
            look();
        } finally {
            goOn();
        }
    }

    private void goOn() {
        var present = timer;
        if (present == null) {
            return;
        }
        if (rules.isEmpty()) {
            present.shutdown();
            timer = null;
            return;
        }
        boolean starting =
                leaders.values().stream().anyMatch(leader -> System.nanoTime() - leader.sinceNanos < START_NANOS);
        var unused =
                present.schedule(this::lookAndGoOn, (starting ? LOOK_AT_START : LOOK).toNanos(), TimeUnit.NANOSECONDS);
    }

    private synchronized void look() {
        for (var leader : Map.copyOf(leaders).entrySet()) {
            var node = leader.getKey();
            if (wanted(node).isPresent()) {
                try {
                    correct(node, leader.getValue());
                } catch (IOException | RuntimeException e) {
                    // The next look tries again; what remains is told when the rule is lifted.
                    problems.put(name(node, leader.getValue().pid), String.valueOf(e.getMessage()));
                }
            }
        }
    }

    @Override
    public synchronized void close() {
        var present = timer;
        if (present != null) {
            present.shutdownNow();
            timer = null;
        }
        rules.clear();
    }
}
