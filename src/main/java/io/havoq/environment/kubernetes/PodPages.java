package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.havoq.time.RunClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Pages that the brokers' pods serve over HTTP: asked at the pods' own addresses where clients use those, else through the API server
 * ({@code pods/proxy}), which reaches them from anywhere. Thread-safe.
 *
 * @param direct whether this process reaches the pods' addresses
 */
record PodPages(KubernetesClient client, boolean direct) {
    /** A node that takes longer to say who it is is as good as silent. */
    private static final Duration BOUND = Duration.ofSeconds(2);

    /** @throws IOException saying why there is no answer */
    HttpPage get(Pod pod, int port, String path) throws IOException {
        var absolute = path.startsWith("/") ? path : "/" + path;
        if (!direct) {
            return byProxy(pod, port, absolute);
        }
        var address = Optional.ofNullable(pod.getStatus())
                .map(PodStatus::getPodIP)
                .orElseThrow(() -> new IOException("the pod has no address"));
        return HttpPage.direct(
                "http://" + (address.contains(":") ? "[" + address + "]" : address) + ":" + port + absolute, BOUND);
    }

    private HttpPage byProxy(Pod pod, int port, String path) throws IOException {
        var http = client.getHttpClient();
        var metadata = pod.getMetadata();
        var request = http.newHttpRequestBuilder()
                .uri(client.getMasterUrl().toString().replaceAll("/+$", "") + "/api/v1/namespaces/"
                        + metadata.getNamespace() + "/pods/" + metadata.getName() + ":" + port + "/proxy" + path)
                .timeout(BOUND.toMillis(), TimeUnit.MILLISECONDS)
                .build();
        var until = RunClock.now() + BOUND.toNanos();
        var page = new Page();
        var opening = http.consumeBytes(request, page);
        AsyncBody body = null;
        try {
            var answer = opening.get(BOUND.toNanos(), TimeUnit.NANOSECONDS);
            body = answer.body();
            var unused = body.done().whenComplete(page::ended);
            body.consume();
            return new HttpPage(
                    answer.code(), page.text.get(Math.max(0, until - RunClock.now()), TimeUnit.NANOSECONDS));
        } catch (ExecutionException e) {
            throw new IOException("the API server could not be asked for it: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer through the API server within " + BOUND.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking the API server for it", e);
        } finally {
            opening.cancel(true);
            if (body != null) {
                body.cancel();
            }
        }
    }

    /** Gathers one page, as much of it as is read of any. */
    private static final class Page implements AsyncBody.Consumer<List<ByteBuffer>> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<String> text = new CompletableFuture<>();

        @Override
        public synchronized void consume(List<ByteBuffer> parts, AsyncBody body) {
            for (var part : parts) {
                var taken = new byte[Math.min(part.remaining(), HttpPage.MOST_BYTES - bytes.size())];
                part.get(taken);
                bytes.writeBytes(taken);
            }
            if (bytes.size() < HttpPage.MOST_BYTES) {
                body.consume();
            } else {
                ended(null, null);
            }
        }

        private synchronized void ended(@Nullable Void nothing, @Nullable Throwable failure) {
            if (failure == null) {
                text.complete(bytes.toString(StandardCharsets.UTF_8));
            } else {
                text.completeExceptionally(failure);
            }
        }
    }
}
