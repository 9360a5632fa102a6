package io.havoq.environment.kubernetes;

import io.havoq.environment.EnvironmentException;
import io.havoq.environment.Target;
import io.havoq.fault.Aim;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.PreparedFault;
import io.havoq.fault.Proof;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Lets faults through to the engine behind it only while the namespace is this run's, only where faults are allowed, and not on
 * more pods than may be hit; has the chaos objects kept before they are removed. Thread-safe.
 */
final class GuardedEngine implements FaultEngine {
    private static final Duration SHUT_WAIT = Duration.ofSeconds(10);

    private final FaultEngine engine;
    private final PreflightReport preflight;
    private final NamespaceLease lease;
    private final String namespace;
    private final ShareCap cap;
    private final Supplier<List<Target>> all;
    private final Artifacts artifacts;
    private final ReentrantLock injecting = new ReentrantLock();
    /** Since the experiment began. */
    private final List<Aim> hit = new CopyOnWriteArrayList<>();

    private volatile boolean shut;

    GuardedEngine(
            FaultEngine engine,
            PreflightReport preflight,
            NamespaceLease lease,
            String namespace,
            ShareCap cap,
            Supplier<List<Target>> all,
            Artifacts artifacts) {
        this.engine = engine;
        this.preflight = preflight;
        this.lease = lease;
        this.namespace = namespace;
        this.cap = cap;
        this.all = all;
        this.artifacts = artifacts;
    }

    /** Of the next experiment nothing has been injected so far. */
    void beginExperiment() {
        hit.clear();
    }

    @Override
    public Support supports(ChaosSpec spec) {
        var missing = preflight.unsupported(spec);
        return missing.isPresent() ? missing.get() : engine.supports(spec);
    }

    /** Whether these faults may be injected together. */
    Support allows(List<Aim> together) {
        for (var aim : together) {
            var elsewhere = Namespaces.of(aim.spec()).stream()
                    .filter(one -> !one.equals(namespace))
                    .toList();
            if (!elsewhere.isEmpty()) {
                return new Support.Unsupported(
                        aim.spec().kind() + " " + aim.spec().name() + " selects pods in " + elsewhere
                                + ", and this run may inject faults in the namespace " + namespace + " only",
                        "set havoq.namespace, which puts it into every manifest");
            }
        }
        if (engine.together(together) instanceof Support.Unsupported no) {
            return no;
        }
        var complaint = cap.complaint(together, all.get());
        return complaint.isPresent()
                ? new Support.Unsupported(
                        complaint.get() + " (" + KubernetesSettings.MAX_SHARE.key() + "=" + cap.percent() + ")",
                        "have the manifest hit fewer pods, or raise " + KubernetesSettings.MAX_SHARE.key())
                : new Support.Supported();
    }

    @Override
    public PreparedFault prepare(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
        var prepared = engine.prepare(id, spec, targets, peers);
        return earlier -> {
            // Not while nobody can end the run: it takes as long as the pings that it needs.
            prepared.amid(earlier);
            return guarded(new Aim(spec, targets, peers), () -> prepared.inject(earlier));
        };
    }

    @Override
    public Injection inject(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
        return guarded(new Aim(spec, targets, peers), () -> engine.inject(id, spec, targets, peers));
    }

    private Injection guarded(Aim aim, Supplier<Injection> injected) {
        var spec = aim.spec();
        injecting.lock();
        try {
            refuse(aim);
            var injection = injected.get();
            if (shut) {
                // Whoever ends the run did not wait for it.
                injection.remove();
                throw ending(spec);
            }
            hit.add(aim);
            return new Kept(injection, spec.kind(), artifacts);
        } finally {
            injecting.unlock();
        }
    }

    private void refuse(Aim aim) {
        var spec = aim.spec();
        if (shut) {
            throw ending(spec);
        }
        var together = new ArrayList<>(hit);
        together.add(aim);
        if (allows(together) instanceof Support.Unsupported no) {
            throw new FaultException(no.reason() + ": " + no.remedy());
        }
        try {
            lease.confirm();
        } catch (EnvironmentException e) {
            throw new FaultException(spec.kind() + " " + spec.name() + " is not injected: " + e.getMessage(), e);
        }
    }

    private static FaultException ending(ChaosSpec spec) {
        return new FaultException(spec.kind() + " " + spec.name() + " is not injected: the run is ending");
    }

    /** From now on nothing is injected any more. Waits for a moment for what is being injected; what takes longer is undone by itself. */
    void shut() {
        shut = true;
        var interrupted = Thread.interrupted();
        try {
            if (injecting.tryLock(SHUT_WAIT.toNanos(), TimeUnit.NANOSECONDS)) {
                injecting.unlock();
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** An injection whose object is kept, as it was, when it is removed. */
    private record Kept(Injection injection, String kind, Artifacts artifacts) implements Injection {
        @Override
        public List<Target> targets() {
            return injection.targets();
        }

        @Override
        public long requestedAtNanos() {
            return injection.requestedAtNanos();
        }

        @Override
        public long injectedAtNanos() {
            return injection.injectedAtNanos();
        }

        @Override
        public List<Proof> effect() {
            return injection.effect();
        }

        @Override
        public boolean acted() {
            return injection.acted();
        }

        @Override
        public List<String> alsoEnded() {
            return injection.alsoEnded();
        }

        @Override
        public List<String> spent() {
            return injection.spent();
        }

        @Override
        public boolean oneShot() {
            return injection.oneShot();
        }

        @Override
        public boolean mayDrop() {
            return injection.mayDrop();
        }

        @Override
        public boolean inForce() {
            return injection.inForce();
        }

        @Override
        public void remove() {
            try {
                artifacts.beforeRemoval(kind);
            } finally {
                injection.remove();
            }
        }

        @Override
        public List<String> doubts() {
            return injection.doubts();
        }

        @Override
        public List<String> figures() {
            return injection.figures();
        }

        @Override
        public boolean gone() {
            return injection.gone();
        }

        @Override
        public List<String> left() {
            return injection.left();
        }

        @Override
        public List<String> untold() {
            return injection.untold();
        }
    }
}
