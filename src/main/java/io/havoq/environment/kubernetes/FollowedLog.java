package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One pod's whole log in a file, written while it is said: a pod that is killed takes its log with it. What its next container says, and the
 * next pod of its name, follows in the same file.
 */
final class FollowedLog implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(FollowedLog.class.getName());

    /** Until the next look for a container that can be followed. */
    private static final Duration PAUSE = Duration.ofMillis(500);

    /** A stream that nothing comes over may have ended without a word: it is opened anew, where the last line was. */
    private static final Duration OPEN = Duration.ofMinutes(1);

    private static final Duration THREAD_END = Duration.ofSeconds(15);
    private static final int OK = 200;

    private final KubernetesClient client;
    private final PodLogs logs;
    private final String pod;
    private final String container;
    private final Path file;
    private final long most;
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean ended;
    /** Of the pod that is followed; from here on guarded by this. */
    private String followed = "";

    private @Nullable Instant last;
    private long written;
    /** The beginning of a line, and of which stream: one that was given up may still have something to say. */
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private int stream;

    /** @param most bytes of the file, about */
    FollowedLog(KubernetesClient client, PodLogs logs, String pod, String container, Path file, long most) {
        this.client = client;
        this.logs = logs;
        this.pod = pod;
        this.container = container;
        this.file = file;
        this.most = most;
        thread = new Thread(this::follow, "havoq-log-" + pod);
        thread.setDaemon(true);
    }

    /** @throws IOException if the file cannot be made */
    void start() throws IOException {
        Files.createDirectories(Optional.ofNullable(file.getParent()).orElseThrow());
        Files.deleteIfExists(file);
        thread.start();
    }

    /** Empty as long as nothing was said. */
    Optional<Path> file() {
        return Files.exists(file) ? Optional.of(file) : Optional.empty();
    }

    private void follow() {
        try {
            while (!closed && !ended) {
                try {
                    var now = pod();
                    if (now.isPresent()) {
                        read(now.get());
                    }
                } catch (KubernetesClientException | ExecutionException e) {
                    LOG.log(
                            System.Logger.Level.DEBUG,
                            "the log of " + pod + " could not be followed, and will be again: " + e);
                }
                synchronized (this) {
                    if (!closed) {
                        TimeUnit.NANOSECONDS.timedWait(this, PAUSE.toNanos());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // only close() interrupts, and this is the thread's end
        }
    }

    /** Which pod has the name now. */
    private Optional<String> pod() {
        return Optional.ofNullable(client.pods()
                        .inNamespace(logs.namespace())
                        .withName(pod)
                        .get())
                .map(now -> now.getMetadata().getUid());
    }

    /**
     * What another pod says is all new, whatever the time on its machine. The next container of the same one has its clock, and may have begun
     * to talk before its restart is told.
     */
    private synchronized String open(String now) {
        if (!now.equals(followed)) {
            followed = now;
            last = null;
        }
        stream++;
        line.reset(); // the beginning of a line comes again with its end
        return logs.following(pod, container, Optional.ofNullable(last));
    }

    private synchronized int stream() {
        return stream;
    }

    private void read(String now) throws InterruptedException, ExecutionException {
        var http = client.getHttpClient();
        var request = http.newHttpRequestBuilder().uri(open(now)).forStreaming().build();
        var mine = stream();
        var opening = http.consumeBytes(request, (parts, body) -> take(mine, parts, body));
        AsyncBody body = null;
        try {
            var answer = opening.get(OPEN.toMillis(), TimeUnit.MILLISECONDS);
            body = answer.body();
            if (answer.code() == OK && pod().filter(now::equals).isPresent()) {
                body.consume();
                body.done().get(OPEN.toMillis(), TimeUnit.MILLISECONDS);
                // Else the pod was replaced meanwhile, and whose log this is nobody knows: it is asked for again.
            } else if (answer.code() == ApiProblem.FORBIDDEN) {
                end("this account may not read it (get pods/log)");
            }
        } catch (CancellationException e) {
            LOG.log(System.Logger.Level.DEBUG, "the log of " + pod + " was given up"); // by take()
        } catch (TimeoutException e) {
            LOG.log(System.Logger.Level.DEBUG, "the log of " + pod + " is opened anew, since a minute has passed");
        } finally {
            opening.cancel(true);
            if (body != null) {
                body.cancel();
            }
        }
    }

    private void end(String why) {
        ended = true;
        if (!closed) {
            LOG.log(System.Logger.Level.WARNING, "the log of " + pod + " is kept no longer: " + why);
        }
    }

    private synchronized void take(int from, List<ByteBuffer> parts, AsyncBody body) {
        for (var part : parts) {
            while (part.hasRemaining() && from == stream) {
                var next = part.get();
                line.write(next);
                if (next == '\n') {
                    keep(line.toString(StandardCharsets.UTF_8));
                    line.reset();
                } else if (line.size() >= most) {
                    end("a line of it does not end");
                    line.reset();
                }
            }
        }
        if (ended || closed || from != stream) {
            body.cancel();
        } else {
            body.consume();
        }
    }

    /** Once each, though the seconds around a new beginning are told twice. */
    private void keep(String said) {
        var at = time(said);
        if (ended || (at.isPresent() && last != null && !at.get().isAfter(last))) {
            return;
        }
        at.ifPresent(time -> last = time);
        write(said);
        if (written >= most) {
            write("-- the rest is not kept (" + KubernetesSettings.LOG_SIZE.key() + ")\n");
            end("it has become longer than " + KubernetesSettings.LOG_SIZE.key());
        }
    }

    private static Optional<Instant> time(String said) {
        var space = said.indexOf(' ');
        try {
            return space < 0
                    ? Optional.empty()
                    : Optional.of(OffsetDateTime.parse(said.substring(0, space)).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private void write(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            written += bytes.length;
        } catch (IOException e) {
            end("it cannot be written to " + file + ": " + e);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        thread.interrupt();
        var interrupted = Thread.interrupted();
        try {
            thread.join(THREAD_END.toMillis());
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
