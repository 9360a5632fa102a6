package io.havoq.environment.local;

import io.havoq.broker.BrokerPreset;
import io.havoq.broker.NodeSpec;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.MqttEndpoint;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.local.LocalFaultEngine;
import io.havoq.fault.local.LocalSupports;
import io.havoq.fault.local.clock.ClockControl;
import io.havoq.fault.local.clock.ClockReading;
import io.havoq.fault.local.clock.ClockSupport;
import io.havoq.fault.local.network.LatenessBound;
import io.havoq.fault.local.network.NetworkControl;
import io.havoq.fault.local.network.NetworkSettings;
import io.havoq.fault.local.network.NetworkSupport;
import io.havoq.fault.local.network.Ports;
import io.havoq.fault.local.process.NodeState;
import io.havoq.fault.local.process.Supervisor;
import io.havoq.fault.local.sandbox.Command;
import io.havoq.fault.local.sandbox.Event;
import io.havoq.fault.local.sandbox.Isolation;
import io.havoq.fault.local.sandbox.Sandbox;
import io.havoq.fault.local.stress.StressControl;
import io.havoq.fault.local.stress.StressSettings;
import io.havoq.fault.local.stress.StressSupport;
import io.havoq.fault.local.syscall.SyscallControl;
import io.havoq.fault.local.syscall.SyscallSupport;
import io.havoq.journal.Journal;
import io.havoq.journal.Undo;
import io.havoq.settings.Settings;
import io.havoq.time.GoDuration;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One cluster from its first start to its end: the sandbox, the nodes in it, and who watches them. Thread-safe. */
final class RunningCluster implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RunningCluster.class.getName());
    /** A process that ends by itself so often during the start is not going to stay. */
    private static final int ENDS_AT_START = 2;

    private final BrokerPreset preset;
    private final NodeLogs logs;
    private final Journal journal;
    private final Isolation isolation;
    private final List<String> names;
    private final List<Map<String, Integer>> ports;
    private final List<Ports.Kind> networkKinds;
    private final long seed;
    private final LatenessBound lateness;
    private final Captures captures;
    private final CallWatch calls;
    private final Consumer<String> progress;
    private final NodeLimits limits;
    private final String owner = UUID.randomUUID().toString();
    private final Sandbox.Options options;
    private final ScheduledThreadPoolExecutor threads;
    private final Supervisor supervisor;
    private volatile @Nullable Readiness readiness;
    private volatile @Nullable FaultEngine faults;
    private volatile @Nullable NodeNetwork network;
    private volatile @Nullable Sandbox sandbox;
    private volatile String sandboxProblem = "";
    private boolean closed;

    RunningCluster(
            Settings settings,
            BrokerPreset preset,
            NodeLogs logs,
            Path state,
            Journal journal,
            Isolation isolation,
            List<String> names,
            List<Map<String, Integer>> ports,
            long seed,
            Path captures,
            Set<String> watchedCalls,
            Consumer<String> progress) {
        this.preset = preset;
        this.logs = logs;
        this.journal = journal;
        this.isolation = isolation;
        this.names = names;
        this.ports = ports;
        this.networkKinds = settings.get(LocalSettings.NETWORK).kinds();
        this.seed = seed;
        this.captures = Captures.of(settings, captures);
        this.lateness =
                new LatenessBound(settings.get(NetworkSettings.MAX_LATENESS), settings.get(NetworkSettings.MAX_DROPS));
        this.calls = new CallWatch(watchedCalls, progress);
        this.progress = progress;
        var memory = settings.get(StressSettings.MEMORY);
        this.limits = new NodeLimits(
                journal,
                owner,
                settings.get(StressSettings.CPUS),
                (memory > 0 ? memory : (long) preset.memoryMebibytes()) << 20);
        var data = isolation instanceof Isolation.Namespaces
                ? mountPoint(state)
                : state.resolve("data").resolve(owner);
        this.options = new Sandbox.Options(
                isolation, data, settings.get(LocalSettings.DATA), settings.get(LocalSettings.LOG), owner);
        var number = new AtomicInteger();
        this.threads = new ScheduledThreadPoolExecutor(names.size() + 1, task -> {
            var thread = new Thread(task, "havoq-local-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        this.supervisor = new Supervisor(
                names,
                settings.get(LocalSettings.NOTICING),
                this::send,
                this::after,
                this::startCommand,
                limits::oomKills);
    }

    /** An empty directory that stays; every sandbox mounts its own tmpfs over it where only its own processes see it. */
    static Path mountPoint(Path state) {
        return state.resolve("mount");
    }

    /**
     * Starts everything and returns when every node is ready.
     *
     * @param portsNeeded run when the sandbox has those ports that are its own, before the nodes take theirs
     */
    void start(Runnable portsNeeded) throws IOException {
        long begin = System.nanoTime();
        // On disk before anything is there; undone in the opposite order: a group can be removed when its processes are
        // gone.
        limits.make(names);
        if (isolation instanceof Isolation.Plain) {
            journal.record(Undo.directory(owner + "-data", options.data()));
        }
        journal.record(Undo.processes(owner + "-processes", "HAVOQ_OWNER", owner));
        var started = Sandbox.start(options, this::accept);
        boolean late;
        synchronized (this) {
            sandbox = started;
            late = closed;
        }
        if (late) {
            started.close();
            throw new EnvironmentException("the local environment was closed while it was started");
        }
        var laidOut = layOut(started);
        network = laidOut;
        portsNeeded.run();
        progress.accept("nodes on " + laidOut.description());
        var stress = new StressControl(started::call);
        if (limits.limits() instanceof StressSupport.Limits.Groups groups) {
            groups.groups()
                    .nodes()
                    .forEach(node -> stress.groups(node, groups.groups().directories(node)));
        }
        var asking = new Readiness(preset, cluster(), supervisor, threads);
        readiness = asking;
        faults = new LocalFaultEngine(
                supervisor,
                this::mqtt,
                this::hostPid,
                new LocalSupports(
                        support(laidOut),
                        clocks(started),
                        new StressSupport(stress, limits.limits(), started::pidOnHost),
                        syscalls(started)),
                lateness,
                seed);
        supervisor.startAll();
        awaitReady(begin, new StartFailure(preset, laidOut, logs, asking));
    }

    private NodeNetwork layOut(Sandbox started) throws IOException {
        if (isolation instanceof Isolation.Plain plain) {
            return NodeNetwork.Host.of(plain.reason(), plain.remedy(), names, ports, options.data());
        }
        if (networkKinds.isEmpty()) {
            return NodeNetwork.Host.of(
                    "havoq.local.network=none", "set havoq.local.network=auto", names, ports, options.data());
        }
        var control = new NetworkControl(started::call);
        var opened = control.open(names, networkKinds, seed);
        if (opened instanceof NetworkControl.Opened.Own own) {
            return NodeNetwork.Own.of(
                    control, own.how(), own.addresses(), preset.portPurposes(), ports, options.data());
        }
        if (!(opened instanceof NetworkControl.Opened.None none)) {
            throw new IllegalStateException("neither a network nor none: " + opened);
        }
        return NodeNetwork.Host.of(none.reason(), none.remedy(), names, ports, options.data());
    }

    private static NetworkSupport support(NodeNetwork network) {
        if (network instanceof NodeNetwork.Own own) {
            return new NetworkSupport.Available(own.control(), own.places());
        }
        var host = (NodeNetwork.Host) network;
        return new NetworkSupport.Unavailable(host.reason(), host.remedy());
    }

    private ClockSupport clocks(Sandbox started) {
        return isolation instanceof Isolation.Plain plain
                ? new ClockSupport.Unavailable("the nodes are plain child processes: " + plain.reason(), plain.remedy())
                : new ClockSupport.Available(new ClockControl(started::call), this::clock);
    }

    /** A node's time of day: asked if the broker tells it, else as its log tells it. */
    private Optional<ClockReading> clock(String name) {
        var earliest = Instant.now();
        return preset.clock(network().node(name))
                .map(told ->
                        ClockReading.of(told.time(), told.resolution(), earliest, Instant.now(), told.source(), true))
                .or(() -> LogClock.read(logs.file(name), logs.tail(name, 1)));
    }

    private SyscallSupport syscalls(Sandbox started) throws IOException {
        if (isolation instanceof Isolation.Plain plain) {
            return new SyscallSupport.Unavailable(plain.reason(), plain.remedy());
        }
        var volumes = new LinkedHashMap<String, Path>();
        nodes().forEach(node -> volumes.put(node.name(), node.dataDirectory()));
        return calls.begin(new SyscallControl(started::call), volumes);
    }

    /** Whether these system calls can be delayed and failed in the nodes as they run. */
    boolean watches(Set<String> wanted) {
        return calls.covers(wanted);
    }

    private NodeNetwork network() {
        var present = network;
        if (present == null) {
            throw new EnvironmentException("the local cluster has not been started");
        }
        return present;
    }

    private NodeSpec.Cluster cluster() {
        return new NodeSpec.Cluster(network().nodes());
    }

    private void awaitReady(long begin, StartFailure failure) {
        var told = new LinkedHashMap<String, Boolean>();
        try {
            var settled = supervisor.await(
                    states -> {
                        for (var state : states) {
                            if (state.ready() && told.putIfAbsent(state.name(), true) == null) {
                                progress.accept(state.name() + " is ready after " + since(begin));
                            }
                        }
                        return hopeless(states) || states.stream().allMatch(NodeState::ready);
                    },
                    preset.startTimeout());
            var states = supervisor.states();
            if (!settled || !states.stream().allMatch(NodeState::ready)) {
                throw notReady(states, begin, failure);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EnvironmentException("interrupted while the nodes were started", e);
        }
    }

    private synchronized boolean hopeless(List<NodeState> states) {
        return closed
                || !sandboxProblem.isEmpty()
                || states.stream()
                        .anyMatch(state -> state.ends() >= ENDS_AT_START
                                || !state.problem().isEmpty());
    }

    private EnvironmentException notReady(List<NodeState> states, long begin, StartFailure failure) {
        synchronized (this) {
            if (closed) {
                return new EnvironmentException("the local environment was closed while it was started");
            }
        }
        if (!sandboxProblem.isEmpty()) {
            return new EnvironmentException("the local cluster did not start: " + sandboxProblem);
        }
        return failure.of(states, since(begin));
    }

    private static String since(long begin) {
        return GoDuration.format(Duration.ofMillis((System.nanoTime() - begin) / 1_000_000));
    }

    private void accept(Event event) {
        synchronized (this) {
            if (closed) {
                return;
            }
            note(event);
        }
        supervisor.accept(event);
        var asking = readiness;
        if (event instanceof Event.Started started && asking != null) {
            asking.watch(started.node(), started.run());
        }
    }

    private void note(Event event) {
        if (event instanceof Event.Ended ended) {
            sandboxProblem = ended.message();
        } else if (event instanceof Event.Notice notice) {
            LOG.log(System.Logger.Level.WARNING, notice.node() + ": " + notice.message());
        } else if (isolation instanceof Isolation.Plain && event instanceof Event.Started started) {
            journal.record(Undo.process(entry(started.node(), started.run()), started.pid()));
        } else if (isolation instanceof Isolation.Plain && event instanceof Event.Exited exited) {
            journal.clear(entry(exited.node(), exited.run()));
        }
    }

    private String entry(String node, long run) {
        return owner + "-" + node + "-" + run;
    }

    private void send(Command command) throws IOException {
        var running = sandbox;
        if (running == null) {
            throw new IOException("the sandbox does not run");
        }
        running.send(command);
    }

    private void after(Duration delay, Runnable action) {
        if (!threads.isShutdown()) {
            var unused = threads.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private Command.Start startCommand(String name, long run, String uid, int restartCount) {
        var node = network().node(name);
        var launch = preset.launch(node, cluster());
        var environment = new LinkedHashMap<String, String>();
        environment.put("PATH", System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin"));
        environment.put("LANG", "C.UTF-8");
        // What a broker writes beside its data must be gone with it.
        environment.put("HOME", node.dataDirectory().toString());
        environment.put("TMPDIR", node.dataDirectory().toString());
        environment.putAll(launch.environment());
        environment.put("HAVOQ_OWNER", owner);
        environment.put("HAVOQ_NODE", owner + "/" + name + "/" + run);
        return new Command.Start(name, run, node.dataDirectory(), logs.file(name), launch.command(), environment);
    }

    private InetSocketAddress mqtt(String name) {
        return network().endpoints().stream()
                .filter(endpoint -> endpoint.target().equals(name))
                .findFirst()
                .orElseThrow(() -> new EnvironmentException("there is no node '" + name + "'"))
                .address();
    }

    private OptionalLong hostPid(String name) {
        var running = sandbox;
        var pid = supervisor.state(name).pid();
        return running == null || pid.isEmpty() ? OptionalLong.empty() : running.pidOnHost(pid.getAsLong());
    }

    List<NodeSpec> nodes() {
        return network().nodes();
    }

    List<MqttEndpoint> endpoints() {
        return network().endpoints();
    }

    Optional<String> portProblem(String name, String purpose) {
        return network().portProblem(network().node(name), purpose);
    }

    /** What the nodes' network is, in few words; empty before there is one. */
    String networkDescription() {
        var present = network;
        return present == null ? "" : present.description();
    }

    /** A node now; throws if the sandbox ended, so that nobody judges a cluster that is not there. */
    NodeState state(String name) {
        if (!sandboxProblem.isEmpty()) {
            throw new EnvironmentException("the local cluster is gone: " + sandboxProblem);
        }
        return supervisor.state(name);
    }

    FaultEngine faults() {
        var engine = faults;
        if (engine == null) {
            throw new EnvironmentException("the local cluster has not been started");
        }
        return engine;
    }

    void beginExperiment(String id) {
        supervisor.beginExperiment();
        if (captures.wanted() && network() instanceof NodeNetwork.Own own) {
            captures.begin(id, own.control());
        }
    }

    Journal journal() {
        return journal;
    }

    Isolation isolation() {
        return isolation;
    }

    List<Map<String, Integer>> ports() {
        return ports;
    }

    /** Ends everything and waits for that, up to a bound. Idempotent. */
    @Override
    public void close() {
        Sandbox running;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            running = sandbox;
        }
        supervisor.close();
        threads.shutdownNow();
        if (running != null) {
            running.close();
        }
        limits.remove();
        for (var undo : journal.outstanding()) {
            if (undo.id().startsWith(owner) && !NodeLimits.left(undo)) {
                journal.clear(undo.id());
            }
        }
    }
}
