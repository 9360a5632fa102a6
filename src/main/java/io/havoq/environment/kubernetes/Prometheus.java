package io.havoq.environment.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** A Prometheus, by its HTTP API (prometheus.io/docs/prometheus/latest/querying/api). */
record Prometheus(String url) {
    private static final Duration BOUND = Duration.ofSeconds(5);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int OK = 200;

    /** What a curve of an experiment needs at most; Prometheus itself refuses more than 11,000 points. */
    private static final long POINTS = 300;

    private static final Duration FINEST = Duration.ofSeconds(5);

    Prometheus {
        url = url.strip();
    }

    /** What an instant query is answered, now. */
    HttpPage query(String expression) throws IOException {
        return HttpPage.proxied(root() + "/api/v1/query?query=" + encoded(expression), BOUND);
    }

    static boolean succeeded(HttpPage page) {
        return page.status() == OK && page.text().contains("\"success\"");
    }

    /**
     * The values of these expressions over a time, as JSON. One that finds no series is told as absent, one that is refused with
     * the reason; neither keeps the others from being asked.
     *
     * @param expressions by name
     * @throws IOException if Prometheus cannot be reached
     */
    String over(Instant from, Instant until, Map<String, String> expressions) throws IOException {
        var seconds = Math.max(1, Duration.between(from, until).toSeconds());
        var step = Math.max(FINEST.toSeconds(), seconds / POINTS);
        var all = JSON.createObjectNode();
        all.put("from", from.toString()).put("until", until.toString()).put("stepSeconds", step);
        var queries = all.putObject("queries");
        for (var entry : expressions.entrySet()) {
            var one = queries.putObject(entry.getKey());
            one.put("expression", entry.getValue());
            var page = HttpPage.proxied(
                    root() + "/api/v1/query_range?query=" + encoded(entry.getValue()) + "&start=" + seconds(from)
                            + "&end=" + seconds(until) + "&step=" + step,
                    BOUND);
            var answer = parsed(page);
            var series = answer.path("data").path("result");
            if (page.status() != OK || !answer.path("status").asText().equals("success")) {
                one.put("problem", page.status() + " " + answer.path("error").asText("no result of a query"));
            } else if (series.isEmpty()) {
                one.put("absent", true);
            } else {
                one.set("series", series);
            }
        }
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n";
    }

    private String root() {
        return url.replaceAll("/+$", "");
    }

    private static JsonNode parsed(HttpPage page) {
        try {
            return JSON.readTree(page.text());
        } catch (IOException e) {
            return JSON.createObjectNode().put("error", "no JSON: " + e.getMessage());
        }
    }

    private static String seconds(Instant time) {
        return Double.toString(time.toEpochMilli() / 1000.0);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
