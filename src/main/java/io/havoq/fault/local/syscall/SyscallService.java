package io.havoq.fault.local.syscall;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import io.havoq.fault.local.service.NamespaceThread;
import io.havoq.fault.local.service.ProcessTree;
import io.havoq.fault.local.service.Service;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The system calls of the nodes' processes inside the sandbox: has the planned ones of every process notified, answers them as the
 * rules in force say, and runs the witnesses. Where no call is planned nothing is wrapped. Carries out what {@link SyscallControl} asks
 * for. Thread-safe.
 */
public final class SyscallService implements Service {
    /** Running processes are attached to. */
    static final String ATTACHING = "attaching";
    /** All processes are watched from their start. */
    static final String LAUNCHING = "launching";

    private static final String PROBE = "probe";
    private static final String LIBRARY = "libjnidispatch.so";
    /** A witness' call takes as long as a rule makes it take; the lifting of that very rule must not stand behind it. */
    private static final Set<String> WAITING = Set.of("syscall.look");

    /** A JVM that starts on a busy machine. */
    private static final Duration TRACER = Duration.ofSeconds(20);

    private static final Duration TRACER_EACH = Duration.ofSeconds(10);

    private final Function<String, NamespaceThread> threads;
    private final Path directory;
    private final Map<String, List<ActiveRule>> inForce = new ConcurrentHashMap<>();
    /** By the rule's name, then by the node's; kept until it is lifted. */
    private final Map<String, Map<String, ActiveRule>> rules = new LinkedHashMap<>();

    private final Map<String, WitnessProcess> witnesses = new ConcurrentHashMap<>();
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    /** How the nodes were started last, and whether their processes are watched. */
    private final Map<String, Start> starts = new ConcurrentHashMap<>();
    /** Held by who attaches, so that no process has two tracers. */
    private final Object attaching = new Object();

    private final ScheduledThreadPoolExecutor later = new ScheduledThreadPoolExecutor(1, task -> {
        var thread = new Thread(task, "syscalls-later");
        thread.setDaemon(true);
        return thread;
    });

    /** Whether processes may be attached to that run already; else all are watched from the start. */
    private final boolean mayAttach;

    private volatile @Nullable Watching watching;

    /**
     * How a node was started last.
     *
     * @param pid if it has been told of
     * @param watched whether its processes have the filter
     */
    private record Start(OptionalLong pid, boolean watched) {}

    /**
     * A process that runs.
     *
     * @param ticks when it started: tells it apart from a later one of the same number
     */
    record Attachable(String node, long pid, long ticks) {}

    /** @param attaching whether a process is watched from the first rule on, not from its start */
    private record Watching(ServerSocketChannel door, Set<String> names, boolean attaching) {
        String numbers() {
            return names.stream()
                    .map(name -> SystemCall.of(name).orElseThrow())
                    .map(call -> Integer.toString(call.number()))
                    .collect(Collectors.joining(","));
        }
    }

    /**
     * @param threads the thread that starts a node's processes
     * @param directory for what this needs, made when it is needed
     */
    public SyscallService(Function<String, NamespaceThread> threads, Path directory) {
        this(threads, directory, true);
    }

    /** @param mayAttach false to have all watched from the start */
    SyscallService(Function<String, NamespaceThread> threads, Path directory, boolean mayAttach) {
        this.threads = threads;
        this.directory = directory;
        this.mayAttach = mayAttach && !Kernel.ARM;
    }

    @Override
    public List<String> names() {
        return List.of("syscall");
    }

    @Override
    public List<String> call(String verb, List<String> arguments) throws IOException {
        return switch (verb) {
            case "syscall.open" -> open(arguments);
            case "syscall.attach" -> {
                attach(arguments);
                yield List.of();
            }
            case "syscall.impose" -> {
                impose(
                        arguments.get(0),
                        arguments.get(1),
                        Long.parseLong(arguments.get(2)),
                        CallRule.of(arguments.subList(3, arguments.size())));
                yield List.of();
            }
            case "syscall.lift" -> lift(arguments.get(0));
            case "syscall.counters" -> counters(arguments.get(0));
            case "syscall.look" -> look(arguments.get(0), String.join("\t", arguments.subList(1, arguments.size())));
            default -> throw new IOException("the system calls' service does not know '" + verb + "'");
        };
    }

    @Override
    public boolean waits(String verb) {
        return WAITING.contains(verb);
    }

