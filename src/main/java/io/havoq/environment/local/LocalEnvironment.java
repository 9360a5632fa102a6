package io.havoq.environment.local;

import io.havoq.broker.BrokerPreset;
import io.havoq.broker.NodeSpec;
import io.havoq.environment.Credentials;
import io.havoq.environment.Environment;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.Role;
import io.havoq.environment.ShutdownHook;
import io.havoq.environment.Target;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.local.sandbox.Isolation;
import io.havoq.fault.local.sandbox.SandboxProbe;
import io.havoq.fault.local.syscall.CallRules;
import io.havoq.journal.Journal;
import io.havoq.journal.JournalSettings;
import io.havoq.manifest.ChaosSpec;
import io.havoq.settings.Seed;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A broker cluster as processes on this machine, shown as the StatefulSet of the plan shows it. Nothing of it outlives this
 * JVM, whatever ends it. Thread-safe.
 */
public final class LocalEnvironment implements Environment {
    /** Label, StatefulSet and container, so that manifests match unchanged. */
    private static final String APP = "emqx-go";

    private static final String NAMESPACE = "default";
    private static final System.Logger LOG = System.getLogger(LocalEnvironment.class.getName());
    private static final AtomicBoolean FALLBACK_TOLD = new AtomicBoolean();

    private final Settings settings;
    private final BrokerPreset preset;
    private final Consumer<String> progress;
    private final NodeLogs logs;
    private final Path state;
    private final long seed;
    private final Path captures;
    /** Held while the cluster is started or rebuilt; closing does not wait for it. */
    private final Object starting = new Object();

    /** Who closes second returns when the first has. */
    private final Object closing = new Object();

    private final AtomicReference<@Nullable RunningCluster> cluster = new AtomicReference<>();
    private final AtomicReference<@Nullable Journal> journal = new AtomicReference<>();
    /** Grows with the faults that are planned; guarded by {@link #starting}. */
    private final Set<String> watchedCalls = new TreeSet<>();

    private volatile @Nullable Isolation isolation;
    private volatile @Nullable ShutdownHook hook;
    private volatile boolean closed;

    /**
     * @param output where the nodes' logs go, under {@code nodes}, and captured packets, under {@code captures}; usually
     *     {@code target/havoq}
     * @param progress told in a line whenever a start got on
     */
    public LocalEnvironment(Settings settings, BrokerPreset preset, Path output, Consumer<String> progress) {
        this.settings = settings;
        this.preset = preset;
        this.progress = progress;
        this.logs = new NodeLogs(output.resolve("nodes"));
        this.seed = Seed.of(settings);
        this.captures = output.resolve("captures");
        this.state = JournalSettings.stateDirectory(settings);
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public String broker() {
        return preset.name();
    }

    @Override
    public String description() {
        var found = isolation;
        var running = cluster.get();
        var on = running == null ? "" : running.networkDescription();
        var how = found == null ? "" : ", in " + found.description() + (on.isEmpty() ? "" : ", " + on);
        var lacks = found instanceof Isolation.Plain plain
                ? "; kills are the only faults and data is not bounded; remedy: " + plain.remedy()
                : "";
        return settings.get(LocalSettings.NODES) + " nodes of " + preset.description() + " on this machine" + how
                + lacks;
    }

    @Override
    public Duration startTimeout() {
        return preset.startTimeout();
    }

    @Override
    public Duration timeInForce(Optional<Duration> manifest) {
        return LocalSettings.timeInForce(settings, manifest);
    }

    /**
     * {@inheritDoc} Which system calls of a process can be delayed or failed is settled when it gets its filter: where that was before, and a
     * fault needs others, a new cluster takes the place of the present one.
     */
    @Override
    public void prepare(Collection<? extends ChaosSpec> faults) {
        synchronized (starting) {
            faults.forEach(fault -> watchedCalls.addAll(CallRules.watched(fault)));
            var running = cluster.get();
            if (running != null && isolation instanceof Isolation.Namespaces && !running.watches(watchedCalls)) {
                progress.accept("the cluster is started anew, to have its nodes' system calls watched: "
                        + String.join(", ", watchedCalls));
                rebuild();
            }
        }
    }

    @Override
    public void start() {
        synchronized (starting) {
            if (closed) {
                throw new EnvironmentException("the local environment is closed and cannot be started again");
            }
            if (cluster.get() != null) {
                return;
            }
            preset.prepare();
            logs.prepare(names());
            // Registered for closing before there is anything to close.
            hook = ShutdownHook.register("havoq-local-shutdown", this::close);
            try {
                var swept = Journal.sweep(state, Map.of());
                swept.undone().forEach(done -> progress.accept("left by an earlier run: " + done));
                swept.problems().forEach(problem -> LOG.log(System.Logger.Level.WARNING, problem));
                var opened = Journal.open(state);
                journal.set(opened);
                var found = isolate();
                isolation = found;
                try (var free = new FreePorts()) {
                    launch(opened, found, layOut(free), free::close);
                }
            } catch (IOException e) {
                throw failed(new EnvironmentException(
                        "the local cluster cannot be started: " + e.getMessage() + " (state directory " + state + ")",
                        e));
            } catch (RuntimeException e) {
                throw failed(e);
            }
        }
    }

    /** @param needed is told when the ports are about to be used by others than this process */
    private void launch(Journal opened, Isolation found, List<Map<String, Integer>> ports, Runnable needed)
            throws IOException {
        var fresh = new RunningCluster(
                settings,
                preset,
                logs,
                state,
                opened,
                found,
                names(),
                ports,
                seed,
                captures,
                Set.copyOf(watchedCalls),
                progress);
        cluster.set(fresh);
        if (closed) {
            fresh.close();
        }
        fresh.start(needed);
    }

    private RuntimeException failed(RuntimeException problem) {
        try {
            close();
        } catch (RuntimeException e) {
            problem.addSuppressed(e);
        }
        return problem;
    }

    private Isolation isolate() throws IOException {
        var wanted = settings.get(LocalSettings.ISOLATION);
        var probe = new SandboxProbe(Files.createDirectories(RunningCluster.mountPoint(state)));
        if (wanted == LocalSettings.IsolationMode.NONE) {
            return probe.asked();
        }
        var found = probe.probe();
        if (found instanceof Isolation.Plain plain) {
            if (wanted == LocalSettings.IsolationMode.NAMESPACES) {
                throw new EnvironmentException("havoq.local.isolation=namespaces, but there are none here: "
                        + plain.reason() + ". Remedy: " + plain.remedy() + "; or set havoq.local.isolation=auto");
            }
            if (FALLBACK_TOLD.compareAndSet(false, true)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The nodes run as plain child processes, with kills as the only faults: " + plain.reason()
                                + ". Remedy: " + plain.remedy());
            }
        }
        return found;
    }

