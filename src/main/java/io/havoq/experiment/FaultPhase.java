package io.havoq.experiment;

import io.havoq.environment.Environment;
import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.PreparedFault;
import io.havoq.fault.Proof;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.DnsChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The faults of one experiment, from the plan to the proof that nothing of them is left. Every fault is known here before
 * the next one is injected, so that {@link #remove()} undoes whatever was done, last in first out.
 */
final class FaultPhase {
    private final String id;
    private final List<PlannedFault> plan;
    private final Environment environment;
    private final List<Injection> injections = new ArrayList<>();
    /** What failed and was removed at once, by its fault. */
    private final Map<String, Injection> undone = new LinkedHashMap<>();

    private boolean ended;
    private Optional<String> leftBehind = Optional.empty();
    private OptionalLong removedAt = OptionalLong.empty();
    private OptionalLong goneAt = OptionalLong.empty();
    private List<String> doubts = List.of();
    private List<String> figures = List.of();

    FaultPhase(String id, List<PlannedFault> plan, Environment environment) {
        this.id = id;
        this.plan = List.copyOf(plan);
        this.environment = environment;
    }

    List<PlannedFault> plan() {
        return plan;
    }

    /** Whether the engine can do all of it here; says why not. */
    boolean supported(Findings findings) {
        var supported = true;
        for (var fault : plan) {
            if (environment.faults().supports(fault.document().spec()) instanceof Support.Unsupported no) {
                findings.cannotDo(fault + ": " + no.reason(), no.remedy());
                supported = false;
            }
        }
        if (supported
                && !plan.isEmpty()
                && environment.allows(plan.stream().map(PlannedFault::aim).toList())
                        instanceof Support.Unsupported no) {
            findings.cannotDo(no.reason(), no.remedy());
            supported = false;
        }
        return supported;
    }

    /**
     * Injects all faults, in the order of the plan. What lasts is to have acted before the next is injected, so that neither is taken for the other.
     * What was injected before one failed is removed by {@link #remove()}.
     *
     * @param bound of the wait for each
     * @return whether all were injected; not if one did not act within the bound
     */
    boolean inject(Duration bound) {
        var prepared = new ArrayList<PreparedFault>();
        for (var fault : plan) {
            prepared.add(environment
                    .faults()
                    .prepare(
                            id + "-" + (prepared.size() + 1),
                            fault.document().spec(),
                            fault.targets(),
                            fault.others()));
        }
        for (var i = 0; i < prepared.size(); i++) {
            var injection = inject(plan.get(i), prepared.get(i));
            var last = i == prepared.size() - 1;
            if (!last
                    && !injection.oneShot()
                    && !Waiting.becomes(plan.get(i) + " acts on every target", bound, injection::acted)) {
                return false;
            }
        }
        return true;
    }

    private synchronized Injection inject(PlannedFault fault, PreparedFault prepared) {
        if (ended) {
            throw new FaultException(fault + " is not injected: the experiment's faults are being removed");
        }
        try {
            var injection = prepared.inject(List.copyOf(injections));
            injections.add(injection);
            return injection;
        } catch (FaultException e) {
            // It is no fault of the plan's that acts; but it is gone only once it was seen to be.
            e.remains().ifPresent(failed -> undone.put(fault.toString(), failed));
            if (e.leavesSomething()) {
                leftBehind = Optional.of(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    /** What a failed injection left and could not remove, in words: nothing here removes it any more. */
    synchronized Optional<String> leftBehind() {
        return leftBehind;
    }

    /** Waits until every fault demonstrably acted on every target; returns whether it did. */
    boolean awaitEffect(Duration bound) {
        return Waiting.becomes("the fault acts on every target", bound, this::acted);
    }

    /** Whether every planned fault was injected and has acted on every target. */
    synchronized boolean acted() {
        return injections.size() == plan.size() && injections.stream().allMatch(Injection::acted);
    }

    /** Whether all faults are kills, which are over as soon as they happened. */
    synchronized boolean oneShot() {
        return undone.isEmpty() && injections.stream().allMatch(Injection::oneShot);
    }

    /** Whether nothing was injected, not even in part. */
    private boolean none() {
        return injections.isEmpty() && undone.isEmpty();
    }

    /** Whether something was injected and nothing has been removed so far. */
    synchronized boolean active() {
        return !injections.isEmpty() && removedAt.isEmpty();
    }

    /** Whether the fault is in force now; a kill is until the nodes that it hit are ready again. */
    synchronized boolean inForce() {
        return injections.stream().allMatch(injection -> injection.oneShot() ? down(injection) : injection.inForce());
    }

    /** Whether every fault that lasts until it is removed is in force now; true where all are kills. */
    synchronized boolean lastingInForce() {
        return injections.stream().allMatch(injection -> injection.oneShot() || injection.inForce());
    }

    private boolean down(Injection injection) {
        var names = injection.targets().stream().map(Target::name).toList();
        return environment.targets().stream().anyMatch(now -> names.contains(now.name()) && !now.ready());
    }

    /** Removes every fault, last in first out. Idempotent; every one is tried, and the first failure is thrown at the end. */
    synchronized void remove() {
        ended = true;
        FaultException first = null;
        for (var i = injections.size() - 1; i >= 0; i--) {
            try {
                injections.get(i).remove();
            } catch (FaultException e) {
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
        if (removedAt.isEmpty() && !none()) {
            removedAt = OptionalLong.of(RunClock.now());
            doubts = Stream.concat(lines(Injection::doubts).stream(), environmentsDoubts().stream())
                    .toList();
            figures = lines(Injection::figures);
        }
    }

    private List<String> environmentsDoubts() {
        return plan.stream()
                .flatMap(fault ->
                        environment.doubt(fault.document().spec()).stream().map(doubt -> fault + ": " + doubt))
                .toList();
    }

    /** From each injection, named by its fault. Nothing that is merely told may keep the removal from going on. */
    private List<String> lines(Function<Injection, List<String>> told) {
        var lines = new ArrayList<String>();
        for (var i = 0; i < injections.size(); i++) {
            var fault = plan.get(i).toString();
            told.apply(injections.get(i)).forEach(line -> lines.add(fault + ": " + line));
        }
        undone.forEach((fault, injection) ->
                told.apply(injection).forEach(line -> lines.add(fault + ", which failed: " + line)));
        return List.copyOf(lines);
    }

    /** Why the engine or the environment cannot vouch for the faults; known once they are removed. */
    synchronized List<String> doubts() {
        return doubts;
    }

    /** What the engine counted; known once the faults are removed. */
    synchronized List<String> figures() {
        return figures;
    }

    /** Whether every fault acted, and the engine vouches for all of them. */
    synchronized boolean vouched() {
        return acted() && doubts.isEmpty();
    }

    /** Waits until nothing of the faults is left; returns whether it came to that. */
    boolean awaitGone(Duration bound) {
        var gone = Waiting.becomes("nothing of the fault is left", bound, () -> {
            synchronized (this) {
                return all().allMatch(Injection::gone);
            }
        });
        synchronized (this) {
            if (gone && goneAt.isEmpty() && !none()) {
                goneAt = OptionalLong.of(RunClock.now());
                figures = lines(Injection::figures); // what it took in the end
            }
        }
        return gone;
    }

    /** Whether it was seen that something of a fault still acts, and not only that a node is not as before. */
    synchronized boolean seenLeft() {
        return all().anyMatch(injection -> !injection.left().isEmpty());
    }

    /** Whether something was injected and not all of it is known to be gone. */
    synchronized boolean leftSomething() {
        return leftBehind.isPresent() || (goneAt.isEmpty() && requestedAt().isPresent());
    }

    /** Waits until nothing is left, and tries to remove what is; throws if something stays. */
    void awaitNothingLeft(Duration bound) {
        if (leftSomething()) {
            leftBehind().ifPresent(what -> {
                throw new IllegalStateException("no steady state: " + what);
            });
            remove();
            // What a kill leaves is a node that is not back, which has to be ready anyhow.
            if (!oneShot() && !awaitGone(bound)) {
                throw new IllegalStateException(
                        "no steady state: still after " + GoDuration.format(bound) + " " + left());
            }
        }
    }

    private Stream<Injection> all() {
        return Stream.concat(injections.stream(), undone.values().stream());
    }

    /** What is left of the faults, in words; known when {@link #awaitGone} gave up. */
    synchronized String left() {
        var on = targets().stream().map(Target::name).toList();
        var told = lines(Injection::left);
        var untold = lines(Injection::untold);
        return told.isEmpty() && !untold.isEmpty()
                ? "it cannot be told whether something of the fault is left on " + on + ": " + String.join("; ", untold)
                : "something of the fault is left on " + on + (told.isEmpty() ? "" : ": " + String.join("; ", told));
    }

    /** The targets as they were right before the injection, without repetition. */
    List<Target> targets() {
        return plan.stream()
                .map(PlannedFault::targets)
                .flatMap(Collection::stream)
                .distinct()
                .toList();
    }

    /** The names of all nodes that a fault touches, those on the other side of one between nodes included. */
    List<String> touched() {
        return plan.stream()
                .map(PlannedFault::touched)
                .flatMap(Collection::stream)
                .distinct()
                .toList();
    }

    /**
     * The nodes whose connections a fault ended, by its kind or by what came of it.
     *
     * @param ended as {@link #alsoEnded} told
     */
    synchronized List<String> cutOff(List<String> ended) {
        var nodes = new ArrayList<>(touched(spec -> spec instanceof PodChaos));
        nodes.addAll(ended);
        return nodes.stream().distinct().toList();
    }

    /** The nodes whose process a fault ended so far that is no kill. */
    synchronized List<String> alsoEnded() {
        return injections.stream()
                .flatMap(injection -> injection.alsoEnded().stream())
                .distinct()
                .toList();
    }

    /**
     * The nodes that clients must be using for a fault to mean anything, though it ends no connection. Nobody asks a name server for
     * a connection that stands: a DNSChaos meets no client at once.
     *
     * @param ended as {@link #alsoEnded} told
     */
    synchronized List<String> disturbed(List<String> ended) {
        return touched(spec -> !(spec instanceof PodChaos) && !(spec instanceof DnsChaos)).stream()
                .filter(node -> !ended.contains(node))
                .toList();
    }

    private List<String> touched(Predicate<ChaosSpec> how) {
        return plan.stream()
                .filter(fault -> how.test(fault.document().spec()))
                .map(PlannedFault::touched)
                .flatMap(Collection::stream)
                .distinct()
                .toList();
    }

    /** How long the manifests say that the faults last together: the shortest that is given. */
    Optional<Duration> duration() {
        return plan.stream().flatMap(fault -> fault.duration().stream()).min(Comparator.naturalOrder());
    }

    /** The targets on which nothing of a fault is in force any more, since it has done what it does. */
    synchronized List<String> spent() {
        return injections.stream()
                .flatMap(injection -> injection.spent().stream())
                .distinct()
                .toList();
    }

    /** What there is to say once nothing of the faults is left; a kill leaves nothing but what it killed. */
    synchronized String removal() {
        if (none()) {
            return "nothing: no fault was injected";
        }
        if (oneShot()) {
            return "nothing: what the fault ended runs again";
        }
        var gone = "nothing of the fault is left";
        return injections.size() < plan.size()
                ? gone + ", which was not injected as planned"
                : gone
                        + held().map(time -> " after " + GoDuration.format(Duration.ofMillis(time.toMillis())))
                                .orElse("")
                        + (spent().isEmpty() ? "" : ", on " + spent() + " it was spent before");
    }

    /** When the last of the faults that last began: since then all have been in force together; empty for kills, and before all acted. */
    synchronized OptionalLong togetherSince() {
        return acted()
                ? injections.stream()
                        .filter(injection -> !injection.oneShot())
                        .mapToLong(Injection::injectedAtNanos)
                        .max()
                : OptionalLong.empty();
    }

    /** How long the faults were in force together; empty for kills, and before they are removed. */
    synchronized Optional<Duration> held() {
        var from = togetherSince();
        return oneShot() || from.isEmpty() || removedAt.isEmpty()
                ? Optional.empty()
                : Optional.of(RunClock.between(from.getAsLong(), removedAt.getAsLong()));
    }

    synchronized List<Proof> proof() {
        return injections.stream()
                .flatMap(injection -> injection.effect().stream())
                .toList();
    }

    synchronized OptionalLong requestedAt() {
        return all().mapToLong(Injection::requestedAtNanos).min();
    }

    synchronized OptionalLong injectedAt() {
        return acted()
                ? injections.stream().mapToLong(Injection::injectedAtNanos).min()
                : OptionalLong.empty();
    }

    /** When the last target's first independent observation was made; empty before all acted. */
    synchronized OptionalLong effectObservedAt() {
        if (!acted() || injections.isEmpty()) {
            return OptionalLong.empty();
        }
        return proof().stream()
                .filter(Proof::independent)
                .mapToLong(Proof::atNanos)
                .max();
    }

    synchronized OptionalLong removedAt() {
        return removedAt;
    }

    synchronized OptionalLong goneAt() {
        return goneAt;
    }

    /** What recovery counts from: the fault's beginning for kills, its removal for the others. */
    synchronized OptionalLong recoveryBase() {
        return oneShot() ? injectedAt() : removedAt;
    }
}
