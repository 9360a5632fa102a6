package io.havoq.fault.chaosmesh;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.PreparedFault;
import io.havoq.fault.Proof;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Stands for a machine that loses its power, which Chaos Mesh cannot do: its pods are cut off from everybody, and killed once that was seen,
 * so that nobody is told. Everything that it tells says that it is a substitute. Thread-safe.
 */
final class PowerOffSubstitute implements Injection {
    private static final String SUBSTITUTE = "substitute: ";

    private final ChaosMeshInjection partition;
    private final ChaosMeshInjection kill;
    private final List<String> figures;

    private PowerOffSubstitute(ChaosMeshInjection partition, ChaosMeshInjection kill, List<String> figures) {
        this.partition = partition;
        this.kill = kill;
        this.figures = List.copyOf(figures);
    }

    /** Looks at the targets as they are without any fault. */
    static PreparedFault prepare(
            String id, PodChaos spec, List<Target> targets, MeshAccess access, ProbeChoice probes) {
        var links = NetworkChaos.partition(spec.name() + "-links", spec.selection(), NetworkChaos.Direction.BOTH);
        var partition = ChaosMeshInjection.prepare(id + "-links", links, targets, List.of(), access, probes);
        return new PreparedFault() {
            @Override
            public void amid(List<Injection> earlier) {
                partition.amid(earlier);
            }

            @Override
            public Injection inject(List<Injection> earlier) {
                var figures = new ArrayList<String>();
                figures.add(SUBSTITUTE + "a partition of " + names(targets)
                        + " from everybody, then a pod kill, for the loss of the machine's power");
                figures.addAll(alone(targets, access));
                figures.forEach(access.progress());
                var dark = partition.inject(earlier);
                try {
                    awaitDark(id, dark, access);
                    dark.expend();
                    return new PowerOffSubstitute(dark, kill(id, spec, targets, access, probes), figures);
                } catch (FaultException e) {
                    throw undone(id, dark, e);
                }
            }
        };
    }

    private static ChaosMeshInjection kill(
            String id, PodChaos spec, List<Target> targets, MeshAccess access, ProbeChoice probes) {
        var death = new PodChaos(
                spec.name(),
                PodChaos.Action.POD_KILL,
                spec.selection(),
                spec.gracePeriod(),
                List.of(),
                Optional.empty(),
                true);
        return ChaosMeshInjection.prepare(id + "-kill", death, targets, List.of(), access, probes)
                .inject(List.of());
    }

    /** A pod that was killed before it is cut off would be an ordinary pod kill. */
    private static void awaitDark(String id, ChaosMeshInjection partition, MeshAccess access) {
        var until = RunClock.now() + access.run().injectionTimeout().toNanos();
        while (!partition.acted()) {
            var blind = partition.blind();
            if (!blind.isEmpty()) {
                throw new FaultException(id + ": nobody can see whether the pods are cut off, so they were not killed: "
                        + String.join("; ", blind));
            }
            if (RunClock.now() >= until || Thread.currentThread().isInterrupted()) {
                throw new FaultException(id + ": the pods were not seen to be cut off within "
                        + GoDuration.format(access.run().injectionTimeout()) + ", so they were not killed: "
                        + partition.effect());
            }
            Pace.rest(access.pace().poll());
        }
    }

    /** Without the kill there is to be no partition either. */
    private static FaultException undone(String id, ChaosMeshInjection partition, FaultException cause) {
        var said = id + " (" + SUBSTITUTE + "partition and pod kill): " + cause.getMessage();
        try {
            partition.remove();
            return FaultException.remaining(said, cause, partition);
        } catch (FaultException left) {
            cause.addSuppressed(left);
            return FaultException.leaving(said + ". Moreover " + left.getMessage(), cause);
        }
    }

    /** Who runs beside the targets and is left alone, though a machine that fails takes it along. */
    private static List<String> alone(List<Target> targets, MeshAccess access) {
        var machines =
                targets.stream().map(Target::nodeName).distinct().sorted().toList();
        var names = targets.stream().map(Target::name).toList();
        var lines = new ArrayList<String>();
        for (var namespace : targets.stream().map(Target::namespace).distinct().toList()) {
            var others = new ArrayList<String>();
            access.api()
                    .patiently(new Request(
                            "list",
                            "pods",
                            namespace,
                            "/api/v1/namespaces/" + namespace + "/pods",
                            Optional.empty(),
                            "list the pods of " + namespace))
                    .path("items")
                    .forEach(item -> {
                        var pod = PodView.of(item);
                        if (machines.contains(pod.node()) && !names.contains(pod.name())) {
                            others.add(pod.name());
                        }
                    });
            if (!others.isEmpty()) {
                lines.add(
                        SUBSTITUTE + "on the same machine " + machines + " run " + others + " of namespace " + namespace
                                + ", which were not chosen and go on; the failure of a machine would take them along");
            }
        }
        return lines;
    }

    private static String names(List<Target> targets) {
        return targets.stream().map(Target::name).toList().toString();
    }

    @Override
    public List<Target> targets() {
        return kill.targets();
    }

    @Override
    public long requestedAtNanos() {
        return partition.requestedAtNanos();
    }

    /** Nobody hears of the pods from the partition on. */
    @Override
    public long injectedAtNanos() {
        return partition.injectedAtNanos();
    }

    @Override
    public List<Proof> effect() {
        return Stream.concat(partition.effect().stream(), kill.effect().stream())
                .map(proof -> new Proof(
                        proof.target(), SUBSTITUTE + proof.observation(), proof.atNanos(), proof.independent()))
                .toList();
    }

    @Override
    public boolean acted() {
        return partition.acted() && kill.acted();
    }

    @Override
    public boolean oneShot() {
        return true;
    }

    @Override
    public boolean inForce() {
        return false;
    }

    @Override
    public void remove() {
        try {
            kill.remove();
        } finally {
            partition.remove();
        }
    }

    @Override
    public List<String> doubts() {
        return Stream.concat(partition.doubts().stream(), kill.doubts().stream())
                .toList();
    }

    @Override
    public List<String> figures() {
        return Stream.of(figures, partition.figures(), kill.figures())
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public boolean gone() {
        // one after the other, so that both are asked
        var links = partition.gone();
        return kill.gone() && links;
    }

    @Override
    public List<String> left() {
        return Stream.concat(partition.left().stream(), kill.left().stream()).toList();
    }

    @Override
    public List<String> untold() {
        return Stream.concat(partition.untold().stream(), kill.untold().stream())
                .toList();
    }
}
