package io.havoq.experiment;

import io.havoq.environment.Credentials;
import io.havoq.environment.Environment;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.EnvironmentProvider;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.RestartDelay;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import io.havoq.environment.local.LocalSettings;
import io.havoq.fault.Aim;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.PreparedFault;
import io.havoq.fault.Proof;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import io.havoq.report.ReportSettings;
import io.havoq.settings.Setting;
import io.havoq.settings.Settings;
import io.havoq.time.RunClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * An environment without brokers that writes down what it is told, for tests of the life of an experiment alone: its order,
 * its verdicts, and that everything is undone. It says nothing of faults or brokers; those tests use real processes.
 */
public final class ScriptedEnvironment implements Environment, FaultEngine, Instruments.Source {
    /** What goes wrong: words separated by commas. */
    static final Setting<List<String>> PLOT = Setting.words("havoq.scripted.plot", "", "What goes wrong.");

    private static final Map<String, List<String>> DIARIES = new ConcurrentHashMap<>();

    private final Settings settings;
    private final List<String> plot;
    private final List<String> diary;
    private final AtomicInteger rolesAsked = new AtomicInteger();
    volatile boolean loaded;
    volatile boolean drained;
    volatile boolean concluded;
    volatile boolean interrupted;
    private volatile boolean removalFailed;
    private volatile long injectedAt;

    private ScriptedEnvironment(Settings settings) {
        this.settings = settings;
        plot = settings.get(PLOT);
        diary = diary(settings.get(ReportSettings.RESULTS));
    }

    /** What was done in the runs with this results directory, in order. */
    public static List<String> diary(String results) {
        return DIARIES.computeIfAbsent(results, key -> new CopyOnWriteArrayList<>());
    }

    boolean happens(String event) {
        return plot.contains(event);
    }

    void write(String entry) {
        diary.add(Thread.currentThread().isInterrupted() ? entry + " (interrupted)" : entry);
    }

    @Override
    public Instruments instruments(String id, Findings findings) {
        return new ScriptedInstruments(this);
    }

    @Override
    public String name() {
        return "scripted";
    }

    @Override
    public String broker() {
        return "none";
    }

    @Override
    public String description() {
        return "nothing but a script";
    }

    @Override
    public void start() {
        write("start");
        if (happens("no-cluster")) {
            throw new IllegalStateException("the cluster does not start");
        }
    }

    @Override
    public Duration startTimeout() {
        return Duration.ofMillis(200);
    }

    @Override
    public List<Target> targets() {
        if (drained && happens("cluster-goes")) {
            throw new EnvironmentException("the local cluster is gone: the sandbox was killed");
        }
        return IntStream.range(0, 3)
                .mapToObj(i -> new Target(
                        "emqx-go-" + i,
                        "default",
                        Map.of("app", "emqx-go"),
                        Map.of(),
                        "Running",
                        !happens("never-ready") && !(concluded && happens("never-ready-again")),
                        List.of("emqx-go"),
                        "here",
                        "uid-" + i,
                        0,
                        Map.of()))
                .toList();
    }

    @Override
    public List<MqttEndpoint> endpoints() {
        return IntStream.range(0, 3)
                .mapToObj(i -> new MqttEndpoint("emqx-go-" + i, "127.0.0.1", 1 + i))
                .toList();
    }

    @Override
    public Duration timeInForce(Optional<Duration> manifest) {
        return LocalSettings.timeInForce(settings, manifest);
    }

    @Override
    public Optional<Credentials> credentials() {
        return Optional.empty();
    }

    @Override
    public Map<String, Role> roles() {
        if (happens("no-roles")) {
            return Map.of();
        }
        if (happens("roles-go") && rolesAsked.getAndIncrement() > 0) {
            return Map.of("emqx-go-0", Role.UNKNOWN, "emqx-go-1", Role.UNKNOWN, "emqx-go-2", Role.UNKNOWN);
        }
        if (happens("no-leader")) {
            return Map.of("emqx-go-0", Role.FOLLOWER, "emqx-go-1", Role.FOLLOWER);
        }
        if (happens("leader-moves") && loaded) {
            return Map.of("emqx-go-1", Role.FOLLOWER, "emqx-go-2", Role.LEADER);
        }
        return new TreeMap<>(Map.of("emqx-go-0", Role.FOLLOWER, "emqx-go-1", Role.LEADER, "emqx-go-2", Role.FOLLOWER));
    }

    @Override
    public FaultEngine faults() {
        return this;
    }

    @Override
    public List<String> logTail(String target, int lines) {
        return List.of();
    }

    @Override
    public Optional<Path> logFile(String target) {
        return Optional.empty();
    }

    @Override
    public Support allows(List<Aim> together) {
        return happens("too-many")
                ? new Support.Unsupported(
                        "too many pods: " + together.get(0).targets().size(), "hit fewer")
                : new Support.Supported();
    }

    @Override
    public Optional<String> doubt(ChaosSpec fault) {
        return happens("doubted") ? Optional.of("seen through a keyhole") : Optional.empty();
    }

    @Override
    public void endExperiment(String id) {
        write("end of " + id);
        concluded = true;
    }

    @Override
    public void beginExperiment(String id) {}

    @Override
    public Optional<String> restartWouldWait(Target target) {
        return happens("restart-of-" + target.name() + "-would-wait")
                ? Optional.of("it ended a minute ago")
                : Optional.empty();
    }

