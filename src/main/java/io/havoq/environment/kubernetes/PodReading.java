package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads from a pod's status who keeps the pod down. Excused is only what happens before a process of the broker can run, and of that
 * only what no broker can have brought about:
 *
 * <ul>
 *   <li>no node: condition PodScheduled is False (Kubernetes, Pod Lifecycle, "Pod conditions"), reasons Unschedulable, SchedulerError,
 *       SchedulingGated ({@code k8s.io/api/core/v1/types.go});
 *   <li>no image: {@code pkg/kubelet/images/types.go}, and {@code k8s.io/cri-api/pkg/errors};
 *   <li>no container: CreateContainerConfigError, PreCreateHookError, CreateContainerError, PreStartHookError, in this order before the
 *       container is started ({@code startContainer} of {@code pkg/kubelet/kuberuntime/kuberuntime_container.go});
 *   <li>no volume or no sandbox: nothing but ContainerCreating or PodInitializing for long, since the kubelet remembers only the errors of
 *       starting a container ({@code pkg/kubelet/reason_cache.go}); the rest is in its events;
 *   <li>no node any more: Ready is False though ContainersReady is True. The kubelet says both at once ({@code
 *       pkg/kubelet/status/generate.go}); the node lifecycle controller takes away Ready alone ({@code
 *       pkg/controller/util/node/controller_utils.go}, MarkPodsNotReady).
 * </ul>
 *
 * Not excused: CrashLoopBackOff ({@link KubeletBackOff} tells the first from the others); RunContainerError, since the start may fail of what
 * the broker left in its volumes or in the memory that its pod may use, and counts as an end of the container; PostStartHookError, since the
 * broker's own process ran; and every reason that is not listed.
 */
final class PodReading {
    /** Reasons, with what they mean. */
    private static final Map<String, String> CLUSTERS = Stream.of(
                    Map.entry(
                            "its image cannot be had",
                            List.of(
                                    "ErrImagePull",
                                    "ImagePullBackOff",
                                    "ErrImageNeverPull",
                                    "ImageInspectError",
                                    "InvalidImageName",
                                    "RegistryUnavailable",
                                    "SignatureValidationFailed")),
                    Map.entry("its container cannot be set up", List.of("CreateContainerConfigError")),
                    Map.entry("the runtime cannot create its container", List.of("CreateContainerError")),
                    Map.entry(
                            "the kubelet cannot give its container what it needs",
                            List.of("PreCreateHookError", "PreStartHookError")))
            .flatMap(meaning -> meaning.getValue().stream().map(reason -> Map.entry(reason, meaning.getKey())))
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    /** What the kubelet says of a container of which it knows nothing yet. */
    private static final Set<String> STARTING = Set.of("ContainerCreating", "PodInitializing");

    /** What a broker can bring about from within: a full disk, files where a mount is to be, memory that is used up. */
    private static final Pattern BROKERS = Pattern.compile(
            "(?i)no space left|disk quota|(disk|memory|pid)-pressure|subpath|cannot allocate memory|out of memory"
                    + "|\\boom|resource temporarily unavailable");

    /** How much of a message is repeated. */
    private static final int LENGTH = 300;

    private PodReading() {}

    /** Of a pod as it is now. */
    static PodHold of(Pod pod) {
        var conditions = Optional.ofNullable(pod.getStatus())
                .map(PodStatus::getConditions)
                .orElse(List.of());
        var cutOff = cutOff(pod, conditions);
        if (cutOff.isPresent()) {
            return cutOff.get();
        }
        if (pod.getMetadata().getDeletionTimestamp() != null || over(pod)) {
            return new PodHold.Nothing();
        }
        var created = KubeletTime.of(pod.getMetadata().getCreationTimestamp()).orElse(Instant.MIN);
        var scheduled = condition(conditions, "PodScheduled");
        if (scheduled.filter(PodReading::isFalse).isPresent()) {
            return byCluster(
                    String.valueOf(scheduled.get().getReason()),
                    "no node takes it",
                    scheduled.get().getMessage(),
                    later(created, since(scheduled.get())));
        }
        var prepared = prepared(pod);
        var all = Stream.concat(prepared.stream(), statuses(pod, PodStatus::getContainerStatuses).stream())
                .toList();
        if (all.stream().anyMatch(PodReading::byItself)
                || prepared.stream().anyMatch(one -> prepares(pod, one))
                || failing(statuses(pod, PodStatus::getContainerStatuses))) {
            return new PodHold.ByItself(false);
        }
        var base = prepared.stream()
                .flatMap(one -> ended(Optional.ofNullable(one.getState())).stream())
                .reduce(created, PodReading::later);
        for (var status : all) {
            var waiting = waiting(status).filter(one -> CLUSTERS.containsKey(one.getReason()));
            if (waiting.isPresent()) {
                var reason = waiting.get().getReason();
                return byCluster(
                        reason,
                        CLUSTERS.getOrDefault(reason, reason),
                        waiting.get().getMessage(),
                        later(
                                base,
                                ended(Optional.ofNullable(status.getLastState()))
                                        .orElse(base)));
            }
        }
        return starting(pod, all, later(base, scheduled.map(PodReading::since).orElse(base)), conditions);
    }

    private static PodHold starting(Pod pod, List<ContainerStatus> all, Instant base, List<PodCondition> conditions) {
        if (all.isEmpty()) {
            return pod.getSpec().getNodeName() == null
                    ? new PodHold.Starting("no scheduler has looked at it", base)
                    : new PodHold.Starting("no kubelet has looked at it", base);
        }
        var bare = condition(conditions, "PodReadyToStartContainers")
                .filter(PodReading::isFalse)
                .isPresent();
        return all.stream()
                .filter(one -> waiting(one).isPresent())
                .findFirst()
                .<PodHold>map(one -> new PodHold.Starting(
                        bare ? "its volumes or its sandbox are not there" : "its container is not created",
                        later(
                                base,
                                ended(Optional.ofNullable(one.getLastState())).orElse(base))))
                .orElseGet(PodHold.Nothing::new);
    }

