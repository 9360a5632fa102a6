package io.havoq.fault.chaosmesh;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.PreparedFault;
import io.havoq.fault.Proof;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.DnsChaos;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One chaos object and what it does to its targets. It is injected when Chaos Mesh's records say so of every target that was pinned; it has
 * acted when that was also seen by other means on each of them. Pods are asked by GET, since watches end silently under
 * chaos. Thread-safe.
 */
final class ChaosMeshInjection implements Injection {
    private final String id;
    private final ChaosSpec spec;
    private final List<Target> targets;
    private final List<Target> peers;
    private final MeshAccess access;
    private final List<Watched> watched = new ArrayList<>();
    private final List<String> figures = new ArrayList<>();
    private final Set<String> doubts = new LinkedHashSet<>();
    private @Nullable ObjectRef object;
    private long requestedAt;
    private OptionalLong injectedAt = OptionalLong.empty();
    /** Of a fault that lasts, once it is injected. */
    private @Nullable ForceCheck force;

    private boolean lookedAmid;
    private boolean expendable;
    private boolean removed;
    private boolean gone;
    private long lookedAt;

    /** One whose targets were looked at. */
    interface Prepared extends PreparedFault {
        @Override
        ChaosMeshInjection inject(List<Injection> earlier);
    }

    private ChaosMeshInjection(String id, ChaosSpec spec, List<Target> targets, List<Target> peers, MeshAccess access) {
        this.id = id;
        this.spec = spec;
        this.targets = List.copyOf(targets);
        this.peers = List.copyOf(peers);
        this.access = access;
    }

    /** Looks at the targets as they are without any fault. */
    static Prepared prepare(
            String id,
            ChaosSpec spec,
            List<Target> targets,
            List<Target> peers,
            MeshAccess access,
            ProbeChoice probes) {
        var injection = new ChaosMeshInjection(id, spec, targets, peers, access);
        try {
            injection.look(probes);
        } catch (RuntimeException e) {
            throw injection.undone(e);
        }
        return new Prepared() {
            @Override
            public void amid(List<Injection> earlier) {
                injection.lookAmid(earlier);
            }

            @Override
            public ChaosMeshInjection inject(List<Injection> earlier) {
                return injection.begin(earlier);
            }
        };
    }

    private synchronized void look(ProbeChoice probes) {
        targets.forEach(target -> {
            var pod = fit(target);
            watched.add(new Watched(target, pod, hit(pod), probes.choose(spec, pod, peers)));
        });
    }

    /** Once; among the same others as those of the injection. */
    private synchronized void lookAmid(List<Injection> earlier) {
        if (earlier.isEmpty() || lookedAmid) {
            return;
        }
        try {
            var dropping = earlier.stream().anyMatch(Injection::mayDrop);
            watched.forEach(one -> one.amid(fit(one.target()), dropping));
            lookedAmid = true;
        } catch (RuntimeException e) {
            throw undone(e);
        }
    }

    /** Makes the object and waits until Chaos Mesh's records say that it is injected; whatever was made is removed if that fails. */
    private synchronized ChaosMeshInjection begin(List<Injection> earlier) {
        lookAmid(earlier);
        try {
            // What earlier faults have ended was looked at anew, and may go on ending.
            if (earlier.isEmpty()) {
                watched.forEach(this::refuseAnother);
            }
            var others = others();
            requestedAt = RunClock.now();
            var ref =
                    new Creation(access, id, ChaosManifest.pinned(spec, targets, peers)).create(made -> object = made);
            awaitInjected(ref);
            force = oneShot() ? null : new ForceCheck(spec, ref, watched, others, access);
            return this;
        } catch (RuntimeException e) {
            throw undone(e);
        }
    }

    /** Others were prepared meanwhile: what ended before the injection must not pass for its effect. */
    private void refuseAnother(Watched one) {
        if (one.another(fit(one.target()))) {
            throw new FaultException(id + ": pod " + one.target().namespace() + "/"
                    + one.target().name()
                    + " was replaced or restarted after it had been looked at and before the injection: nothing was injected."
                    + " Next step: find out why (kubectl describe pod), then run it again");
        }
    }