    /**
     * Has these calls watched, after it has tried that it works: of running processes from the first rule on, or, where that cannot be
     * done, of all that are started from now on. May be asked for more calls as long as no process has a filter without them.
     */
    private synchronized List<String> open(List<String> names) throws IOException {
        var before = watching;
        if (before != null) {
            return more(before, Set.copyOf(names));
        }
        if (!Kernel.KNOWN_ARCHITECTURE) {
            return List.of(
                    "none",
                    "the numbers of this machine's system calls are not known: " + System.getProperty("os.arch"),
                    "run it on x86_64 or aarch64");
        }
        Files.createDirectories(directory);
        unpackLibrary();
        var server = Door.open(directory);
        var guard = new Thread(() -> guard(server), "syscalls-door");
        guard.setDaemon(true);
        guard.start();
        try {
            watching = new Watching(server, Set.copyOf(names), false);
            witness(PROBE).close();
            if (mayAttach) {
                var problem = AttachmentProbe.problem(PROBE, this::install);
                if (problem.isEmpty()) {
                    watching = new Watching(server, Set.copyOf(names), true);
                    return List.of(ATTACHING);
                }
                return List.of(LAUNCHING, problem.get());
            }
            return List.of(LAUNCHING, "");
        } catch (IOException e) {
            watching = null;
            server.close();
            return List.of("none", String.valueOf(e.getMessage()), remedy(String.valueOf(e.getMessage())));
        } finally {
            witnesses.remove(PROBE);
        }
    }

    private List<String> more(Watching before, Set<String> names) {
        if (before.names().containsAll(names)) {
            return before.attaching() ? List.of(ATTACHING) : List.of(LAUNCHING, "");
        }
        synchronized (attaching) {
            if (!before.attaching() || starts.values().stream().anyMatch(Start::watched)) {
                return List.of(
                        "none",
                        "the calls that are watched were chosen before, and processes have a filter without the others",
                        "start the cluster anew");
            }
            witnesses.values().forEach(WitnessProcess::close);
            witnesses.clear();
            watching = new Watching(before.door(), names, true);
            return List.of(ATTACHING);
        }
    }

    private static String remedy(String reason) {
        return reason.contains("pidfd")
                ? "allow pidfd_getfd: the same user, kernel.yama.ptrace_scope of 0 or 1, and in a container CAP_SYS_PTRACE or a"
                        + " seccomp profile that permits it"
                : "run it on Linux 5.19 or later with CONFIG_SECCOMP_FILTER, in a container with a seccomp profile that permits"
                        + " seccomp(2)";
    }

    /** Once, for programs that never end in order and so cannot clean up. */
    private void unpackLibrary() throws IOException {
        var name = "/com/sun/jna/" + Platform.RESOURCE_PREFIX + "/" + LIBRARY;
        try (var library = Native.class.getResourceAsStream(name)) {
            if (library == null) {
                throw new IOException("JNA brings no library for this machine: " + name);
            }
            Files.copy(library, directory.resolve(LIBRARY));
        }
    }

    private List<String> launcher(Watching present, String role, String name) {
        return program(Launcher.class, List.of(role, name, present.numbers()));
    }