    private static Optional<PodHold> cutOff(Pod pod, List<PodCondition> conditions) {
        var gates = Optional.ofNullable(pod.getSpec().getReadinessGates()).orElse(List.of());
        return condition(conditions, "Ready")
                .filter(PodReading::isFalse)
                .filter(ready -> gates.isEmpty())
                .filter(ready -> condition(conditions, "ContainersReady")
                        .filter(one -> "True".equals(one.getStatus()))
                        .isPresent())
                .map(ready -> new PodHold.CutOff(
                        "its node " + pod.getSpec().getNodeName()
                                + " is not ready any more (Ready was taken from the pod, ContainersReady was not)",
                        since(ready)));
    }

    private static PodHold byCluster(String reason, String meaning, String message, Instant since) {
        var said = Optional.ofNullable(message).orElse("").strip();
        return brokers(said)
                ? new PodHold.ByItself(true)
                : new PodHold.ByCluster(
                        reason, meaning + " (" + reason + (said.isEmpty() ? "" : ": " + cut(said)) + ")", since);
    }

    /** Whether a message tells of something that the broker may have brought about. */
    static boolean brokers(String message) {
        return BROKERS.matcher(message).find();
    }

    static String cut(String message) {
        return message.length() <= LENGTH ? message : message.substring(0, LENGTH) + "...";
    }

    /** A container that failed before, or is said to wait for something that is not known to be the cluster's. */
    private static boolean byItself(ContainerStatus status) {
        return waiting(status)
                .filter(waiting ->
                        !CLUSTERS.containsKey(waiting.getReason()) && !STARTING.contains(waiting.getReason()))
                .isPresent();
    }

    /** Whether one has been started and is not ready, while another still waits for its start: nobody keeps that one down. */
    private static boolean failing(List<ContainerStatus> statuses) {
        return statuses.stream().anyMatch(one -> waiting(one).isPresent())
                && statuses.stream()
                        .anyMatch(one -> waiting(one).isEmpty()
                                && one.getState() != null
                                && (one.getState().getRunning() != null
                                        || one.getState().getTerminated() != null)
                                && !Boolean.TRUE.equals(one.getReady()));
    }

    /** Whether it is not started any more: evicted, refused by its kubelet, or done; a broker that has filled a disk brings that about. */
    private static boolean over(Pod pod) {
        return Optional.ofNullable(pod.getStatus())
                .map(PodStatus::getPhase)
                .filter(phase -> phase.equals("Failed") || phase.equals("Succeeded"))
                .isPresent();
    }

    /** Whether a container that comes before the broker's is at work, or has failed: it is a part of the broker. */
    private static boolean prepares(Pod pod, ContainerStatus status) {
        if (status.getState() == null) {
            return false;
        }
        var running = status.getState().getRunning() != null;
        return sidecar(pod, status.getName())
                ? running && !Boolean.TRUE.equals(status.getStarted())
                : running
                        || failed(status.getState())
                        || (status.getLastState() != null && failed(status.getLastState()));
    }

    private static boolean failed(ContainerState state) {
        return Optional.ofNullable(state.getTerminated())
                .map(ContainerStateTerminated::getExitCode)
                .filter(code -> code != 0)
                .isPresent();
    }

    private static boolean sidecar(Pod pod, String name) {
        return Optional.ofNullable(pod.getSpec().getInitContainers()).orElse(List.of()).stream()
                .anyMatch(one -> one.getName().equals(name) && "Always".equals(one.getRestartPolicy()));
    }

    private static List<ContainerStatus> prepared(Pod pod) {
        return statuses(pod, PodStatus::getInitContainerStatuses);
    }

    private static List<ContainerStatus> statuses(Pod pod, Function<PodStatus, List<ContainerStatus>> which) {
        return Optional.ofNullable(pod.getStatus()).map(which).orElse(List.of());
    }

    /** What a container waits for, whoever's doing that is: of several the one that says more than that it is being started. */
    static Optional<String> waits(Pod pod) {
        return Stream.concat(prepared(pod).stream(), statuses(pod, PodStatus::getContainerStatuses).stream())
                .flatMap(status -> waiting(status).stream())
                .min(Comparator.comparing(waiting -> STARTING.contains(waiting.getReason())))
                .map(waiting -> "its container waits (" + waiting.getReason()
                        + (waiting.getMessage() == null ? ")" : ": " + cut(waiting.getMessage()) + ")"));
    }

    private static Optional<ContainerStateWaiting> waiting(ContainerStatus status) {
        return Optional.ofNullable(status.getState()).map(ContainerState::getWaiting);
    }

    private static Optional<Instant> ended(Optional<ContainerState> state) {
        return state.map(ContainerState::getTerminated)
                .map(ContainerStateTerminated::getFinishedAt)
                .flatMap(KubeletTime::of);
    }

    private static Optional<PodCondition> condition(List<PodCondition> conditions, String type) {
        return conditions.stream().filter(one -> type.equals(one.getType())).findFirst();
    }

    private static boolean isFalse(PodCondition condition) {
        return "False".equals(condition.getStatus());
    }

    private static Instant since(PodCondition condition) {
        return KubeletTime.of(condition.getLastTransitionTime()).orElse(Instant.MIN);
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
