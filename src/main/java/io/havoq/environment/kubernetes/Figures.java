package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.List;

/** The brokers' figures: as each pod tells them at the moment, and as a Prometheus has gathered them. */
record Figures(Settings settings, String namespace, BrokerPods pods, PodPages pages) {

    /**
     * A pod's own page; empty where it has no port for it.
     *
     * @throws IOException saying why it cannot be had
     */
    String page(Pod pod) throws IOException {
        var path = settings.get(KubernetesSettings.METRICS_PATH).strip();
        var port = pods.port(pod, KubernetesSettings.METRICS_PORT);
        if (path.isEmpty() || port.isEmpty()) {
            return "";
        }
        var page = pages.get(pod, port.getAsInt(), path);
        if (page.status() != HttpURLConnection.HTTP_OK) {
            throw new IOException("port " + port.getAsInt() + ", " + path + " answers " + page.status());
        }
        return page.text();
    }

    /**
     * What Prometheus has of a time, as JSON; empty where none is named.
     *
     * @throws IOException if it cannot be reached
     */
    String over(Instant from, Instant until, List<String> names) throws IOException {
        var prometheus = Prometheus.of(settings);
        if (prometheus.url().isEmpty()) {
            return "";
        }
        var job = settings.get(KubernetesSettings.PROMETHEUS_JOB);
        return prometheus.over(from, until, BrokerQueries.of(job, prometheus.window(job), namespace, names));
    }
}
