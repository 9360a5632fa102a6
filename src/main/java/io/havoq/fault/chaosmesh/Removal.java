package io.havoq.fault.chaosmesh;

import io.havoq.fault.FaultException;
import io.havoq.fault.chaosmesh.ApiException.Reason;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Removes one chaos object: deletes it, waits until Chaos Mesh has recovered its targets and let go of it, and otherwise takes
 * away its finalizer, first by Chaos Mesh's own means ({@code controllers/common/finalizers}), then without it. Each step is told.
 */
final class Removal {
    private static final String FORCED =
            "{\"metadata\":{\"annotations\":{\"chaos-mesh.chaos-mesh.org/cleanFinalizer\":\"forced\"}}}";
    private static final String NO_FINALIZERS = "{\"metadata\":{\"finalizers\":null}}";

    private final ClusterApi api;
    private final Pace pace;
    private final Consumer<String> progress;

    /** How it went: whether by force, and then why. */
    record Outcome(boolean existed, Optional<String> forced) {}

    Removal(ClusterApi api, Pace pace, Consumer<String> progress) {
        this.api = api;
        this.pace = pace;
        this.progress = progress;
    }

    /**
     * Returns when the object is gone.
     *
     * @param bound for Chaos Mesh's own removal; the two steps by force have a quarter of it each
     * @throws FaultException if it is still there; it keeps its labels
     */
    Outcome remove(ObjectRef object, Duration bound) {
        try {
            return attempt(object, bound);
        } catch (ApiException e) {
            throw new FaultException(
                    object + " is left in the cluster: " + e.getMessage() + ". The next run tries again; by hand: "
                            + object.deleteCommand(),
                    e);
        }
    }

    private Outcome attempt(ObjectRef object, Duration bound) {
        var found = api.findPatiently(object.get()).map(ChaosObject::of);
        if (found.isEmpty()) {
            return new Outcome(false, Optional.empty());
        }
        awaitFinalizer(object, found.get());
        progress.accept("deleting " + object);
        api.findPatiently(object.request("delete", "delete", Optional.of("{\"propagationPolicy\":\"Background\"}")));
        if (gone(object, bound)) {
            progress.accept(object + " is gone");
            return new Outcome(true, Optional.empty());
        }
        var why = api.findPatiently(object.get())
                .map(ChaosObject::of)
                .map(this::stuck)
                .orElse("it went at the last moment");
        progress.accept(object + " is not gone after " + GoDuration.format(bound) + " (" + why
                + "): asking Chaos Mesh to let go of it by the annotation cleanFinalizer: forced");
        var step = bound.dividedBy(4);
        var reason = "not gone " + GoDuration.format(bound) + " after its deletion: " + why;
        if (patched(object, "annotate", FORCED) && gone(object, step)) {
            progress.accept(object + " is gone, by the annotation");
            return new Outcome(true, Optional.of(reason + withdrawn(object, found.get())));
        }
        progress.accept(object + " is still there: removing its finalizers");
        patched(object, "remove the finalizers of", NO_FINALIZERS);
        if (gone(object, step)) {
            progress.accept(object + " is gone, its finalizers were removed");
            return new Outcome(true, Optional.of(reason + withdrawn(object, found.get())));
        }
        throw new FaultException(object + " is left in the cluster, " + reason
                + "; neither the annotation nor the removal of its finalizers helped. The next run tries again; by hand: "
                + object.deleteCommand());
    }

    /**
     * What network and file faults do to a pod stands in an object of its own, with the entries of all of them, which are applied together: an
     * entry of one that went by force stays there, and no later fault of that pod can be applied. Without the entry Chaos Mesh puts the
     * pod right.
     */
    private String withdrawn(ObjectRef object, ChaosObject last) {
        var left = new StringBuilder();
        for (var ledger : PodLedger.of(object.kind(), last)) {
            try {
                if (ledger.withdraw(api, object)) {
                    progress.accept(ledger + " has no entry of " + object + " any more");
                }
            } catch (ApiException e) {
                progress.accept(e.getMessage());
                left.append("; its entry in ")
                        .append(ledger)
                        .append(" may have stayed, which keeps later faults of that pod from being")
                        .append(" applied: ")
                        .append(ledger.deleteCommand());
            }
        }
        return left.toString();
    }

    /**
     * Chaos Mesh sets its finalizer in one controller and injects in another: what is deleted in between would go without being
     * recovered.
     */
    private void awaitFinalizer(ObjectRef object, ChaosObject first) {
        var until = RunClock.now() + pace.finalizer().toNanos();
        var now = Optional.of(first);
        while (now.isPresent()
                && !now.get().deleting()
                && now.get().finalizers().isEmpty()
                && RunClock.now() < until) {
            Pace.restUndisturbed(pace.poll());
            now = api.findPatiently(object.get()).map(ChaosObject::of);
        }
    }

    /** A step by force; one that is refused is told, and the next one tried. */
    private boolean patched(ObjectRef object, String what, String patch) {
        try {
            api.findPatiently(object.request("patch", what, Optional.of(patch)));
            return true;
        } catch (ApiException e) {
            progress.accept(e.getMessage());
            if (e.reason() == Reason.UNAUTHENTICATED || e.reason() == Reason.FORBIDDEN) {
                throw e;
            }
            return false;
        }
    }

    private boolean gone(ObjectRef object, Duration bound) {
        var until = RunClock.now() + bound.toNanos();
        while (true) {
            if (isGone(object)) {
                return true;
            }
            if (RunClock.now() >= until) {
                return false;
            }
            Pace.restUndisturbed(pace.poll());
        }
    }

    private boolean isGone(ObjectRef object) {
        try {
            return api.find(object.get()).isEmpty();
        } catch (ApiException e) {
            if (e.mayPass()) {
                return false;
            }
            throw e;
        }
    }

    private String stuck(ChaosObject object) {
        return object.failure()
                .map(failure -> failure
                        + Diagnosis.of(failure).map(cause -> ". " + cause).orElse(""))
                .orElseGet(() -> object.recovered()
                        ? "its targets are recovered, but its finalizers " + object.finalizers() + " remain"
                        : object.state() + "; " + idle(object));
    }

    /** Once the object is deleted its controller is who asks for Stop, and marks with Wait what it asked the daemon for. */
    private static String idle(ChaosObject object) {
        return object.desiredPhase().equals("Stop")
                ? "Chaos Mesh's controller has begun to recover the targets: it, or the daemon on their machines, is slow or does not"
                        + " get on (kubectl -n chaos-mesh get pods -o wide, and their logs)"
                : "Chaos Mesh's controller may not be running (kubectl -n chaos-mesh get pods)";
    }
}