    private PodView fit(Target target) {
        var pod = access.pods()
                .findPatiently(target.namespace(), target.name())
                .orElseThrow(() -> new FaultException(id + ": pod " + target.namespace() + "/" + target.name()
                        + " is not there any more: nothing was injected"));
        refuseUnfit(pod);
        return pod;
    }

    /** The UIDs of the pods on the other side. */
    private Map<Target, String> others() {
        var uids = new LinkedHashMap<Target, String>();
        if (spec.target().isPresent()) {
            peers.forEach(peer -> access.pods()
                    .findPatiently(peer.namespace(), peer.name())
                    .ifPresent(pod -> uids.put(peer, pod.uid())));
        }
        return uids;
    }

    /** What Chaos Mesh would skip without a word, or refuse only later. */
    private void refuseUnfit(PodView pod) {
        if (pod.terminating() || !pod.phase().equals("Running")) {
            throw new FaultException(id + ": pod " + pod.fullName() + " is "
                    + (pod.terminating() ? "being deleted" : pod.phase())
                    + ", and Chaos Mesh injects into running pods only: nothing was injected");
        }
        if (spec instanceof NetworkChaos && pod.hostNetwork()) {
            throw new FaultException(
                    id + ": pod " + pod.fullName()
                            + " uses its machine's network (hostNetwork), which Chaos Mesh refuses to disturb: nothing was injected");
        }
        for (var name : spec.containerNames()) {
            if (pod.container(name).isEmpty()) {
                throw new FaultException(
                        id + ": containerNames " + spec.containerNames() + " names a container that pod "
                                + pod.fullName() + " does not have, only "
                                + pod.containers().stream()
                                        .map(PodView.ContainerView::name)
                                        .toList() + ": nothing was injected");
            }
        }
    }

    private List<String> hit(PodView pod) {
        if (!spec.containerNames().isEmpty()) {
            return spec.containerNames();
        }
        var all = pod.containers().stream().map(PodView.ContainerView::name).toList();
        return ChaosKind.hitsContainers(spec) ? all.subList(0, Math.min(1, all.size())) : all;
    }

    private void awaitInjected(ObjectRef ref) {
        var until = RunClock.now() + access.run().injectionTimeout().toNanos();
        var state = Optional.<ChaosObject>empty();
        var trouble = "";
        while (true) {
            try {
                if (oneShot()) {
                    lookAtAll();
                }
                state = access.api().find(ref.get()).map(ChaosObject::of);
                trouble = "";
                if (injected(ref, state)) {
                    return;
                }
            } catch (ApiException e) {
                if (!e.mayPass()) {
                    throw e;
                }
                trouble = e.getMessage() == null ? "" : e.getMessage();
            }
            if (RunClock.now() >= until) {
                throw notInjected(ref, state, trouble);
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new FaultException(id + ": interrupted while Chaos Mesh was to inject " + ref);
            }
            Pace.rest(access.pace().poll());
        }
    }

    private boolean injected(ObjectRef ref, Optional<ChaosObject> found) {
        if (found.isEmpty() || found.get().deleting()) {
            throw new FaultException(id + ": " + ref + " was removed by somebody else before it was injected");
        }
        var state = found.get();
        if (state.records().isEmpty()) {
            Explanation.ofSelection(access.explanation().failedEvents(ref)).ifPresent(why -> {
                throw new FaultException(id + ": Chaos Mesh found no target for " + ref + " and does not try again: "
                        + why + Diagnosis.of(why).map(cause -> ". " + cause).orElse(""));
            });
            return false;
        }
        refuseUncovered(ref, state);
        if (!state.injected()) {
            return false;
        }
        injectedAt = OptionalLong.of(RunClock.now());
        figures.add(ref + ": injected " + millis(requestedAt, injectedAt.getAsLong()) + " after it was asked for");
        access.progress().accept(ref + " is injected: " + state.state());
        return true;
    }

