package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.havoq.environment.EnvironmentException;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Waits for the brokers' pods, and tells what those wait for that are not ready. */
final class AwaitedPods {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int LOG_LINES = 20;

    private final BrokerPods pods;
    private final PodLogs logs;
    private final PodWarnings warnings;
    private final Consumer<String> progress;

    AwaitedPods(BrokerPods pods, PodLogs logs, PodWarnings warnings, Consumer<String> progress) {
        this.pods = pods;
        this.logs = logs;
        this.warnings = warnings;
        this.progress = progress;
    }

    /** None at all are ready too: the preflight tells that, with what to do. */
    void awaitReady(Duration bound) {
        var deadline = RunClock.now() + bound.toNanos();
        var told = "";
        while (true) {
            var unready =
                    pods.list().stream().filter(pod -> !BrokerPods.ready(pod)).toList();
            if (unready.isEmpty()) {
                return;
            }
            if (RunClock.now() >= deadline) {
                throw new EnvironmentException(late(unready, bound));
            }
            var waiting = named(unready, AwaitedPods::state);
            if (!waiting.equals(told)) {
                told = waiting;
                progress.accept("waiting for pods to become ready: " + waiting);
            }
            LockSupport.parkNanos(POLL.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                throw new EnvironmentException("interrupted while waiting for pods to become ready: " + waiting);
            }
        }
    }

    private String late(List<Pod> unready, Duration bound) {
        var first = unready.get(0);
        var name = first.getMetadata().getName();
        var log = logs.tail(name, pods.container(first), LOG_LINES);
        return "not ready within " + GoDuration.format(bound) + " (" + KubernetesSettings.START_TIMEOUT.key() + "): "
                + named(unready, this::stateAndWarning) + ". See kubectl -n "
                + first.getMetadata().getNamespace() + " describe pod " + name + "; "
                + (log.isEmpty() ? "its broker has written no log" : "the end of its log:\n" + String.join("\n", log));
    }

    private static String named(List<Pod> unready, Function<Pod, String> state) {
        return unready.stream()
                .map(pod -> pod.getMetadata().getName() + ": " + state.apply(pod))
                .collect(Collectors.joining("; "));
    }

    private static String state(Pod pod) {
        var hold = PodReading.of(pod);
        if (hold instanceof PodHold.ByCluster cluster) {
            return cluster.text();
        } else if (hold instanceof PodHold.CutOff cut) {
            return cut.text();
        } else if (hold instanceof PodHold.Starting starting) {
            return starting.stage();
        }
        return pod.getMetadata().getDeletionTimestamp() == null
                ? PodReading.waits(pod).orElse("its containers run, and it is not ready")
                : "it is being deleted";
    }

    /** What keeps a pod from being started stands in its events alone. */
    private String stateAndWarning(Pod pod) {
        var warning = PodReading.of(pod) instanceof PodHold.Starting ? warnings.latest(pod) : Optional.<String>empty();
        return state(pod)
                + warning.map(said -> " (" + PodReading.cut(said) + ")").orElse("");
    }
}
