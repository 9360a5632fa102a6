package io.havoq.fault.local.stress;

import io.havoq.environment.OwnJvm;
import io.havoq.fault.local.service.NamespaceThread;
import io.havoq.fault.local.service.ProcessTree;
import io.havoq.fault.local.service.Service;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Puts the nodes' processes into their groups, and starts and ends the stressors beside them. Carries out what {@link StressControl}
 * asks for. Thread-safe.
 */
public final class StressService implements Service {
    /** Enters the groups named before {@code --}, sets the readiness to be ended for want of memory, and becomes the rest. */
    private static final String JOIN =
            "while [ \"$1\" != -- ]; do echo $$ > \"$1/cgroup.procs\" || exit 125; shift; done;"
                    + " shift; [ -z \"$1\" ] || echo \"$1\" > /proc/$$/oom_score_adj || exit 125; shift; exec \"$@\"";

    private static final long TASKSET_SECONDS = 5;
    private static final int HEAP_MEBIBYTES = 16;
    private static final long SPARE_BYTES = 64L << 20;

    private final Function<String, NamespaceThread> threads;
    private final List<String> wrapper;
    private final Map<String, List<String>> groups = new ConcurrentHashMap<>();
    private final Map<String, Long> pids = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Stressor>> stressors = new ConcurrentHashMap<>();
    private final Map<String, Affinity> pinned = new ConcurrentHashMap<>();
    private final Map<String, OomScore> scores = new ConcurrentHashMap<>();

    /** Where a node's process could run before it was kept to one processor. */
    private record Affinity(long pid, String processors) {}

    /**
     * @param threads the thread that starts a node's processes
     * @param wrapper the words that every process in the sandbox is prefixed with
     */
    public StressService(Function<String, NamespaceThread> threads, List<String> wrapper) {
        this.threads = threads;
        this.wrapper = List.copyOf(wrapper);
    }

    @Override
    public List<String> names() {
        return List.of("stress");
    }

    @Override
    public List<String> wrapper(String node) {
        return groups.containsKey(node) ? join(node, "") : List.of();
    }

    private List<String> join(String node, String oomScoreAdj) {
        var words = new ArrayList<>(List.of("sh", "-c", JOIN, "join"));
        words.addAll(groups.getOrDefault(node, List.of()));
        words.add("--");
        words.add(oomScoreAdj);
        return words;
    }

    @Override
    public void started(String node, long pid) {
        pids.put(node, pid);
    }

    @Override
    public void ended(String node) {
        pids.remove(node);
    }

    @Override
    public List<String> call(String verb, List<String> arguments) throws IOException {
        return switch (verb) {
            case "stress.groups" -> {
                groups.put(arguments.get(0), List.copyOf(arguments.subList(1, arguments.size())));
                yield List.of();
            }
            case "stress.start" -> start(arguments);
            case "stress.stop" -> stop(arguments.get(0));
            case "stress.states" -> states(arguments.get(0));
            default -> throw new IOException("the sandbox's stress does not know '" + verb + "'");
        };
    }

    private List<String> start(List<String> arguments) throws IOException {
        var rule = arguments.get(0);
        var node = arguments.get(1);
        var kind = StressorState.Kind.valueOf(arguments.get(2));
        var pid = pids.get(node);
        if (pid == null) {
            throw new IOException(node + " has no process now");
        }
        var score = new OomScore();
        var adjustment = "";
        if (kind == StressorState.Kind.MEMORY) {
            scores.put(rule + "/" + node, score);
            adjustment = score.prepare(Integer.parseInt(arguments.get(5)), members(node, pid));
        }
        var words = join(node, adjustment);
        if (arguments.get(6).equals("emulated")) {
            words.addAll(List.of("taskset", "-c", pin(rule + "/" + node, pid)));
        }
        words.addAll(wrapper);
        words.addAll(program(kind, arguments.get(3), arguments.get(4)));
        var stressor = new Stressor(
                node, kind, words, environment(pid), threads.apply(node), () -> pid.equals(pids.get(node)));
        // Known before it runs, so that it is ended whatever happens.
        stressors.computeIfAbsent(rule, name -> new ConcurrentHashMap<>()).put(node + "/" + kind, stressor);
        stressor.start();
        return List.of(Boolean.toString(score.raised()));
    }

