package io.havoq.fault.chaosmesh;

import io.havoq.environment.Target;
import io.havoq.fault.Proof;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** One target of an injection: how it was before, and what was seen of it since by other means than Chaos Mesh's word. */
final class Watched {
    private static final String NOT_LOOKED = "not looked at";

    private final Target target;
    private final List<String> hit;
    /** Knows what is normal without any fault. */
    private final EffectProbe probe;

    private PodView before;
    /** Knows what is normal with the faults that were injected earlier. */
    private EffectProbe amid;

    private long lastUnharmed;
    private Optional<Proof> seen = Optional.empty();
    private Optional<String> blind = Optional.empty();
    private String last = NOT_LOOKED;
    private Optional<String> left = Optional.empty();
    private Optional<String> untold = Optional.empty();
    private String keptBy = "";
    private OptionalLong notRunningSince = OptionalLong.empty();
    private Optional<String> ending = Optional.empty();
    private boolean gone;

    /**
     * @param hit the containers that the fault hits
     */
    Watched(Target target, PodView before, List<String> hit, EffectProbe probe) {
        this.target = target;
        this.before = before;
        this.hit = List.copyOf(hit);
        this.probe = probe;
        amid = probe;
        probe.before(before);
        lastUnharmed = RunClock.now();
    }

    Target target() {
        return target;
    }

    /**
     * Takes what is normal once more, as other faults are in force by now: none of what they do is this one's effect.
     *
     * @param dropping whether one of them may take packets away
     */
    void amid(PodView now, boolean dropping) {
        before = now;
        amid = probe.amidOthers(dropping);
        amid.before(now);
        lastUnharmed = RunClock.now();
    }

    /** Looks, unless its effect was seen before. */
    void look(Pods pods) {
        if (seen.isPresent()) {
            return;
        }
        var from = RunClock.now();
        var sight = amid.during(pods.find(target.namespace(), target.name()));
        if (!Thread.currentThread().isInterrupted() || last.equals(NOT_LOOKED)) {
            // A look that was cut short tells nothing that the one before did not.
            last = sight.text();
        }
        if (sight instanceof Sight.Seen what) {
            seen = Optional.of(new Proof(target.name(), what.what(), RunClock.now(), true));
        } else if (sight instanceof Sight.Blind why) {
            blind = Optional.of(why.why());
        } else {
            lastUnharmed = from;
        }
    }

    /**
     * What is seen now instead of the effect that was seen before, each of a few times; empty where it still shows, and where nobody could look.
     */
    Optional<String> vanished(PodView now) {
        if (seen.isEmpty()) {
            return Optional.empty();
        }
        Sight sight = new Sight.NotLooked(NOT_LOOKED);
        for (var left = amid.lookAgain(); left > 0; left--) {
            sight = amid.during(Optional.of(now));
            if (!(sight instanceof Sight.NotYet)) {
                return Optional.empty();
            }
        }
        return Optional.of(sight.text());
    }

    boolean acted() {
        return seen.isPresent();
    }

    /** Why its effect cannot be seen here, once that is known. */
    Optional<String> blind() {
        return seen.isPresent() ? Optional.empty() : blind;
    }

    /** When it was last seen without the effect: the fault began no earlier. */
    long lastUnharmed() {
        return lastUnharmed;
    }

    List<Proof> proofs(OptionalLong injectedAt) {
        var proofs = new ArrayList<Proof>();
        seen.ifPresent(proofs::add);
        if (seen.isEmpty() && injectedAt.isPresent()) {
            proofs.add(new Proof(
                    target.name(),
                    blind.map(why -> "cannot be seen by other means: " + why).orElse("not seen so far: " + last),
                    injectedAt.getAsLong(),
                    false));
        }
        return proofs;
    }

