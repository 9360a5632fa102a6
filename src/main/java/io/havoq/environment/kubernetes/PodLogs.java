package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The logs of containers, and of the containers that they replaced. */
record PodLogs(KubernetesClient client, String namespace) {
    /** A log may be endless; what fits into a report is enough. */
    private static final int MOST_BYTES = 16 * 1024 * 1024;

    private static final int BAD_REQUEST = 400;

    /** The last lines, oldest first: where the container has said less since it was restarted, of the one before it too. */
    List<String> tail(String pod, String container, int lines) {
        var tail = new ArrayList<>(lines(read(pod, container, false, "&tailLines=" + lines)));
        if (tail.size() < lines) {
            tail.addAll(0, lines(read(pod, container, true, "&tailLines=" + (lines - tail.size()))));
        }
        return List.copyOf(tail);
    }

    /** What was said in the last seconds; empty where there is no such container. */
    Optional<String> since(String pod, String container, boolean previous, long seconds) {
        return read(
                pod,
                container,
                previous,
                "&timestamps=true&sinceSeconds=" + Math.max(1, seconds) + "&limitBytes=" + MOST_BYTES);
    }

    /** Where the log is said while it is written, with time stamps; all that there is, or all since a second. */
    String following(String pod, String container, Optional<Instant> since) {
        return client.getMasterUrl().toString().replaceAll("/+$", "")
                + path(
                        pod,
                        container,
                        false,
                        "&follow=true&timestamps=true"
                                + since.map(second -> "&sinceTime=" + second.truncatedTo(ChronoUnit.SECONDS))
                                        .orElse(""));
    }

    private static List<String> lines(Optional<String> log) {
        return log.stream().flatMap(String::lines).toList();
    }

    /** Not by the client's own call for it, which waits for the pod to be ready: those that are not are asked for. */
    private Optional<String> read(String pod, String container, boolean previous, String how) {
        try {
            return Optional.ofNullable(client.raw(path(pod, container, previous, how)));
        } catch (KubernetesClientException e) {
            // No such pod; or none of its containers has run, or none before this one.
            if (e.getCode() == ApiProblem.NOT_FOUND || e.getCode() == BAD_REQUEST) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private String path(String pod, String container, boolean previous, String how) {
        return "/api/v1/namespaces/" + namespace + "/pods/" + pod + "/log?container="
                + URLEncoder.encode(container, StandardCharsets.UTF_8) + "&previous=" + previous + how;
    }
}