    /** The processes in a node's group, and its own, which joins the group only when it has begun. */
    private Set<Long> members(String node, long pid) throws IOException {
        var directories = groups.getOrDefault(node, List.of());
        if (directories.isEmpty()) {
            return Set.of();
        }
        var members = new LinkedHashSet<>(List.of(pid));
        for (var member : Files.readAllLines(Path.of(directories.get(0), "cgroup.procs"), StandardCharsets.US_ASCII)) {
            members.add(Long.parseLong(member));
        }
        return members;
    }

    private static List<String> program(StressorState.Kind kind, String workers, String figure) {
        var words = new ArrayList<>(OwnJvm.words());
        words.addAll(List.of("-Xms4m", "-Xmx" + HEAP_MEBIBYTES + "m", "-Xss256k", "-XX:+ExitOnOutOfMemoryError"));
        if (kind == StressorState.Kind.MEMORY) {
            words.add("-XX:MaxDirectMemorySize=" + (Long.parseLong(figure) + SPARE_BYTES));
        }
        words.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                StressorMain.class.getName(),
                kind == StressorState.Kind.CPU ? "cpu" : "memory",
                workers,
                figure));
        return words;
    }

    /** What marks a process as the node's: it ends with the node, as in a container. */
    private static Map<String, String> environment(long pid) throws IOException {
        var environment = new LinkedHashMap<String, String>();
        // A clock that leaps would have its workers sleep for as long, or not at all.
        environment.put(ProcessTree.ENGINE, "stressor");
        var file = Path.of("/proc/" + pid + "/environ");
        for (var variable : Files.readString(file, StandardCharsets.UTF_8).split("\0", -1)) {
            var equals = variable.indexOf('=');
            if (equals > 0 && (variable.startsWith("HAVOQ_") || variable.startsWith("PATH="))) {
                environment.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return environment;
    }

    /** Keeps a node to the last of its processors and returns which that is. */
    private String pin(String key, long pid) throws IOException {
        var processors = "";
        for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/status"), StandardCharsets.US_ASCII)) {
            if (line.startsWith("Cpus_allowed_list:")) {
                processors = line.substring(line.indexOf(':') + 1).strip();
            }
        }
        var last = processors.substring(Math.max(processors.lastIndexOf(','), processors.lastIndexOf('-')) + 1);
        pinned.put(key, new Affinity(pid, processors));
        taskset(pid, last);
        return last;
    }

    /** Twice: a thread that was started during the first time has its maker's processors of before. */
    private static void taskset(long pid, String processors) throws IOException {
        for (int time = 0; time < 2; time++) {
            var process = new ProcessBuilder("taskset", "-a", "-p", "-c", processors, Long.toString(pid))
                    .redirectErrorStream(true)
                    .start();
            try {
                var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!process.waitFor(TASKSET_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                    throw new IOException("taskset cannot set the processors of " + pid + " to " + processors + ": "
                            + output.strip());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the processors of " + pid + " were set", e);
            } finally {
                process.destroyForcibly();
            }
        }
    }

    private List<String> stop(String rule) throws IOException {
        for (var stressor : stressors.getOrDefault(rule, Map.of()).values()) {
            stressor.stop();
        }
        for (var key : List.copyOf(scores.keySet())) {
            var score = scores.get(key);
            if (key.startsWith(rule + "/") && score != null) {
                score.restore();
                scores.remove(key);
            }
        }
        for (var key : List.copyOf(pinned.keySet())) {
            var before = pinned.get(key);
            if (key.startsWith(rule + "/") && before != null) {
                // Otherwise the process that was pinned is gone, and its successor never was.
                if (pids.containsValue(before.pid())) {
                    taskset(before.pid(), before.processors());
                }
                pinned.remove(key);
            }
        }
        var last = states(rule);
        stressors.remove(rule);
        return last;
    }

    private List<String> states(String rule) {
        return stressors.getOrDefault(rule, Map.of()).values().stream()
                .flatMap(stressor -> stressor.state().words().stream())
                .toList();
    }

    @Override
    public void close() throws IOException {
        for (var rule : List.copyOf(stressors.keySet())) {
            stop(rule);
        }
    }
}