    /** Of every node, whether a fault hit it or not. */
    @Override
    public List<RestartDelay> restartDelays() {
        var kept = happens("whole-pods")
                ? RestartDelay.Kept.POD
                : happens("machines") ? RestartDelay.Kept.NODE : RestartDelay.Kept.CONTAINER;
        var waited = plot.stream()
                .filter(event -> event.matches("restarts-waited-[0-9]+s"))
                .map(event -> Long.parseLong(event.replaceAll("[^0-9]", "")))
                .findFirst();
        if (waited.isEmpty() && !happens("restarts-wait")) {
            return List.of();
        }
        var ended = RunClock.instant(injectedAt);
        return targets().stream()
                .map(target -> new RestartDelay(
                        target.name(), kept, ended, waited.map(ended::plusSeconds), "the script says so"))
                .toList();
    }

    @Override
    public boolean rebuilds() {
        return !happens("no-rebuild");
    }

    @Override
    public boolean rebuild() {
        write("rebuild");
        return true;
    }

    @Override
    public void close() {
        write("close");
    }

    @Override
    public Support supports(ChaosSpec spec) {
        return happens("unsupported")
                ? new Support.Unsupported("no namespaces here", "run as root")
                : new Support.Supported();
    }

    @Override
    public PreparedFault prepare(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
        if (happens("tells-what-is-prepared")) {
            write("prepare " + id.substring(id.lastIndexOf('-') + 1));
        }
        return earlier -> {
            if (!earlier.isEmpty()) {
                write("after " + earlier.size());
            }
            return inject(id, spec, targets, peers);
        };
    }

    @Override
    public Injection inject(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
        if (happens("inject-fails")) {
            throw new FaultException("cannot inject");
        }
        if (happens("inject-fails-in-part")) {
            write("inject in part");
            throw FaultException.remaining(
                    "cannot inject everywhere",
                    new IllegalStateException("one is gone"),
                    new ScriptedInjection(targets, RunClock.now()));
        }
        if (happens("inject-leaves-something")) {
            throw FaultException.leaving(
                    "cannot inject. Moreover it is left in the cluster", new IllegalStateException("stuck"));
        }
        write("inject " + targets.get(0).name()
                + (peers.isEmpty()
                        ? ""
                        : " towards " + peers.stream().map(Target::name).toList()));
        injectedAt = RunClock.now();
        return new ScriptedInjection(targets, injectedAt);
    }

    private final class ScriptedInjection implements Injection {
        private final List<Target> targets;
        private final long at;
        private volatile boolean removed;
        private int asked;

        private ScriptedInjection(List<Target> targets, long at) {
            this.targets = targets;
            this.at = at;
        }

        @Override
        public List<Target> targets() {
            if (drained && happens("cluster-goes")) {
                throw new EnvironmentException("the local cluster is gone: the sandbox was killed");
            }
            return targets;
        }

        @Override
        public long requestedAtNanos() {
            return at;
        }

        @Override
        public long injectedAtNanos() {
            return at;
        }

        @Override
        public List<Proof> effect() {
            return List.of(new Proof(targets.get(0).name(), "acted", at, !happens("engine-word-only")));
        }

        @Override
        public boolean acted() {
            return !happens("no-effect") && !(happens("acts-after-300ms") && RunClock.now() - at < 300_000_000);
        }

        @Override
        public List<String> alsoEnded() {
            // Those who ask twice are told two things.
            return happens("ends-itself-late") && asked++ > 0
                    ? targets.stream().map(Target::name).toList()
                    : List.of();
        }

        @Override
        public boolean oneShot() {
            return false;
        }

        @Override
        public boolean inForce() {
            if (happens("cannot-tell-whether-in-force")) {
                throw new EnvironmentException("nobody answers");
            }
            var endsSoon = happens("ends-after-20ms") && RunClock.now() - at > 20_000_000;
            return !removed && !endsSoon && !happens("ends-early");
        }

        @Override
        public void remove() {
            write("remove");
            if (happens("remove-fails")) {
                throw new FaultException("cannot remove");
            }
            if (happens("remove-fails-once") && !removalFailed) {
                removalFailed = true;
                throw new FaultException("cannot remove yet");
            }
            removed = true;
        }

        @Override
        public List<String> doubts() {
            return removed && happens("engine-doubts")
                    ? List.of("packets left up to 48 ms late, bound 5 ms")
                    : List.of();
        }

        @Override
        public List<String> figures() {
            return removed ? List.of("emqx-go-0 > emqx-go-2: 0 passed, 4711 dropped") : List.of();
        }

        @Override
        public boolean gone() {
            return !happens("never-gone") && !happens("node-not-back") && !happens("nobody-can-tell");
        }

        @Override
        public List<String> untold() {
            return happens("nobody-can-tell") ? List.of("its peer is silent") : List.of();
        }

        @Override
        public List<String> spent() {
            return happens("spent") ? targets.stream().map(Target::name).toList() : List.of();
        }

        @Override
        public List<String> left() {
            return happens("never-gone") ? List.of("a rule is left") : List.of();
        }
    }

    /** For the service loader. */
    public static final class Provider implements EnvironmentProvider {
        /** For the service loader. */
        public Provider() {}

        @Override
        public String name() {
            return "scripted";
        }

        @Override
        public Environment create(Settings settings, Path output, Consumer<String> progress) {
            return new ScriptedEnvironment(settings);
        }
    }
}
