package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.RestartDelay;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import io.havoq.fault.chaosmesh.ChaosMeshEngine;
import io.havoq.fault.chaosmesh.ChaosMeshSettings;
import io.havoq.fault.chaosmesh.ChaosRun;
import io.havoq.settings.Settings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The brokers of a run, from the moment the namespace is taken to the one it is given back. Thread-safe. */
final class RunningBrokers implements AutoCloseable {
    /** Beyond the longest time in force, for whatever the test's body does. */
    private static final Duration DEAD_MAN = Duration.ofMinutes(2);

    private final String run = UUID.randomUUID().toString().substring(0, 8);
    private final KubernetesClient client;
    private final Settings settings;
    private final NamespaceRules rules;
    private final Consumer<String> progress;
    private final BrokerPods pods;
    private final PodAddresses addresses;
    private final BrokerRoles roles;
    private final KubeletBackOff backOff;
    private final HeldPods held;
    private final PodWarnings warnings;
    private final PodLogs logs;
    private final FollowedLogs files;
    private final PodExec exec;
    private final Artifacts artifacts;
    private final NamespaceLease lease;
    private final Preflight preflight;
    private final TreeMap<String, MqttEndpoint> endpoints = new TreeMap<>();
    private volatile @Nullable GuardedEngine engine;
    private volatile String chaosMesh = "";

    RunningBrokers(
            KubernetesClient client,
            ClusterAccess access,
            Settings settings,
            NamespaceRules rules,
            KubernetesSettings.Access way,
            Tls tls,
            Path output,
            Consumer<String> progress) {
        this.client = client;
        this.settings = settings;
        this.rules = rules;
        this.progress = progress;
        pods = new BrokerPods(client, rules.namespace(), settings, way != KubernetesSettings.Access.POD);
        addresses = addresses(client, settings, way, tls, pods);
        logs = new PodLogs(client, rules.namespace());
        files = new FollowedLogs(client, logs, output.resolve("nodes"), settings.get(KubernetesSettings.LOG_SIZE));
        exec = new PodExec(client, rules.namespace());
        var pages = new PodPages(client, way == KubernetesSettings.Access.POD);
        roles = new BrokerRoles(pods, pages, settings);
        warnings = new PodWarnings(client, rules.namespace());
        backOff = new KubeletBackOff(pods, Clock.systemUTC());
        held = new HeldPods(rules.namespace(), Clock.systemUTC(), warnings::latest);
        pods.tell(held::saw);
        artifacts = new Artifacts(
                client,
                rules.namespace(),
                run,
                pods,
                logs,
                new Figures(settings, rules.namespace(), pods, pages),
                output);
        lease = new NamespaceLease(
                client,
                rules.namespace(),
                run + "@" + host() + ":" + ProcessHandle.current().pid(),
                settings.get(KubernetesSettings.LEASE_DURATION),
                progress);
        preflight =
                new Preflight(new Survey(client, rules, pods, addresses, roles), access, settings, rules, addresses);
    }

