package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.havoq.environment.RestartDelay;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * For how long the cluster itself kept pods down, and why: watched whenever somebody looks at the pods, since a status tells neither since
 * when a container waits nor, once it runs, what it has waited for. Begins and ends are taken from the status' own times where it has some.
 * Thread-safe.
 */
final class HeldPods {
    /** Times are whole seconds, of two clocks: what is shorter is told of nobody. As in {@link KubeletBackOff}. */
    private static final Duration SHORTEST = Duration.ofSeconds(5);

    /** So long a pod may take to be started without anybody having said why: one whose image is there takes 1 to 3 s. */
    private static final Duration SILENT = Duration.ofSeconds(10);

    /** How often the events of a pod are asked for. */
    private static final Duration SPACING = Duration.ofSeconds(5);

    /** What is known of one pod. */
    private static final class Watched {
        private final String name;
        private final boolean known;
        private final List<RestartDelay> over = new ArrayList<>();
        private @Nullable Held open;
        private Instant notBefore = Instant.MIN;
        private boolean itsOwn;

        private Watched(String name, boolean known) {
            this.name = name;
            this.known = known;
        }
    }

    /** One time of being kept down. */
    private static final class Held {
        private final Instant since;
        private final boolean node;
        /** By reason, in the order in which they were seen. */
        private final Map<String, String> reasons = new LinkedHashMap<>();

        private boolean silent;
        private Instant asked = Instant.MIN;

        private Held(Instant since, boolean node) {
            this.since = since;
            this.node = node;
        }
    }

    private final String namespace;
    private final Clock clock;
    private final Function<Pod, Optional<String>> warning;
    private final Map<String, Watched> watched = new HashMap<>();
    private final Set<String> known = new HashSet<>();
    private boolean begun;

    /** @param warning what the cluster's events say of a pod */
    HeldPods(String namespace, Clock clock, Function<Pod, Optional<String>> warning) {
        this.namespace = namespace;
        this.clock = clock;
        this.warning = warning;
    }

    /** From now on, with these pods. */
    synchronized void begin(List<Pod> now) {
        watched.clear();
        known.clear();
        now.forEach(pod -> known.add(pod.getMetadata().getUid()));
        begun = true;
    }

    /** To be told of all pods whenever anybody has asked for them. */
    synchronized void saw(List<Pod> now) {
        if (!begun) {
            return;
        }
        var at = clock.instant();
        var there = new HashSet<String>();
        for (var pod : now) {
            var uid = pod.getMetadata().getUid();
            there.add(uid);
            saw(
                    watched.computeIfAbsent(
                            uid, key -> new Watched(pod.getMetadata().getName(), known.contains(key))),
                    pod,
                    at);
        }
        watched.forEach((uid, one) -> {
            if (!there.contains(uid)) {
                end(one, at);
            }
        });
    }

    private void saw(Watched one, Pod pod, Instant at) {
        var hold = PodReading.of(pod);
        if (one.itsOwn && !(hold instanceof PodHold.CutOff)) {
            end(one, started(pod, one).orElse(at));
        } else if (hold instanceof PodHold.ByCluster held) {
            var open = open(one, held.since(), at, false);
            open.silent = false;
            open.reasons.put(held.reason(), held.text());
        } else if (hold instanceof PodHold.CutOff held) {
            open(one, held.since(), at, true).reasons.put("", held.text());
        } else if (hold instanceof PodHold.Starting starting) {
            var open = one.open;
            if (open != null && open.node) {
                end(one, at);
            } else if (open == null
                    && !one.itsOwn
                    && !later(starting.since(), one.notBefore).plus(SILENT).isAfter(at)) {
                open(one, starting.since(), at, false).silent = true;
            }
            ask(one, pod, starting.stage(), at);
        } else if (hold instanceof PodHold.ByItself itself) {
            end(one, started(pod, one).orElse(at));
            one.notBefore = at;
            one.itsOwn = itself.forGood();
        } else {
            end(one, started(pod, one).orElse(at));
        }
    }

    private Held open(Watched one, Instant since, Instant at, boolean node) {
        var open = one.open;
        if (open != null && open.node != node) {
            end(one, at);
            open = null;
        }
        if (open == null) {
            open = new Held(earlier(later(since, one.notBefore), at), node);
            one.open = open;
        }
        return open;
    }

    private void end(Watched one, Instant at) {
        var open = one.open;
        one.open = null;
        if (open != null && Duration.between(open.since, at).compareTo(SHORTEST) >= 0) {
            one.over.add(delay(one, open, Optional.of(at), text(open)));
        }
    }

    /** When the last of the containers that have been started meanwhile was started for the first time. */
    private static Optional<Instant> started(Pod pod, Watched one) {
        var open = one.open;
        if (open == null || open.node) {
            return Optional.empty();
        }
        return Stream.of(
                        pod.getStatus().getInitContainerStatuses(),
                        pod.getStatus().getContainerStatuses())
                .flatMap(List::stream)
                .flatMap(status -> Stream.of(status.getLastState(), status.getState())
                        .flatMap(HeldPods::begun)
                        .filter(at -> at.isAfter(open.since))
                        .min(Instant::compareTo)
                        .stream())
                .max(Instant::compareTo);
    }

    private static Stream<Instant> begun(@Nullable ContainerState state) {
        return Stream.concat(
                        Stream.ofNullable(state)
                                .map(ContainerState::getRunning)
                                .flatMap(Stream::ofNullable)
                                .map(ContainerStateRunning::getStartedAt),
                        Stream.ofNullable(state)
                                .map(ContainerState::getTerminated)
                                .flatMap(Stream::ofNullable)
                                .map(ContainerStateTerminated::getStartedAt))
                .flatMap(text -> KubeletTime.of(text).stream());
    }

    /** All of them, those that are over and those that last. */
    synchronized List<RestartDelay> delays() {
        var all = new ArrayList<RestartDelay>();
        watched.values().forEach(one -> {
            all.addAll(one.over);
            var open = one.open;
            if (open != null) {
                all.add(delay(one, open, Optional.empty(), text(open)));
            }
        });
        return all;
    }

    /** Of a pod of which the status tells nothing, and which may all the same wait for what its broker did. */
    private void ask(Watched one, Pod pod, String stage, Instant at) {
        var open = one.open;
        if (open == null || !open.silent || open.asked.plus(SPACING).isAfter(at)) {
            return;
        }
        open.asked = at;
        open.reasons.putIfAbsent(stage, stage);
        warning.apply(pod).ifPresent(said -> {
            if (PodReading.brokers(said)) {
                one.open = null;
                one.itsOwn = true;
            } else {
                open.reasons.put("event", PodReading.cut(said));
            }
        });
    }

    private RestartDelay delay(Watched one, Held held, Optional<Instant> until, String why) {
        var kept = held.node ? RestartDelay.Kept.NODE : one.known ? RestartDelay.Kept.CONTAINER : RestartDelay.Kept.POD;
        return new RestartDelay(
                one.name, kept, held.since, until, why + ", see kubectl -n " + namespace + " describe pod " + one.name);
    }

    private static String text(Held held) {
        return String.join("; ", held.reasons.values());
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
