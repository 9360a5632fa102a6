package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.havoq.broker.BrokerSettings;
import io.havoq.environment.Credentials;
import io.havoq.environment.Environment;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.PortCheck;
import io.havoq.environment.RestartDelay;
import io.havoq.environment.Role;
import io.havoq.environment.ShutdownHook;
import io.havoq.environment.Target;
import io.havoq.fault.Aim;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.NetworkChaos;
import io.havoq.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brokers on a Kubernetes cluster that is there already; faults through Chaos Mesh. The namespace is this run's from the start to the
 * end, and whatever an earlier run left in it is removed first. Thread-safe.
 */
public final class KubernetesEnvironment implements Environment {
    private final Settings settings;
    private final ClusterAccess access;
    private final Path output;
    private final Consumer<String> progress;
    private final NamespaceRules rules;
    private final KubernetesSettings.Access way;
    private final Tls tls;
    private final Object starting = new Object();
    private volatile @Nullable RunningBrokers running;
    private volatile @Nullable ShutdownHook hook;
    private volatile String image = "unknown";
    private volatile boolean closed;
    /** Guarded by {@link #starting}. */
    private @Nullable RuntimeException failure;

    KubernetesEnvironment(ClusterAccess access, Settings settings, Path output, Consumer<String> progress) {
        this.access = access;
        this.settings = settings;
        this.output = output;
        this.progress = progress;
        this.rules = NamespaceRules.of(settings);
        this.tls = Tls.of(settings);
        this.way = way(settings);
        // Read now, so that what cannot be read is told before anything is started.
        if (way == KubernetesSettings.Access.EXTERNAL) {
            var unused = new GivenAddresses(settings.get(KubernetesSettings.ADDRESSES), tls);
        }
        var unusedLeader = settings.get(KubernetesSettings.ROLE_LEADER);
        var unusedPrometheus = Prometheus.of(settings);
        var unusedFollower = settings.get(KubernetesSettings.ROLE_FOLLOWER);
        if (settings.get(KubernetesSettings.LEASE_DURATION).toSeconds() < 3) {
            throw new IllegalArgumentException("setting " + KubernetesSettings.LEASE_DURATION.key()
                    + ": expected 3s or more, since it is renewed three times as often");
        }
    }

    /**
     * On the cluster of a kubeconfig that somebody else has, for example of a cluster made for the run.
     *
     * @param kubeconfig its text; the context is the one that {@code havoq.context} names
     * @throws IllegalArgumentException if a setting cannot be read
     */
    public static KubernetesEnvironment of(
            Settings settings, String kubeconfig, Path output, Consumer<String> progress) {
        return new KubernetesEnvironment(
                ClusterAccess.ofText(settings.get(KubernetesSettings.CONTEXT).strip(), kubeconfig),
                settings,
                output,
                progress);
    }

    /** Addresses that are given are used, unless something else is said. */
    static KubernetesSettings.Access way(Settings settings) {
        var addresses = settings.get(KubernetesSettings.ADDRESSES);
        return !settings.isSet(KubernetesSettings.ACCESS) && !addresses.isEmpty()
                ? KubernetesSettings.Access.EXTERNAL
                : settings.get(KubernetesSettings.ACCESS);
    }

    @Override
    public String name() {
        return "kubernetes";
    }

    /** {@inheritDoc} Here the images that its pods run. */
    @Override
    public String broker() {
        return image;
    }

    @Override
    public String description() {
        var now = running;
        var where = "namespace " + rules.namespace() + " of context " + access.context();
        return now == null
                ? where
                : now.size() + " pods of " + image + " in the " + where + ", "
                        + (now.chaosMesh().isEmpty() ? "Chaos Mesh" : "Chaos Mesh " + now.chaosMesh()) + "; "
                        + now.addresses().description();
    }

    @Override
    public Duration startTimeout() {
        return settings.get(KubernetesSettings.START_TIMEOUT);
    }

    @Override
    public Duration timeInForce(Optional<Duration> manifest) {
        var most = settings.get(KubernetesSettings.MAX_DURATION);
        var wanted = manifest.orElse(DEFAULT_TIME_IN_FORCE);
        return wanted.compareTo(most) < 0 ? wanted : most;
    }

    @Override
    public void start() {
        synchronized (starting) {
            if (closed) {
                throw new EnvironmentException("the Kubernetes environment is closed and cannot be started again");
            }
            if (failure != null) {
                // Tried once: with every experiment waiting for it anew, a run would take hours to say the same.
                throw new EnvironmentException(String.valueOf(failure.getMessage()), failure);
            }
            if (running != null) {
                return;
            }
            // Registered for closing before there is anything to close.
            hook = ShutdownHook.register("havoq-kubernetes-shutdown", this::close);
            try {
                var brokers = new RunningBrokers(access.connect(), access, settings, rules, way, tls, output, progress);
                running = brokers;
                brokers.start();
                image = brokers.image();
            } catch (KubernetesClientException e) {
                throw failed(ApiProblem.of("the namespace " + rules.namespace() + " cannot be used", access, e));
            } catch (RuntimeException e) {
                throw failed(e);
            }
        }
    }

