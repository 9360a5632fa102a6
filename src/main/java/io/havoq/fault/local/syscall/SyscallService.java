package io.havoq.fault.local.syscall;

import io.havoq.fault.local.service.NamespaceThread;
import io.havoq.fault.local.service.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Function;
import java.util.stream.Collectors;
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
    /** A witness' call takes as long as a rule makes it take; the lifting of that very rule must not stand behind it. */
    private static final Set<String> WAITING = Set.of("syscall.look");

    private final Function<String, NamespaceThread> threads;
    private final Path directory;
    private final RulesInForce rules = new RulesInForce();
    private final NodeStarts starts = new NodeStarts();
    private final Map<String, WitnessProcess> witnesses = new ConcurrentHashMap<>();

    private final ScheduledThreadPoolExecutor later = new ScheduledThreadPoolExecutor(1, task -> {
        var thread = new Thread(task, "syscalls-later");
        thread.setDaemon(true);
        return thread;
    });

    private final OwnPrograms programs;
    private final Tracer tracer;

    /** Whether processes may be attached to that run already; else all are watched from the start. */
    private final boolean mayAttach;

    private volatile @Nullable Watching watching;

    /** @param attaching whether a process is watched from the first rule on, not from its start */
    private record Watching(Admission admission, Set<String> names, boolean attaching) {
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
        this.programs = new OwnPrograms(directory);
        this.tracer = new Tracer(programs, later);
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
            case "syscall.counters" -> rules.counters(arguments.get(0));
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
        programs.unpackLibrary();
        var admission = Admission.open(directory, rules, later);
        try {
            watching = new Watching(admission, Set.copyOf(names), false);
            witness(PROBE).close();
            if (mayAttach) {
                var problem = AttachmentProbe.problem(PROBE, this::install);
                if (problem.isEmpty()) {
                    watching = new Watching(admission, Set.copyOf(names), true);
                    return List.of(ATTACHING);
                }
                return List.of(LAUNCHING, problem.get());
            }
            return List.of(LAUNCHING, "");
        } catch (IOException e) {
            watching = null;
            admission.close();
            return List.of("none", String.valueOf(e.getMessage()), remedy(String.valueOf(e.getMessage())));
        } finally {
            witnesses.remove(PROBE);
        }
    }

    private List<String> more(Watching before, Set<String> names) {
        if (before.names().containsAll(names)) {
            return before.attaching() ? List.of(ATTACHING) : List.of(LAUNCHING, "");
        }
        var changed = before.attaching()
                && starts.whileNoneIsWatched(() -> {
                    witnesses.values().forEach(WitnessProcess::close);
                    witnesses.clear();
                    watching = new Watching(before.admission(), names, true);
                });
        return changed
                ? List.of(ATTACHING)
                : List.of(
                        "none",
                        "the calls that are watched were chosen before, and processes have a filter without the others",
                        "start the cluster anew");
    }

    private static String remedy(String reason) {
        return reason.contains("pidfd")
                ? "allow pidfd_getfd: the same user, kernel.yama.ptrace_scope of 0 or 1, and in a container CAP_SYS_PTRACE or a"
                        + " seccomp profile that permits it"
                : "run it on Linux 5.19 or later with CONFIG_SECCOMP_FILTER, in a container with a seccomp profile that permits"
                        + " seccomp(2)";
    }

    /** One that starts while a rule is in force for it has the filter from the start, and all others where none can be attached to. */
    @Override
    public List<String> wrapper(String node) {
        var present = watching;
        var launched = present != null && (!present.attaching() || rules.concern(node));
        starts.starting(node, launched);
        return present == null || !launched ? List.of() : programs.launcher(Launcher.NODE, node, present.numbers());
    }

    /** Has the nodes' processes watched; does nothing where they are. */
    private void attach(List<String> nodes) throws IOException {
        var present = watching;
        if (present != null && present.attaching()) {
            starts.attach(nodes, this::install);
        }
    }

    private void install(List<Attachable> processes) throws IOException {
        tracer.install(processes, Objects.requireNonNull(watching).numbers());
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
        rules.impose(rule, node, new ActiveRule(wanted, seed));
        // Only now: what starts meanwhile has the filter from its start.
        attach(List.of(node));
    }

    private synchronized List<String> lift(String rule) {
        var counted = rules.counters(rule);
        var lifted = rules.lift(rule);
        var present = watching;
        if (present != null && !lifted.isEmpty()) {
            present.admission().release(lifted);
        }
        return counted;
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
        var start = starts.started(node, pid);
        if (present == null || start.isEmpty()) {
            return;
        }
        if (present.attaching()) {
            if (!start.get().watched() && rules.concern(node)) {
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
                var words = programs.launcher(Launcher.WITNESS, node, present.numbers());
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
            present.admission().close();
        }
    }
}