    /** Chaos Mesh selects once: a target that it has no record of stays unharmed. */
    private void refuseUncovered(ObjectRef ref, ChaosObject state) {
        var uncovered = new ArrayList<String>();
        targets.stream()
                .filter(target -> !covered(state, target, ChaosRecord.SOURCE))
                .forEach(target -> uncovered.add(target.namespace() + "/" + target.name()));
        peers.stream()
                .filter(peer -> spec.target().isPresent() && !covered(state, peer, ChaosRecord.TARGET))
                .forEach(peer -> uncovered.add(peer.namespace() + "/" + peer.name() + " (target side)"));
        if (!uncovered.isEmpty()) {
            throw new FaultException(
                    id + ": Chaos Mesh selected fewer than were asked for with " + ref
                            + " and does not select again: no record of " + String.join(", ", uncovered) + "; "
                            + state.state()
                            + ". Likely cause: the pod was not running at that moment. Next step: kubectl get pods, then run it again");
        }
    }

    private boolean covered(ChaosObject state, Target target, String side) {
        var records = state.records().stream()
                .filter(record -> record.selectorKey().equals(side) && record.of(target.namespace(), target.name()))
                .toList();
        return !records.isEmpty()
                && (!ChaosKind.hitsContainers(spec)
                        || spec.containerNames().stream()
                                .allMatch(container -> records.stream()
                                        .anyMatch(record -> record.id()
                                                .equals(target.namespace() + "/" + target.name() + "/" + container))));
    }

    private FaultException notInjected(ObjectRef ref, Optional<ChaosObject> state, String trouble) {
        var pods = new ArrayList<>(targets);
        pods.addAll(peers);
        var why = trouble.isEmpty()
                ? access.explanation().of(ref, state, pods)
                : "the API server could not be asked: " + trouble;
        return new FaultException(id + ": Chaos Mesh did not inject " + ref + " within "
                + GoDuration.format(access.run().injectionTimeout()) + " ("
                + ChaosMeshSettings.INJECTION_TIMEOUT.key() + "): " + why);
    }

    /**
     * After a failed injection: removes what there is of it, and tells of what is left. On some targets it may have acted: whoever is told of the
     * failure looks whether that is gone.
     */
    private synchronized FaultException undone(RuntimeException cause) {
        var failure = cause instanceof FaultException fault
                ? fault
                : new FaultException(id + ": " + cause.getMessage(), cause);
        if (object != null) {
            try {
                var outcome = access.removal().remove(object, access.run().removalTimeout());
                removed = true;
                doubtForced(outcome);
                doubts.forEach(access.progress());
                if (outcome.existed() && !oneShot()) {
                    return FaultException.remaining(failure.getMessage(), failure, this);
                }
            } catch (FaultException e) {
                failure.addSuppressed(e);
                return FaultException.leaving(failure.getMessage() + ". Moreover " + e.getMessage(), failure);
            }
        }
        return failure;
    }

    private void doubtForced(Removal.Outcome outcome) {
        outcome.forced()
                .ifPresent(why -> doubts.add(
                        object() + " was removed by force and may have left rules on its targets' machines: " + why));
    }

    private static String millis(long from, long until) {
        return RunClock.between(from, until).toMillis() + " ms";
    }

    private ObjectRef object() {
        if (object == null) {
            throw new IllegalStateException(id + " was never made");
        }
        return object;
    }

    @Override
    public List<Target> targets() {
        return targets;
    }

    @Override
    public synchronized long requestedAtNanos() {
        return requestedAt;
    }

    /** For a kill the last moment at which its first victim was seen alive: the kill came no earlier. */
    @Override
    public synchronized long injectedAtNanos() {
        return oneShot()
                ? Math.max(
                        requestedAt,
                        watched.stream().mapToLong(Watched::lastUnharmed).min().orElse(requestedAt))
                : injectedAt.orElse(requestedAt);
    }

    @Override
    public synchronized List<Proof> effect() {
        var proofs = new ArrayList<Proof>();
        injectedAt.ifPresent(at -> targets.forEach(target ->
                proofs.add(new Proof(target.name(), "Chaos Mesh's record of " + object() + ": Injected", at, false))));
        watched.forEach(one -> proofs.addAll(one.proofs(injectedAt)));
        return List.copyOf(proofs);
    }