    private RuntimeException failed(RuntimeException problem) {
        failure = problem;
        try {
            end();
        } catch (RuntimeException e) {
            problem.addSuppressed(e);
        }
        return problem;
    }

    private RunningBrokers running() {
        var now = running;
        if (now == null) {
            throw new EnvironmentException(
                    closed
                            ? "the Kubernetes environment is closed"
                            : "the Kubernetes environment was not started: call start() first");
        }
        return now;
    }

    /** Does something with the API server, whose refusals are told as everybody else's. */
    private <T> T asking(String what, Supplier<T> question) {
        try {
            return question.get();
        } catch (KubernetesClientException e) {
            throw ApiProblem.of(what, access, e);
        }
    }

    @Override
    public List<Target> targets() {
        return asking("the pods cannot be listed", running()::targets);
    }

    @Override
    public Optional<String> portProblem(Target target, String purpose) {
        return way == KubernetesSettings.Access.POD
                ? PortCheck.problem(target.ports().get(purpose))
                : running().addresses().problem(target.name());
    }

    @Override
    public List<MqttEndpoint> endpoints() {
        return asking("the pods cannot be listed", running()::endpoints);
    }

    @Override
    public Optional<Credentials> credentials() {
        var username = settings.get(BrokerSettings.USERNAME);
        return username.isEmpty()
                ? Optional.empty()
                : Optional.of(new Credentials(username, settings.get(BrokerSettings.PASSWORD)));
    }

    /** {@inheritDoc} Nothing in Kubernetes tells them: each pod is asked, at a page that settings name. */
    @Override
    public Map<String, Role> roles() {
        return asking("the pods cannot be listed", running()::roles);
    }

    @Override
    public FaultEngine faults() {
        return running().engine();
    }

    @Override
    public Support allows(List<Aim> together) {
        return asking("the pods cannot be listed", () -> running().engine().allows(together));
    }

    /**
     * {@inheritDoc} The namespace may have become another run's; and what comes through the API server does not come over the network
     * that a network fault disturbs.
     */
    @Override
    public Optional<String> doubt(ChaosSpec fault) {
        var now = running;
        if (closed) {
            return Optional.of("the run was ended while it was in force");
        }
        var lost = now == null ? Optional.<String>empty() : now.lost();
        if (lost.isPresent()) {
            return Optional.of("the Lease of the namespace was lost while it was in force, so that another run may have"
                    + " done something there: " + lost.get());
        }
        return way == KubernetesSettings.Access.PORT_FORWARD && fault instanceof NetworkChaos
                ? Optional.of(
                        "clients used port forwarding, which enters a pod over its loopback and meets no network fault:"
                                + " run the tests in a runner pod, or set " + KubernetesSettings.ADDRESSES.key())
                : Optional.empty();
    }

    @Override
    public List<String> logTail(String target, int lines) {
        return asking(
                "the log of " + target + " cannot be read", () -> running().logTail(target, lines));
    }

    /** {@inheritDoc} Here what its containers, and those of the pods before it, said since the environment was started. */
    @Override
    public Optional<Path> logFile(String target) {
        return running().logFile(target);
    }

    /**
     * Runs a command in a broker's container.
     *
     * @throws EnvironmentException if it did not end within the bound, or could not be run
     */
    public ExecResult exec(String target, Duration bound, String... command) {
        return running().exec(target, bound, List.of(command));
    }

    @Override
    public void beginExperiment(String id) {
        asking("the pods cannot be listed", () -> {
            running().beginExperiment(id);
            return id;
        });
    }

    @Override
    public Optional<String> restartWouldWait(Target target) {
        return asking("the pods cannot be listed", () -> running().backOff().wouldWait(target.name()));
    }

    @Override
    public List<RestartDelay> restartDelays() {
        return asking("the pods cannot be listed", () -> running().restartDelays());
    }

    @Override
    public void endExperiment(String id) {
        running().endExperiment();
    }

    /** {@inheritDoc} Somebody else's cluster is not replaced. */
    @Override
    public boolean rebuilds() {
        return false;
    }

    @Override
    public boolean rebuild() {
        return false;
    }

    @Override
    public void close() {
        closed = true;
        end();
    }

    private synchronized void end() {
        var ending = running;
        try {
            if (ending != null) {
                ending.close();
            }
        } finally {
            running = null;
            var registered = hook;
            if (registered != null) {
                registered.remove();
            }
        }
    }
}
