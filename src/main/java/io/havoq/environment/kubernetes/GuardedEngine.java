package io.havoq.environment.kubernetes;

import io.havoq.environment.EnvironmentException;
import io.havoq.environment.Target;
import io.havoq.fault.Aim;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Lets faults through to the engine behind it only while the namespace is this run's, only where faults are allowed, and not on
 * more pods than may be hit; has the chaos objects kept before they are removed. Thread-safe.
 */
final class GuardedEngine implements FaultEngine {
    private final FaultEngine engine;
    private final PreflightReport preflight;
    private final NamespaceLease lease;
    private final String namespace;
    private final ShareCap cap;
    private final Supplier<List<Target>> all;
    private final Artifacts artifacts;
    private final List<Aim> injected = new ArrayList<>();
    private boolean shut;

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
    synchronized void beginExperiment() {
        injected.clear();
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
        var complaint = cap.complaint(together, all.get());
        return complaint.isPresent()
                ? new Support.Unsupported(
                        complaint.get() + " (" + KubernetesSettings.MAX_SHARE.key() + "=" + cap.percent() + ")",
                        "have the manifest hit fewer pods, or raise " + KubernetesSettings.MAX_SHARE.key())
                : new Support.Supported();
    }

    @Override
    public Injection inject(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
        synchronized (this) {
            if (shut) {
                throw new FaultException(spec.kind() + " " + spec.name() + " is not injected: the run is ending");
            }
            var together = new ArrayList<>(injected);
            together.add(new Aim(spec, targets, peers));
            if (allows(together) instanceof Support.Unsupported no) {
                throw new FaultException(no.reason() + ": " + no.remedy());
            }
            try {
                lease.confirm();
            } catch (EnvironmentException e) {
                throw new FaultException(spec.kind() + " " + spec.name() + " is not injected: " + e.getMessage(), e);
            }
            injected.add(new Aim(spec, targets, peers));
            return new Kept(engine.inject(id, spec, targets, peers), spec.kind(), artifacts);
        }
    }

    /** From now on nothing is injected any more; returns when nothing is being injected. */
    synchronized void shut() {
        shut = true;
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
        public boolean oneShot() {
            return injection.oneShot();
        }

        @Override
        public boolean inForce() {
            return injection.inForce();
        }

        @Override
        public void remove() {
            artifacts.beforeRemoval(kind);
            injection.remove();
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
    }
}
