package io.havoq.fault.chaosmesh;

import io.havoq.environment.Target;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.DnsChaos;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.StressChaos;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells whether a fault that lasts is in force from its injection to its removal, which Chaos Mesh's records alone do not: they say Injected
 * of a pod that was replaced, and of a container that was restarted. To be used by one thread at a time.
 */
final class ForceCheck {
    private final ChaosSpec spec;
    private final ObjectRef object;
    private final List<Watched> watched;
    private final Map<Target, String> others;
    private final MeshAccess access;
    private final Set<String> ended = new LinkedHashSet<>();
    private final Set<String> spent = new LinkedHashSet<>();
    private final List<String> figures = new ArrayList<>();
    private Optional<String> lost = Optional.empty();
    private long checkedAt;
    private long answeredAt = RunClock.now();

    /**
     * Of a fault that has just been injected.
     *
     * @param others the UIDs of the pods on the other side
     */
    ForceCheck(ChaosSpec spec, ObjectRef object, List<Watched> watched, Map<Target, String> others, MeshAccess access) {
        this.spec = spec;
        this.object = object;
        this.watched = List.copyOf(watched);
        this.others = Map.copyOf(others);
        this.access = access;
    }

    /** Whether it is in force on every target; not where the API server has been silent for long. */
    boolean inForce() {
        checkIfDue();
        return lost.isEmpty() && !silent();
    }

    /** The targets that were restarted or replaced so far. */
    List<String> ended() {
        return List.copyOf(ended);
    }

    /** The targets on which it has done what it does. */
    List<String> spent() {
        return List.copyOf(spent);
    }

    /** What there is to tell of it, for people. */
    List<String> figures() {
        return List.copyOf(figures);
    }

    /** Asked right before the removal: why it may not have been in force until then. */
    List<String> doubts() {
        var doubts = new ArrayList<String>();
        var asked = RunClock.now();
        check();
        if (lost.isEmpty() && answeredAt >= asked) {
            doubts.addAll(vanished());
            check(); // the look takes a while
        }
        lost.ifPresent(doubts::add);
        if (silent()) {
            doubts.add("the API server had not answered for "
                    + RunClock.between(answeredAt, RunClock.now()).toMillis() + " ms when the fault was removed");
        }
        return doubts;
    }

    private boolean silent() {
        return RunClock.now() - answeredAt >= access.pace().silence().toNanos();
    }

    /**
     * The records do not tell that rules were flushed or a stressor ended: what was seen at the beginning has to be there at the end, unless the
     * container that it acted on ended, which is judged by itself.
     */
    private List<String> vanished() {
        var doubts = new ArrayList<String>();
        for (var one : watched) {
            try {
                access.pods()
                        .find(one.target().namespace(), one.target().name())
                        .filter(now -> spec instanceof NetworkChaos || !one.restarted(now))
                        .flatMap(one::vanished)
                        .ifPresent(why -> doubts.add("on " + one.target().name()
                                + " the fault was seen after the injection and not any more before the removal: "
                                + why));
            } catch (ApiException e) {
                access.progress().accept(e.getMessage());
            }
        }
        return doubts;
    }

    void checkIfDue() {
        if (checkedAt == 0 || RunClock.now() - checkedAt >= access.pace().poll().toNanos()) {
            check();
            checkedAt = RunClock.now();
        }
    }

    /** What is lost is lost: Chaos Mesh selects nobody again. */
    private void check() {
        try {
            var why = ended(access.api().find(object.get()).map(ChaosObject::of));
            for (var one : watched) {
                var pod = access.pods()
                        .find(one.target().namespace(), one.target().name());
                why = why.or(() -> ended(one, pod));
            }
            for (var other : others.entrySet()) {
                var peer = other.getKey();
                var now = access.pods().find(peer.namespace(), peer.name()).map(PodView::uid);
                why = why.or(() -> now.filter(other.getValue()::equals).isPresent()
                        ? Optional.empty()
                        : Optional.of("pod " + peer.name() + " on the other side was replaced, and the fault knows the"
                                + " new one's address as little as the new one knows the fault"));
            }
            answeredAt = RunClock.now();
            if (lost.isEmpty()) {
                lost = why;
                lost.ifPresent(access.progress());
            }
        } catch (ApiException e) {
            access.progress().accept(e.getMessage());
        }
    }

    private Optional<String> ended(Optional<ChaosObject> state) {
        if (state.isEmpty() || state.get().deleting()) {
            return Optional.of(object + " was removed by somebody else");
        }
        if (!state.get().desiredPhase().equals("Run")) {
            return Optional.of(object + " was ended by Chaos Mesh: its duration of "
                    + GoDuration.format(access.run().maxDuration()) + " passed, or somebody paused it");
        }
        return state.get().injected()
                ? Optional.empty()
                : Optional.of(
                        object + " is not injected any more: " + state.get().state());
    }

    /**
     * A network fault stays with the pod's network when its containers restart, and a DNS fault may stay with the pod's resolv.conf; the others
     * end with their process, and have then done what they do if it was they that ended it.
     */
    private Optional<String> ended(Watched one, Optional<PodView> found) {
        var name = one.target().name();
        if (found.isEmpty() || one.replaced(found.get())) {
            ended.add(name);
            return Optional.of("pod " + name
                    + " was replaced and the new one is without the fault, whatever Chaos Mesh's records say");
        }
        if (spec instanceof PodChaos || !one.restarted(found.get())) {
            return Optional.empty();
        }
        ended.add(name);
        if (spec instanceof NetworkChaos) {
            return Optional.empty();
        }
        if (spec instanceof StressChaos stress && stress.memory().isPresent() && one.outOfMemory(found.get())) {
            spent.add(name);
            return Optional.empty();
        }
        if (spec instanceof DnsChaos) {
            if (found.get().allRunning()) {
                if (one.keeps(found.get())) {
                    return Optional.empty();
                }
            } else {
                var since = one.notRunning();
                return since.compareTo(access.pace().silence()) < 0
                        ? Optional.empty()
                        : Optional.of("a container of pod " + name + " has not run for "
                                + GoDuration.format(Duration.ofMillis(since.toMillis()))
                                + ", so that nobody can see whether it is still under the fault");
            }
        }
        var ending = one.ending(found.get());
        if (ending.isPresent()) {
            if (spent.add(name)) {
                figures.add(
                        "pod " + name + ": the fault is spent, what was started anew is without it: " + ending.get());
            }
            return Optional.empty();
        }
        return Optional.of("a container of pod " + name
                + " restarted and is without the fault now, whatever Chaos Mesh's records say");
    }
}
