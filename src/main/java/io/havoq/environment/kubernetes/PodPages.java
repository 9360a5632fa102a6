package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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
        try {
            var answer = http.sendAsync(request, String.class).get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
            return new HttpPage(
                    answer.code(), Optional.ofNullable(answer.body()).orElse(""));
        } catch (ExecutionException e) {
            throw new IOException("the API server could not be asked for it: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer through the API server within " + BOUND.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking the API server for it", e);
        }
    }
}