    /** Never by Chaos Mesh's word alone. */
    @Override
    public synchronized boolean acted() {
        if (!removed && injectedAt.isPresent() && due(lookedAt)) {
            try {
                lookAtAll();
            } catch (ApiException e) {
                access.progress().accept(e.getMessage());
            }
            lookedAt = RunClock.now();
        }
        return injectedAt.isPresent() && watched.stream().allMatch(Watched::acted);
    }

    private boolean due(long at) {
        return at == 0 || RunClock.now() - at >= access.pace().poll().toNanos();
    }

    private void lookAtAll() {
        watched.forEach(one -> one.look(access.pods()));
    }

    /** Why the effect cannot be seen by other means on some target; empty if it can, or nobody has looked. */
    synchronized List<String> blind() {
        return watched.stream().flatMap(one -> one.blind().stream()).toList();
    }

    @Override
    public synchronized List<String> alsoEnded() {
        if (force == null) {
            return List.of();
        }
        if (!removed) {
            force.checkIfDue();
        }
        return force.ended();
    }

    @Override
    public synchronized List<String> spent() {
        return force == null ? List.of() : force.spent();
    }

    @Override
    public boolean oneShot() {
        return ChaosKind.oneShot(spec);
    }

    /** What it queues it may drop, too. */
    @Override
    public boolean mayDrop() {
        return spec instanceof NetworkChaos chaos
                && (chaos.networkAction() == NetworkChaos.Action.PARTITION
                        || chaos.bandwidth().isPresent()
                        || chaos.netem().rate().isPresent()
                        || chaos.netem().loss().isPresent()
                        || chaos.netem().corrupt().isPresent());
    }

    @Override
    public synchronized boolean inForce() {
        return !removed && force != null && force.inForce();
    }

    /** Nobody asks any more whether it is still in force: its targets are about to be killed. */
    synchronized void expend() {
        expendable = true;
    }

    @Override
    public synchronized void remove() {
        if (removed) {
            return;
        }
        if (force != null && !expendable) {
            doubts.addAll(force.doubts());
        }
        var outcome = access.removal().remove(object(), access.run().removalTimeout());
        removed = true;
        doubtForced(outcome);
        alsoEnded()
                .forEach(
                        name -> figures.add("pod " + name + " was restarted or replaced while the fault was in force"));
    }

    @Override
    public synchronized List<String> doubts() {
        return List.copyOf(doubts);
    }

    @Override
    public synchronized List<String> figures() {
        return Stream.concat(figures.stream(), force == null ? Stream.of() : force.figures().stream())
                .toList();
    }

    @Override
    public synchronized boolean gone() {
        if (!removed || gone) {
            return gone;
        }
        if (due(lookedAt)) {
            try {
                // The network and resolv.conf are the pod's: a container that is started anew has them as they are.
                var restartEnds =
                        !(spec instanceof PodChaos) && !(spec instanceof NetworkChaos) && !(spec instanceof DnsChaos);
                var released = access.api().find(object().get()).isEmpty();
                gone = released;
                for (var one : watched) {
                    gone &= one.gone(access.pods(), restartEnds);
                }
                if (released && !gone) {
                    mend();
                }
            } catch (ApiException e) {
                access.progress().accept(e.getMessage());
            }
            lookedAt = RunClock.now();
        }
        return gone;
    }

    /** Chaos Mesh has done what it can. */
    private void mend() {
        for (var one : watched) {
            one.mend(access.pods()).ifPresent(done -> {
                var line = one.target().name() + ": " + done;
                figures.add(line);
                access.progress().accept(line);
            });
        }
    }

    @Override
    public synchronized List<String> left() {
        if (oneShot()) {
            return List.of();
        }
        return watched.stream()
                .flatMap(one -> one.left().stream()
                        .map(seen -> one.target().name() + ": " + seen + "; to be rid of it: kubectl -n "
                                + one.target().namespace() + " delete pod "
                                + one.target().name()))
                .toList();
    }

    @Override
    public synchronized List<String> untold() {
        return oneShot()
                ? List.of()
                : watched.stream()
                        .flatMap(one ->
                                one.untold().stream().map(seen -> one.target().name() + ": " + seen))
                        .toList();
    }
}
