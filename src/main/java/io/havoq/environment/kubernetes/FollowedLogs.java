package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.havoq.environment.EnvironmentException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The brokers' whole logs as files, from the start of the run to its end. Thread-safe. */
final class FollowedLogs implements AutoCloseable {
    private final KubernetesClient client;
    private final PodLogs logs;
    private final Path directory;
    private final int mebibytes;
    private final Map<String, FollowedLog> followed = new TreeMap<>();

    /** @param mebibytes of each pod; 0: nothing is followed */
    FollowedLogs(KubernetesClient client, PodLogs logs, Path directory, int mebibytes) {
        this.client = client;
        this.logs = logs;
        this.directory = directory;
        this.mebibytes = mebibytes;
    }

    /**
     * Once for a pod of a name, whatever becomes of it.
     *
     * @throws EnvironmentException if its file cannot be made
     */
    synchronized void follow(String pod, String container) {
        if (mebibytes == 0 || followed.containsKey(pod)) {
            return;
        }
        var file = directory.resolve(pod + ".log");
        var log = new FollowedLog(client, logs, pod, container, file, (long) mebibytes << 20);
        followed.put(pod, log);
        try {
            log.start();
        } catch (IOException e) {
            throw new EnvironmentException("the log of " + pod + " cannot be kept in " + file + ": " + e, e);
        }
    }

    /** Empty where nothing was said so far, or nothing is followed. */
    synchronized Optional<Path> file(String pod) {
        return Optional.ofNullable(followed.get(pod)).flatMap(FollowedLog::file);
    }

    @Override
    public synchronized void close() {
        followed.values().forEach(FollowedLog::close);
    }
}