    static PodAddresses addresses(
            KubernetesClient client, Settings settings, KubernetesSettings.Access way, Tls tls, BrokerPods pods) {
        var port = settings.get(KubernetesSettings.MQTT_PORT);
        return switch (way) {
            case POD -> new OwnAddresses(pods, port, tls);
            case EXTERNAL -> new GivenAddresses(settings.get(KubernetesSettings.ADDRESSES), tls);
            case PORT_FORWARD -> new ForwardedPorts(client, port, tls);
        };
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown-host";
        }
    }

    /** Takes the namespace, cleans it, waits for the pods, and tells what is there for experiments. */
    void start() {
        var access = preflight.lookAtAccess();
        access.impossible().ifPresent(why -> {
            access.table().forEach(progress);
            throw new EnvironmentException("no experiment can run: " + why);
        });
        var previous = lease.acquire();
        previous.ifPresent(owner -> progress.accept("took the namespace " + rules.namespace() + " over from run "
                + owner + ", which has not given it back: it was killed"));
        sweep().all(previous.isPresent());
        new AwaitedPods(pods, logs, warnings, progress).awaitReady(settings.get(KubernetesSettings.START_TIMEOUT));
        enlist();
        var report = preflight.lookInside();
        report.table().forEach(progress);
        report.impossible().ifPresent(why -> {
            throw new EnvironmentException("no experiment can run: " + why);
        });
        chaosMesh = report.chaosMesh();
        followLogs();
        engine = new GuardedEngine(
                new ChaosMeshEngine(client, chaosRun(), progress),
                report,
                lease,
                rules.namespace(),
                new ShareCap(settings.get(KubernetesSettings.MAX_SHARE)),
                pods::targets,
                artifacts);
    }

    private ChaosRun chaosRun() {
        var injection = settings.get(ChaosMeshSettings.INJECTION_TIMEOUT);
        return new ChaosRun(
                run,
                rules.namespace(),
                // Counted from the object's creation: later than anybody who lives removes it.
                settings.get(KubernetesSettings.MAX_DURATION).plus(injection).plus(DEAD_MAN),
                injection,
                settings.get(ChaosMeshSettings.REMOVAL_TIMEOUT));
    }

    private NamespaceSweep sweep() {
        return new NamespaceSweep(
                client,
                rules.namespace(),
                settings.get(ChaosMeshSettings.REMOVAL_TIMEOUT),
                preflight.hidden(),
                progress);
    }

    private void enlist() {
        pods.enlist();
        synchronized (endpoints) {
            endpoints.clear();
        }
        var unused = endpoints();
    }

    private void followLogs() {
        pods.names().forEach(name -> pods.container(name).ifPresent(container -> files.follow(name, container)));
    }

    /** One for each target, whether its pod is there at the moment or not. */
    List<MqttEndpoint> endpoints() {
        var now = pods.list();
        synchronized (endpoints) {
            now.forEach(pod -> endpoints.put(pod.getMetadata().getName(), addresses.endpoint(pod)));
            return List.copyOf(endpoints.values());
        }
    }

    List<Target> targets() {
        return pods.targets();
    }

    Map<String, Role> roles() {
        return roles.now();
    }

    KubeletBackOff backOff() {
        return backOff;
    }

    /** By whatever keeps pods down; where it says what a container waited for, the kubelet's back-off is not guessed. */
    List<RestartDelay> restartDelays() {
        var late = backOff.delays();
        var all = new ArrayList<>(held.delays());
        late.stream()
                .filter(delay -> all.stream()
                        .noneMatch(one -> one.kept() == RestartDelay.Kept.CONTAINER
                                && one.target().equals(delay.target())))
                .toList()
                .forEach(all::add);
        return all;
    }

    String image() {
        return pods.image();
    }

    int size() {
        synchronized (endpoints) {
            return endpoints.size();
        }
    }

    String chaosMesh() {
        return chaosMesh;
    }

    PodAddresses addresses() {
        return addresses;
    }

    GuardedEngine engine() {
        var started = engine;
        if (started == null) {
            throw new EnvironmentException("the Kubernetes environment was not started: call start() first");
        }
        return started;
    }

    /** Why the namespace is not this run's any more. */
    Optional<String> lost() {
        return Optional.ofNullable(lease.lost());
    }

    List<String> logTail(String pod, int lines) {
        return pods.container(pod)
                .map(container -> logs.tail(pod, container, lines))
                .orElse(List.of());
    }

    Optional<Path> logFile(String pod) {
        return files.file(pod);
    }

    ExecResult exec(String pod, Duration bound, List<String> command) {
        var container =
                pods.container(pod).orElseThrow(() -> new EnvironmentException("there is no broker pod '" + pod + "'"));
        return exec.run(pod, container, bound, command);
    }

    void beginExperiment(String id) {
        enlist();
        followLogs();
        engine().beginExperiment();
        backOff.begin();
        held.begin(pods.list());
        artifacts.begin(id);
    }

    void endExperiment() {
        artifacts.end();
    }

    /** Everything is tried, and the first failure is thrown at the end. */
    @Override
    public void close() {
        RuntimeException first = null;
        for (var step :
                List.<Runnable>of(this::removeFaults, addresses::close, files::close, lease::close, client::close)) {
            try {
                step.run();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private void removeFaults() {
        var started = engine;
        if (started == null) {
            return;
        }
        started.shut();
        // Also without the Lease: what carries this run's label is nobody else's, and the run that has the namespace
        // now
        // may have looked for it before it was made.
        sweep().own(run);
    }
}