    private List<String> names() {
        return IntStream.range(0, settings.get(LocalSettings.NODES))
                .mapToObj(index -> APP + "-" + index)
                .toList();
    }

    private List<Map<String, Integer>> layOut(FreePorts free) {
        var all = new ArrayList<Map<String, Integer>>();
        for (int i = 0; i < settings.get(LocalSettings.NODES); i++) {
            var ports = new LinkedHashMap<String, Integer>();
            preset.portPurposes().forEach(purpose -> ports.put(purpose, free.next()));
            all.add(ports);
        }
        return all;
    }

    private RunningCluster cluster() {
        var running = cluster.get();
        if (running == null) {
            throw new EnvironmentException(
                    closed
                            ? "the local environment is closed"
                            : "the local environment was not started: call start() first");
        }
        return running;
    }

    @Override
    public List<Target> targets() {
        return cluster().nodes().stream().map(this::target).toList();
    }

    private Target target(NodeSpec node) {
        var now = cluster().state(node.name());
        var ports = new LinkedHashMap<String, String>();
        node.ports().keySet().forEach(purpose -> ports.put(purpose, node.address(purpose)));
        return new Target(
                node.name(),
                NAMESPACE,
                Map.of("app", APP, "statefulset.kubernetes.io/pod-name", node.name()),
                Map.of(),
                now.phase(),
                now.ready(),
                List.of(APP),
                "localhost",
                now.uid(),
                now.restartCount(),
                ports);
    }

    @Override
    public Optional<String> portProblem(Target target, String purpose) {
        return cluster().portProblem(target.name(), purpose);
    }

    @Override
    public List<MqttEndpoint> endpoints() {
        return cluster().endpoints();
    }

    @Override
    public Optional<Credentials> credentials() {
        return preset.credentials();
    }

    @Override
    public Map<String, Role> roles() {
        var roles = new LinkedHashMap<String, Role>();
        for (var node : cluster().nodes()) {
            roles.put(node.name(), preset.role(node));
        }
        return roles;
    }

    @Override
    public FaultEngine faults() {
        return cluster().faults();
    }

    @Override
    public List<String> logTail(String target, int lines) {
        return logs.tail(target, lines);
    }

    @Override
    public Optional<Path> logFile(String target) {
        return logs.existing(target);
    }

    @Override
    public void beginExperiment(String id) {
        cluster().beginExperiment(id);
    }

    /**
     * {@inheritDoc}
     *
     * @throws EnvironmentException if the new cluster does not become ready
     */
    @Override
    public boolean rebuild() {
        synchronized (starting) {
            var old = cluster();
            old.close();
            try {
                launch(old.journal(), old.isolation(), old.ports(), () -> {});
            } catch (IOException e) {
                throw new EnvironmentException("the local cluster cannot be rebuilt: " + e.getMessage(), e);
            }
            return true;
        }
    }

    @Override
    public void close() {
        closed = true;
        synchronized (closing) {
            closeNow();
        }
    }

    private void closeNow() {
        var running = cluster.getAndSet(null);
        try {
            if (running != null) {
                running.close();
            }
        } finally {
            closeJournal();
            var registered = hook;
            if (registered != null) {
                registered.remove();
            }
        }
    }

    private void closeJournal() {
        var opened = journal.getAndSet(null);
        if (opened != null) {
            try {
                opened.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "the journal cannot be closed, the next run will: " + e);
            }
        }
    }
}
