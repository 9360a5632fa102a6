package io.havoq.environment.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.havoq.settings.Settings;
import io.havoq.time.GoDuration;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/**
 * A Prometheus, by its HTTP API (prometheus.io/docs/prometheus/latest/querying/api), or what answers as one.
 *
 * @param authorization sent with every question, and to nobody else
 */
record Prometheus(String url, Authorization authorization) {
    private static final Duration BOUND = Duration.ofSeconds(5);
    /** Times stay as they were written: 1795465026.491, not 1.795465026491E9. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** What a curve of an experiment needs at most; Prometheus itself refuses more than 11,000 points. */
    private static final long POINTS = 300;

    private static final Duration FINEST = Duration.ofSeconds(5);

    /** The test plan's, and the least: a rate over less than the time of some scrapes finds no two samples, and is absent. */
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private static final Set<String> SCHEMES = Set.of("http", "https");
    private static final int SCRAPES = 4;
    private static final int MOST_TOLD = 120;

    Prometheus {
        url = url.strip();
    }

    /** The one that the settings name; its address is empty if they name none. */
    static Prometheus of(Settings settings) {
        return new Prometheus(settings.get(KubernetesSettings.PROMETHEUS), Authorization.of(settings));
    }

    /**
     * How many targets are up of each job, by the job's name.
     *
     * @throws IOException saying why that cannot be had
     */
    Map<String, Long> up() throws IOException {
        var jobs = new TreeMap<String, Long>();
        for (var one : api("query?query=" + encoded("sum by (job) (up)")).path("result")) {
            jobs.put(
                    one.path("metric").path("job").asText(),
                    one.path("value").path(1).asLong());
        }
        return jobs;
    }

    /**
     * Over how much time rates of a job's counters are to be taken: a minute, or four times its longest scrape interval.
     *
     * @return a minute where the intervals are not told: what only stores others' metrics has no targets
     */
    Duration window(String job) {
        try {
            var targets = api("targets?state=active").path("activeTargets");
            return StreamSupport.stream(targets.spliterator(), false)
                    .filter(target -> target.path("labels").path("job").asText().equals(job))
                    .map(target ->
                            GoDuration.parse(target.path("scrapeInterval").asText()))
                    .map(interval -> interval.multipliedBy(SCRAPES))
                    .reduce(WINDOW, (one, other) -> one.compareTo(other) < 0 ? other : one);
        } catch (IOException | IllegalArgumentException e) {
            return WINDOW;
        }
    }

    /**
     * The values of these expressions over a time, as JSON. One that finds no series is told as absent, one that is refused with
     * the reason; neither keeps the others from being asked.
     *
     * @param expressions by name
     * @throws IOException if Prometheus cannot be reached, or what is there is none
     */
    String over(Instant from, Instant until, Map<String, String> expressions) throws IOException {
        var seconds = Math.max(1, Duration.between(from, until).toSeconds());
        // Both ends are points.
        var step = Math.max(FINEST.toSeconds(), (seconds + POINTS - 2) / (POINTS - 1));
        var all = JSON.createObjectNode();
        all.put("from", from.toString()).put("until", until.toString()).put("stepSeconds", step);
        var queries = all.putObject("queries");
        for (var entry : expressions.entrySet()) {
            var one = JSON.createObjectNode().put("expression", entry.getValue());
            try {
                var series = api("query_range?query=" + encoded(entry.getValue()) + "&start=" + seconds(from) + "&end="
                                + seconds(until) + "&step=" + step)
                        .path("result");
                if (series.isEmpty()) {
                    one.put("absent", true);
                } else {
                    one.set("series", series);
                }
            } catch (Refusal e) {
                one.put("problem", e.reason);
            } catch (IOException e) {
                if (queries.isEmpty()) {
                    throw e;
                }
                // It answered before: what there is stands, and nobody waits for it again and again.
                all.put(
                        "incomplete",
                        queries.size() + " of " + expressions.size() + " were answered; then " + e.getMessage());
                break;
            }
            queries.set(entry.getKey(), one);
        }
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n";
    }

    /** The part {@code data} of an answer. */
    private JsonNode api(String request) throws IOException {
        var root = root();
        HttpPage page;
        try {
            page = HttpPage.proxied(root + "/api/v1/" + request, BOUND, authorization);
        } catch (IOException e) {
            throw new IOException(url + " cannot be asked: " + e, e);
        }
        var answer = parsed(page);
        var status = answer.path("status").asText();
        if (page.status() == HttpURLConnection.HTTP_OK && status.equals("success")) {
            return answer.path("data");
        }
        if (status.equals("error")) {
            throw new Refusal(page.status() + " " + answer.path("error").asText());
        }
        throw new IOException(url + " answered " + page.status() + told(page) + ", which is no answer of Prometheus: "
                + switch (page.status()) {
                    case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
                        authorization.header().isEmpty()
                                ? "it wants credentials: set " + KubernetesSettings.PROMETHEUS_TOKEN.key() + " or "
                                        + KubernetesSettings.PROMETHEUS_USERNAME.key()
                                : "it does not accept " + authorization;
                    default ->
                        "is it its root address, with the path if it has one, and http or https as it should be?";
                });
    }

    /** @throws IOException if it is no address that can be asked; a password in it is told to nobody */
    private String root() throws IOException {
        try {
            var uri = new URI(url);
            if (uri.getRawUserInfo() != null) {
                throw new IOException("there is a user in the address: expected it in "
                        + KubernetesSettings.PROMETHEUS_USERNAME.key());
            }
            if (!SCHEMES.contains(String.valueOf(uri.getScheme())) || uri.getHost() == null) {
                throw new IOException("'" + url + "' is no address like http://prometheus:9090");
            }
        } catch (URISyntaxException e) {
            throw new IOException("that is no address like http://prometheus:9090: " + e.getReason(), e);
        }
        return url.replaceAll("/+$", "");
    }

    private static JsonNode parsed(HttpPage page) {
        try {
            return JSON.readTree(page.text());
        } catch (JsonProcessingException e) {
            // A page of something else, told as such.
            return JSON.missingNode();
        }
    }

    /** The first words of a page that is for people. */
    private static String told(HttpPage page) {
        var text =
                page.text().replaceAll("<[^>]*>", " ").replaceAll("\\s+", " ").strip();
        return text.isEmpty() ? "" : " '" + text.substring(0, Math.min(MOST_TOLD, text.length())) + "'";
    }

    private static String seconds(Instant time) {
        return Double.toString(time.toEpochMilli() / 1000.0);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Prometheus answered, and would not do what it was asked. */
    private static final class Refusal extends IOException {
        private static final long serialVersionUID = 1L;

        private final String reason;

        Refusal(String reason) {
            super("Prometheus: " + reason);
            this.reason = reason;
        }
    }
}
