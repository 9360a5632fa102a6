package io.havoq.environment.k3s;

import io.havoq.environment.Credentials;
import io.havoq.environment.Environment;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.RestartDelay;
import io.havoq.environment.Role;
import io.havoq.environment.ShutdownHook;
import io.havoq.environment.Target;
import io.havoq.fault.Aim;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.Support;
import io.havoq.journal.JournalSettings;
import io.havoq.manifest.ChaosSpec;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A Kubernetes cluster that the run makes for itself: K3s in a container, Chaos Mesh and the broker in it. From then on it is what any
 * other cluster is, and the Kubernetes environment does the rest. Removed at the end, or by the next run if this one is killed.
 * Thread-safe.
 */
final class K3sEnvironment implements Environment {
    /**
     * What it is made with.
     *
     * @param cluster an API server's client, by kubeconfig
     */
    record Parts(
            Supplier<ContainerDaemon> daemon,
            ChartInstaller charts,
            Function<String, BrokerCluster> cluster,
            OnKubernetes kubernetes) {}

    /** Makes the Kubernetes environment. */
    @FunctionalInterface
    interface OnKubernetes {
        Environment of(Settings settings, String kubeconfig, Path output, Consumer<String> progress);
    }

    private final Settings settings;
    private final Path output;
    private final Consumer<String> progress;
    private final Parts parts;
    private final StartUnderWay underWay = new StartUnderWay();
    private final Object starting = new Object();
    /** Guarded by {@link #starting}. */
    private @Nullable K3sCluster cluster;

    private @Nullable ShutdownHook hook;
    /** Why it could not be started. */
    private @Nullable RuntimeException failure;

    private volatile @Nullable Environment running;
    private volatile boolean closed;

    K3sEnvironment(Settings settings, Path output, Consumer<String> progress, Parts parts) {
        this.settings = settings;
        this.output = output;
        this.progress = progress;
        this.parts = parts;
        // What cannot be read is told before anything is started.
        K3sSettings.all().forEach(settings::get);
    }

    @Override
    public String name() {
        return "k3s";
    }

    @Override
    public String broker() {
        var now = running;
        if (now != null) {
            return now.broker();
        }
        var files = settings.get(K3sSettings.BROKER);
        return files.isEmpty() ? "reference" : String.join(", ", files);
    }

    @Override
    public String description() {
        var made = settings.get(K3sSettings.IMAGE) + " in a container, Chaos Mesh "
                + settings.get(K3sSettings.CHAOS_MESH_VERSION);
        var now = running;
        return now == null ? made : made + "; " + now.description();
    }

    @Override
    public void start() {
        synchronized (starting) {
            if (failure != null) {
                // Tried once: with every experiment waiting for it anew, a run would take hours to say the same.
                throw new EnvironmentException(String.valueOf(failure.getMessage()), failure);
            }
            if (closed) {
                throw new EnvironmentException("the k3s environment is closed and cannot be started again");
            }
            if (running != null) {
                return;
            }
            // Registered for closing before there is anything to close.
            hook = ShutdownHook.register("havoq-k3s-shutdown", this::close);
            underWay.begins();
            try {
                bringUp();
            } catch (RuntimeException e) {
                throw failed(e);
            } finally {
                underWay.ends();
            }
        }
    }

    private void bringUp() {
        var made = new K3sCluster(
                settings, JournalSettings.stateDirectory(settings), this::step, parts.charts(), parts.cluster());
        cluster = made;
        var access = made.start(parts.daemon().get());
        var kubernetes = parts.kubernetes().of(access.settings(), access.kubeconfig(), output, progress);
        running = kubernetes;
        underWay.check();
        kubernetes.start();
    }

    /** Every step says what it is before it begins. */
    private void step(String text) {
        underWay.check();
        progress.accept(text);
    }

    private RuntimeException failed(RuntimeException problem) {
        failure = problem;
        // What undoes it uses channels, which an interrupted thread cannot (InterruptibleChannel).
        var interrupted = Thread.interrupted();
        try {
            close();
        } catch (RuntimeException e) {
            problem.addSuppressed(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return problem;
    }

    private Environment started() {
        var now = running;
        if (now == null) {
            throw new IllegalStateException("the k3s environment has not been started");
        }
        return now;
    }

    @Override
    public void prepare(Collection<? extends ChaosSpec> faults) {
        var now = running;
        if (now != null) {
            now.prepare(faults);
        }
    }

    @Override
    public Duration startTimeout() {
        return started().startTimeout();
    }

    @Override
    public List<Target> targets() {
        return started().targets();
    }

    @Override
    public Optional<String> portProblem(Target target, String purpose) {
        return started().portProblem(target, purpose);
    }

    @Override
    public List<MqttEndpoint> endpoints() {
        return started().endpoints();
    }

    @Override
    public Optional<Credentials> credentials() {
        return started().credentials();
    }

    @Override
    public Map<String, Role> roles() {
        return started().roles();
    }

    @Override
    public FaultEngine faults() {
        return started().faults();
    }

    @Override
    public Support allows(List<Aim> together) {
        return started().allows(together);
    }

    @Override
    public Optional<String> doubt(ChaosSpec fault) {
        return started().doubt(fault);
    }

    @Override
    public Duration timeInForce(Optional<Duration> manifest) {
        return started().timeInForce(manifest);
    }

    @Override
    public List<String> logTail(String target, int lines) {
        return started().logTail(target, lines);
    }

    @Override
    public Optional<Path> logFile(String target) {
        return started().logFile(target);
    }

    @Override
    public void beginExperiment(String id) {
        started().beginExperiment(id);
    }

    /** {@inheritDoc} The same code as on any Kubernetes: the cluster is made once for all experiments. */
    @Override
    public boolean rebuilds() {
        return false;
    }

    @Override
    public Optional<String> restartWouldWait(Target target) {
        return started().restartWouldWait(target);
    }

    @Override
    public List<RestartDelay> restartDelays() {
        return started().restartDelays();
    }

    @Override
    public void endExperiment(String id) {
        started().endExperiment(id);
    }

    @Override
    public boolean rebuild() {
        return started().rebuild();
    }

    /** {@inheritDoc} A start that is under way is broken off: its own thread then undoes it, and this returns when it has. */
    @Override
    public void close() {
        underWay.breakOff();
        synchronized (starting) {
            if (closed) {
                return;
            }
            closed = true;
            var kubernetes = running;
            var made = cluster;
            try {
                // The faults go before the cluster does: where it stays for the next run, they must not.
                closeAll(kubernetes == null ? () -> {} : kubernetes::close, made == null ? () -> {} : made::close);
            } finally {
                var registered = hook;
                if (registered != null) {
                    registered.remove();
                }
            }
        }
    }

    /** One thing to be closed. */
    @FunctionalInterface
    private interface Closing {
        void close() throws IOException;
    }

    /** Each of them, whatever becomes of the others; the first problem is told, with the others beside it. */
    private static void closeAll(Closing... closings) {
        RuntimeException problem = null;
        for (var closing : closings) {
            try {
                closing.close();
            } catch (IOException | RuntimeException e) {
                var found = e instanceof RuntimeException unchecked
                        ? unchecked
                        : new EnvironmentException("closing the k3s environment: " + e.getMessage(), e);
                if (problem == null) {
                    problem = found;
                } else {
                    problem.addSuppressed(found);
                }
            }
        }
        if (problem != null) {
            throw problem;
        }
    }
}