    /**
     * Whether nothing of the effect is left; what cannot be seen does not stand in the way.
     *
     * @param restartEnds whether the effect ends with the container's process; it always ends with the pod
     */
    boolean gone(Pods pods, boolean restartEnds) {
        if (!gone) {
            var now = pods.find(target.namespace(), target.name());
            var sight = now.filter(pod -> endedWithIt(pod, restartEnds)).isPresent()
                    ? new Sight.Seen("it ended with what it was done to")
                    : probe.after(now);
            gone = sight instanceof Sight.Seen || sight instanceof Sight.Blind;
            left = gone
                    ? Optional.empty()
                    : now.map(pod -> stillSeen(pod, restartEnds)).orElse(left);
            untold = gone || left.isPresent() ? Optional.empty() : Optional.of(sight.text());
            if (gone) {
                untold = now.flatMap(pod -> probe.litter(pod).or(() -> amid.litter(pod)));
                gone = untold.isEmpty();
            }
        }
        return gone;
    }

    /**
     * Not of a container without the effect, which may have its own reasons for not being as before. A look that shows nothing, as of a
     * container that is starting, does not take back what an earlier one showed.
     */
    private Optional<String> stillSeen(PodView now, boolean restartEnds) {
        if (replaced(now) || (restartEnds && restarted(now))) {
            return Optional.empty();
        }
        return probe.leftover(now).or(() -> left);
    }

    /** Takes away what was last seen to be left, if that can be done; tells what was. */
    Optional<String> mend(Pods pods) {
        var done = left.flatMap(seen -> pods.find(target.namespace(), target.name()))
                .flatMap(probe::mend);
        if (done.isPresent()) {
            left = Optional.empty(); // unless it is seen again
        }
        return done;
    }

    /** What was still seen of the effect when it was last looked for. */
    Optional<String> left() {
        return left;
    }

    /** What was seen instead when neither the effect nor its end was. */
    Optional<String> untold() {
        return untold;
    }

    /** Whether a container that was restarted since is under the fault as well: seen, and for each start of it once. */
    boolean keeps(PodView now) {
        var start = now.uid() + " " + now.restarts();
        if (!keptBy.equals(start) && amid.during(Optional.of(now)) instanceof Sight.Seen) {
            keptBy = start;
        }
        if (keptBy.equals(start)) {
            notRunningSince = OptionalLong.empty();
        }
        return keptBy.equals(start);
    }

    /** For how long nobody has been able to look whether it keeps the fault, since a container of it does not run. */
    Duration notRunning() {
        var now = RunClock.now();
        notRunningSince = OptionalLong.of(notRunningSince.orElse(now));
        return RunClock.between(notRunningSince.getAsLong(), now);
    }

    /** How it was seen that the fault made a container end itself that was restarted since. */
    Optional<String> ending(PodView now) {
        ending = ending.or(() -> amid.ending(now));
        return ending;
    }

    private boolean endedWithIt(PodView now, boolean restartEnds) {
        return (replaced(now) || (restartEnds && restarted(now))) && now.allRunning();
    }

    /** Whether its pod, or a container in it that the fault is to hit, is not the one any more that was looked at before the injection. */
    boolean another(PodView now) {
        return replaced(now) || restarted(now);
    }

    boolean replaced(PodView now) {
        return !now.uid().equals(before.uid());
    }

    /** Whether a container that the fault hits was restarted since. */
    boolean restarted(PodView now) {
        return hit.stream().anyMatch(name -> restarts(now, name) > restarts(before, name));
    }

    /** Whether what ended a container that the fault hits was the kernel, for want of memory. */
    boolean outOfMemory(PodView now) {
        return hit.stream()
                .filter(name -> restarts(now, name) > restarts(before, name))
                .allMatch(name -> now.container(name)
                        .flatMap(PodView.ContainerView::ended)
                        .filter(ended -> ended.reason().equals("OOMKilled"))
                        .isPresent());
    }

    private static int restarts(PodView pod, String container) {
        return pod.container(container).map(PodView.ContainerView::restarts).orElse(0);
    }
}
