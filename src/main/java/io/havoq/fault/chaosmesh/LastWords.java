package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.PodView.ContainerView;
import io.havoq.fault.chaosmesh.PodView.Ended;
import io.havoq.time.RunClock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a container that ended itself since said last: whether an operation failed with the error that a fault gives. That it ended alone
 * says nothing of why. To be used by one thread at a time.
 */
final class LastWords {
    /** As glibc and musl ({@code strerror}), the JVM and Go say it. */
    private static final Map<Integer, List<String>> ERRORS = Map.of(
            5, List.of("input/output error", "i/o error"),
            28, List.of("no space left on device"),
            30, List.of("read-only file system"),
            122, List.of("disk quota exceeded", "quota exceeded"));

    private static final int NO_ENTRY = 2;
    private static final String NOT_THERE = "no such file";

    /** {@code abort(3)}, which is a process' own doing, too; what other signals end is ended by somebody else. */
    private static final int ABORTED = 134;

    private final ClusterApi api;
    private final String container;
    private int restarts;
    private long since;

    LastWords(ClusterApi api, String container) {
        this.api = api;
        this.container = container;
    }

    /** Whether a message may tell of this error. Of an error whose words are not known, all may but that something is not there. */
    static boolean mayName(int errno, String message) {
        var said = message.toLowerCase(Locale.ROOT);
        return ERRORS.containsKey(errno)
                ? ERRORS.get(errno).stream().anyMatch(said::contains)
                : errno == NO_ENTRY || !said.contains(NOT_THERE);
    }

    /** Whether a file is told not to be there. */
    static boolean isNotThere(String message) {
        return message.toLowerCase(Locale.ROOT).contains(NOT_THERE);
    }

    void before(PodView pod) {
        restarts = restarts(pod);
        since = RunClock.now();
    }

    /** How the container ended, if it ended itself since and named the error shortly before. */
    Optional<String> tell(PodView pod, int errno) {
        var end = ended(pod);
        if (end.isEmpty()) {
            return Optional.empty();
        }
        var told = said(pod)
                .flatMap(log -> log.lines()
                        .filter(line -> ERRORS.getOrDefault(errno, List.of()).stream()
                                .anyMatch(line.toLowerCase(Locale.ROOT)::contains))
                        .reduce((first, last) -> last));
        return told.map(line -> "container " + container + " ended itself, " + end.get() + ", " + restarts(pod)
                + " restarts, before " + restarts + "; it said: " + line.strip());
    }

    /** That a container ended itself and nothing is known of why. */
    Optional<String> untold(PodView pod) {
        return ended(pod)
                .map(end -> "container " + container + " ended itself, " + end
                        + ", but its log does not name the error, so that it may have ended for something else");
    }

    private Optional<Ended> ended(PodView pod) {
        return pod.container(container)
                .filter(now -> now.restarts() > restarts)
                .flatMap(ContainerView::ended)
                .filter(end -> (end.exitCode() > 0 && end.exitCode() < 128) || end.exitCode() == ABORTED);
    }

    private int restarts(PodView pod) {
        return pod.container(container).map(ContainerView::restarts).orElse(0);
    }

    private Optional<String> said(PodView pod) {
        // Counted by the API server's own clock; a second more for its rounding.
        var seconds = RunClock.between(since, RunClock.now()).toSeconds() + 1;
        return api.text(new Request(
                "get",
                "pods/log",
                pod.namespace(),
                "/api/v1/namespaces/" + pod.namespace() + "/pods/" + pod.name() + "/log?previous=true&tailLines=500"
                        + "&sinceSeconds=" + seconds + "&container=" + container,
                Optional.empty(),
                "read what container " + container + " of " + pod.fullName() + " said"));
    }
}
