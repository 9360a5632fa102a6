package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.havoq.environment.RestartDelay;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How long the kubelet keeps a container that ended from starting again. At its first end it starts it at once; at the next ones it waits
 * 10 s, 20 s and so on up to 5 min, until 10 min pass without an end (Kubernetes, Pod Lifecycle, "Container restart policy"). Read from
 * the statuses that it writes, by its clock, in whole seconds. Thread-safe.
 */
final class KubeletBackOff {
    private static final Duration FORGOTTEN = Duration.ofMinutes(10);

    /** One that waits for nothing starts a container within a second or two; the first back-off is twice as long as this. */
    private static final Duration USUAL = Duration.ofSeconds(5);

    private static final String WAITS = "CrashLoopBackOff";

    private final BrokerPods pods;
    private final Clock clock;

    /** The restarts of each pod, by UID, as the experiment began. */
    private final Map<String, Integer> restarts = new HashMap<>();

    KubeletBackOff(BrokerPods pods, Clock clock) {
        this.pods = pods;
        this.clock = clock;
    }

    /** From now on ends are counted anew. */
    void begin() {
        var now = pods.list();
        synchronized (this) {
            restarts.clear();
            now.forEach(pod -> pods.broker(pod)
                    .ifPresent(status -> restarts.put(pod.getMetadata().getUid(), restarts(status))));
        }
    }

    /** Whether the container of a pod's broker, if it ended now, would be kept waiting: it has ended before, not long ago. */
    Optional<String> wouldWait(String name) {
        return pods.list().stream()
                .filter(pod -> pod.getMetadata().getName().equals(name))
                .findFirst()
                .flatMap(pods::broker)
                .filter(status -> restarts(status) > 0)
                .flatMap(status -> running(status))
                .filter(since -> since.plus(FORGOTTEN).isAfter(clock.instant()))
                .map(since -> "the kubelet restarted it at " + since
                        + ", and lets a container wait that ends again within " + FORGOTTEN.toMinutes() + " min");
    }

    /** Those that waited, or wait, at their first end in this experiment. */
    List<RestartDelay> delays() {
        return pods.list().stream().flatMap(pod -> delay(pod).stream()).toList();
    }

    private Optional<RestartDelay> delay(Pod pod) {
        var status = pods.broker(pod);
        var before = before(pod);
        if (status.isEmpty() || before.isEmpty()) {
            return Optional.empty();
        }
        var ends = restarts(status.get()) - before.get();
        var again = running(status.get());
        var ended = ended(status.get());
        if (ended.isEmpty()) {
            return Optional.empty();
        }
        // The kubelet counts a restart when the container starts again, not while it waits.
        var late = again.isPresent()
                ? ends == 1 && Duration.between(ended.get(), again.get()).compareTo(USUAL) >= 0
                : ends == 0 && waits(status.get());
        var name = pod.getMetadata().getName();
        var namespace = pod.getMetadata().getNamespace();
        return late
                ? Optional.of(new RestartDelay(
                        name,
                        RestartDelay.Kept.CONTAINER,
                        ended.get(),
                        again,
                        before.get() == 0
                                ? "the kubelet took that long, see kubectl -n " + namespace + " describe pod " + name
                                : "the kubelet lets a container wait (" + WAITS + ") that has ended before, within "
                                        + FORGOTTEN.toMinutes() + " min. To be rid of it: kubectl -n " + namespace
                                        + " delete pod " + name + ", or let that time pass"))
                : Optional.empty();
    }

    private synchronized Optional<Integer> before(Pod pod) {
        return Optional.ofNullable(restarts.get(pod.getMetadata().getUid()));
    }

    private static Optional<Instant> running(ContainerStatus status) {
        return Optional.ofNullable(status.getState())
                .map(ContainerState::getRunning)
                .map(ContainerStateRunning::getStartedAt)
                .flatMap(KubeletTime::of);
    }

    private static int restarts(ContainerStatus status) {
        return Optional.ofNullable(status.getRestartCount()).orElse(0);
    }

    private static boolean waits(ContainerStatus status) {
        return Optional.ofNullable(status.getState())
                .map(ContainerState::getWaiting)
                .filter(waiting -> WAITS.equals(waiting.getReason()))
                .isPresent();
    }

    private static Optional<Instant> ended(ContainerStatus status) {
        return Optional.ofNullable(status.getLastState())
                .map(ContainerState::getTerminated)
                .map(ContainerStateTerminated::getFinishedAt)
                .flatMap(KubeletTime::of);
    }
}