    private List<String> program(Class<?> main, List<String> arguments) {
        var words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Xshare:auto",
                // Limits are inherited by the node's program, which is to have those that it would have had.
                "-XX:-MaxFDLimit",
                "-Djna.boot.library.path=" + directory,
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                directory.toString()));
        words.addAll(arguments);
        return words;
    }

    /** One that starts while a rule is in force for it has the filter from the start, and all others where none can be attached to. */
    @Override
    public List<String> wrapper(String node) {
        var present = watching;
        var launched = present != null && (!present.attaching() || inForce.containsKey(node));
        starts.put(node, new Start(OptionalLong.empty(), launched));
        return present == null || !launched ? List.of() : launcher(present, Launcher.NODE, node);
    }

    /** Has the nodes' processes watched; does nothing where they are. */
    private void attach(List<String> nodes) throws IOException {
        var present = watching;
        if (present == null || !present.attaching()) {
            return;
        }
        synchronized (attaching) {
            var due = new LinkedHashMap<String, Start>();
            for (var node : nodes) {
                var start = starts.get(node);
                // one that is only being started is watched from its start, or as soon as it is told of
                if (start != null && !start.watched() && start.pid().isPresent()) {
                    due.put(node, start);
                }
            }
            var seen = new HashSet<Attachable>();
            for (var processes = unseen(due, seen); !processes.isEmpty(); processes = unseen(due, seen)) {
                install(processes);
            }
            due.forEach((node, start) -> starts.replace(node, start, new Start(start.pid(), true)));
        }
    }

    /** What of the nodes has not been attached to; children inherit the filter of those that have been. */
    private static List<Attachable> unseen(Map<String, Start> due, Set<Attachable> seen) throws IOException {
        var processes = new ArrayList<Attachable>();
        for (var node : due.entrySet()) {
            long leader = node.getValue().pid().orElseThrow();
            try {
                processes.addAll(unseen(node.getKey(), leader, seen));
            } catch (IOException e) {
                // what has ended is not attached to
                if (Attachment.startOf(leader) >= 0) {
                    throw e;
                }
            }
        }
        return processes;
    }

    private static List<Attachable> unseen(String node, long leader, Set<Attachable> seen) throws IOException {
        var tree = ProcessTree.of(leader);
        var processes = new ArrayList<Attachable>();
        var pids = LongStream.concat(
                        LongStream.of(leader), tree.wholeRest().stream().mapToLong(ProcessHandle::pid))
                .filter(pid -> !ProcessTree.isEngines(pid))
                .toArray();
        for (var pid : pids) {
            var process = new Attachable(node, pid, Attachment.startOf(pid));
            // Asked only now: it is of this process, or it has ended.
            if (process.ticks() >= 0 && tree.owns(pid) && seen.add(process)) {
                processes.add(process);
            }
        }
        return processes;
    }

    /** @throws IOException if one of them is not watched then, though it runs */
    private void install(List<Attachable> processes) throws IOException {
        var arguments = new ArrayList<>(List.of(Objects.requireNonNull(watching).numbers()));
        processes.forEach(process -> arguments.addAll(
                List.of(process.node(), Long.toString(process.pid()), Long.toString(process.ticks()))));
        var tracer = new ProcessBuilder(program(Attachment.class, arguments))
                .redirectErrorStream(true)
                .start();
        // It has limits of its own for each step; what it stopped when it is killed goes on, or ends with it.
        var most = TRACER.plus(TRACER_EACH.multipliedBy(processes.size()));
        // not Process.destroyForcibly(), which closes what is being read
        var limit = later.schedule(tracer.toHandle()::destroyForcibly, most.toNanos(), TimeUnit.NANOSECONDS);
        var said = new ArrayList<String>();
        try (var lines = tracer.inputReader(StandardCharsets.UTF_8)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
            }
        } finally {
            if (!limit.cancel(false)) {
                said.add("the tracer was killed, since it did not end within " + most.toSeconds() + " s");
            }
        }
        var done = said.stream()
                .filter(line -> line.startsWith(Attachment.WATCHED) || line.startsWith(Attachment.ENDED))
                .count();
        if (done != processes.size() || said.size() != processes.size()) {
            throw new IOException("system calls of running processes cannot be watched: " + String.join("; ", said));
        }
    }

    private void guard(ServerSocketChannel server) {
        while (true) {
            try {
                var guest = server.accept();
                var host = new Thread(() -> admit(guest), "syscalls-guest");
                host.setDaemon(true);
                host.start();
            } catch (ClosedChannelException e) {
                return; // closed with the service
            } catch (IOException e) {
                System.err.println("no more processes can be admitted, they will not start: " + e);
                return;
            }
        }
    }

    /** Takes over the listener that a process offers, and tells it to go on. */
    private void admit(SocketChannel guest) {
        try (guest) {
            var line = new BufferedReader(Channels.newReader(guest, StandardCharsets.UTF_8)).readLine();
            if (line == null) {
                return; // it has no listener, and says so itself
            }
            var words = line.split("\t", -1);
            String answer;
            try {
                takeOver(
                        words[0].equals(Launcher.WITNESS),
                        words[1],
                        Long.parseLong(words[2]),
                        Integer.parseInt(words[3]));
                answer = "go";
            } catch (IOException e) {
                answer = String.valueOf(e.getMessage());
            }
            var bytes = ByteBuffer.wrap((answer + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                guest.write(bytes);
            }
        } catch (IOException | RuntimeException e) {
            System.err.println("a process could not be admitted, it will not start: " + e);
        }
    }

    private void takeOver(boolean witness, String name, long pid, int fd) throws IOException {
        int process = Kernel.check(Kernel.syscall(Kernel.NR_PIDFD_OPEN, pid, 0, 0, 0, 0), "pidfd_open");
        int listener;
        try {
            listener = Kernel.check(Kernel.syscall(Kernel.NR_PIDFD_GETFD, process, fd, 0, 0, 0), "pidfd_getfd");
        } finally {
            Kernel.close(process);
        }
        var made = new Listener(
                name + (witness ? "-witness" : ""),
                listener,
                pid,
                witness,
                () -> inForce.getOrDefault(name, List.of()),
                later,
                listeners::remove);
        listeners.add(made);
        made.start();
    }

    private synchronized void impose(String rule, String node, long seed, CallRule wanted) throws IOException {
        var present = watching;
        var unwatched = wanted.calls().stream()
                .map(SystemCall::text)
                .filter(name -> present == null || !present.names().contains(name))
                .sorted()
                .toList();
        if (!unwatched.isEmpty()) {
            throw new IOException("these calls are not watched in the nodes: " + unwatched);
        }
        rules.computeIfAbsent(rule, any -> new LinkedHashMap<>()).put(node, new ActiveRule(wanted, seed));
        refresh();
        // Only now: what starts meanwhile has the filter from its start.
        attach(List.of(node));
    }

    private void refresh() {
        var present = new LinkedHashMap<String, List<ActiveRule>>();
        rules.values()
                .forEach(nodes -> nodes.forEach((node, active) ->
                        present.computeIfAbsent(node, any -> new ArrayList<>()).add(active)));
        inForce.keySet().retainAll(present.keySet());
        present.forEach((node, list) -> inForce.put(node, List.copyOf(list)));
    }

    private synchronized List<String> lift(String rule) {
        var counted = counters(rule);
        var lifted = rules.remove(rule);
        if (lifted != null) {
            refresh();
            listeners.forEach(listener -> listener.release(Set.copyOf(lifted.values())));
        }
        return counted;
    }

    /** For each node its name, and for each call that was met its name and three numbers. */
    private synchronized List<String> counters(String rule) {
        return rules.getOrDefault(rule, Map.of()).entrySet().stream()
                .flatMap(node -> Stream.concat(
                        Stream.of(String.join("\t", node.getKey(), "", "0", "0", "0")),
                        node.getValue().counters().entrySet().stream()
                                .map(call -> String.join(
                                        "\t",
                                        node.getKey(),
                                        call.getKey().text(),
                                        Long.toString(call.getValue().hit()),
                                        Long.toString(call.getValue().delayed()),
                                        Long.toString(call.getValue().failed())))))
                .toList();
    }

    private List<String> look(String node, String question) throws IOException {
        var witness = witness(node);
        try {
            return witness.look(question);
        } catch (IOException e) {
            // the next question has a new one
            witnesses.remove(node, witness);
            witness.close();
            throw e;
        }
    }

    @Override
    public void started(String node, long pid) {
        var present = watching;
        var start = starts.computeIfPresent(node, (any, last) -> new Start(OptionalLong.of(pid), last.watched()));
        if (present == null || start == null) {
            return;
        }
        if (present.attaching()) {
            if (!start.watched() && inForce.containsKey(node)) {
                // it was started just before the rule was in force
                beside("attach", node, () -> attach(List.of(node)));
            }
        } else if (!witnesses.containsKey(node)) {
            // While load is on, starting a JVM may take longer than a question may.
            beside("witness", node, () -> witness(node));
        }
    }

    /** Something that takes its time. */
    @FunctionalInterface
    private interface Task {
        void run() throws IOException;
    }

    private static void beside(String what, String node, Task task) {
        var thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        System.err.println("system calls of " + node + ", " + what + ": " + e.getMessage());
                    }
                },
                "syscalls-" + what + "-" + node);
        thread.setDaemon(true);
        thread.start();
    }

    private WitnessProcess witness(String node) throws IOException {
        var present = watching;
        if (present == null) {
            throw new IOException("no system calls are watched");
        }
        synchronized (witnesses) {
            var running = witnesses.get(node);
            if (running == null) {
                var words = launcher(present, Launcher.WITNESS, node);
                running = WitnessProcess.of(threads.apply(node)
                        .call(() -> new ProcessBuilder(words)
                                .redirectErrorStream(true)
                                .start()));
                witnesses.put(node, running);
            }
            return running;
        }
    }

    /** Ends the witnesses; where the sandbox ends, the nodes end with it, and so do their calls. */
    @Override
    public void close() throws IOException {
        witnesses.values().forEach(WitnessProcess::close);
        var present = watching;
        if (present != null) {
            present.door().close();
        }
    }
}
