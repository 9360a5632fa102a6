package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.mockwebserver.http.MockResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a Prometheus 2.42.0 was seen to answer, and what stands in front of one. */
class PrometheusTest {
    /** To {@code sum by (job) (up)}. */
    static final String UP = "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["
            + "{\"metric\":{\"job\":\"emqx-go\"},\"value\":[1795467170.248,\"3\"]},"
            + "{\"metric\":{\"job\":\"slow\"},\"value\":[1795467170.248,\"1\"]}]}}";

    private static final String TARGETS = "{\"status\":\"success\",\"data\":{\"activeTargets\":["
            + "{\"labels\":{\"instance\":\"127.0.0.1:17500\",\"job\":\"emqx-go\"},\"scrapeInterval\":\"5s\"},"
            + "{\"labels\":{\"instance\":\"127.0.0.1:17501\",\"job\":\"slow\"},\"scrapeInterval\":\"15s\"},"
            + "{\"labels\":{\"instance\":\"127.0.0.1:17500\",\"job\":\"slow\"},\"scrapeInterval\":\"1m\"}],"
            + "\"droppedTargets\":[]}}";
    private static final String REFUSED =
            "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"invalid parameter"
                    + " \\\"query\\\": 1:15: parse error: unexpected identifier\"}";
    private static final String SERIES = "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["
            + "{\"metric\":{},\"values\":[[1795465026.491,\"1\"]]}]}}";
    private static final Instant FROM = Instant.parse("2026-11-23T20:00:00Z");

    private final MockCluster cluster = new MockCluster();
    private final Prometheus prometheus = new Prometheus(cluster.url(), Authorization.NONE);

    @AfterEach
    void close() {
        cluster.close();
    }

    private JsonNode over(Duration time, String... names) throws IOException {
        var expressions = new LinkedHashMap<String, String>();
        for (var name : names) {
            expressions.put(name, name);
        }
        return new ObjectMapper().readTree(prometheus.over(FROM, FROM.plus(time), expressions));
    }

    @Test
    void aRateIsOverAMinuteOrFourOfTheLongestScrapeIntervals() {
        cluster.answer("GET /api/v1/targets?state=active", 200, TARGETS);
        assertThat(prometheus.window("emqx-go")).isEqualTo(Duration.ofMinutes(1));
        assertThat(prometheus.window("slow")).isEqualTo(Duration.ofMinutes(4));
        assertThat(prometheus.window("unknown")).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void whereTheTargetsAreNotToldARateIsOverAMinute() {
        cluster.answer("GET /api/v1/targets", 404, "404 page not found\n");
        assertThat(prometheus.window("slow")).isEqualTo(Duration.ofMinutes(1));
        cluster.answer("GET /api/v1/targets", 200, TARGETS.replace("1m", "1 minute"));
        assertThat(prometheus.window("slow")).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void everyRateHasTheWindowAndEveryBrokersMetricTheJobWithItsQuotesEscaped() {
        var queries = BrokerQueries.of("a\"b\\", Duration.ofMinutes(4), "mqtt", List.of("emqx-go-0"));
        assertThat(queries).hasSize(27);
        assertThat(queries.values())
                .filteredOn(query -> query.contains("rate("))
                .hasSizeGreaterThan(15)
                .allSatisfy(query -> assertThat(query).contains("[240s]").doesNotContain("[1m]"));
        assertThat(queries.get("availability"))
                .isEqualTo("sum(up{job=\"a\\\"b\\\\\"}) / count(up{job=\"a\\\"b\\\\\"})");
    }

    @Test
    void aCurveHasNoMorePointsThanItMay() throws IOException {
        cluster.answer("GET /api/v1/query_range", 200, SERIES);
        for (var seconds : List.of(1, 1495, 1496, 3599, 7200)) {
            var step =
                    over(Duration.ofSeconds(seconds), "up").path("stepSeconds").asLong();
            assertThat(seconds / step + 1).as("%d s by %d s", seconds, step).isBetween(1L, 300L);
        }
    }

    @Test
    void whatIsRefusedSaysWhyAndTimesAreKeptAsTheyWere() throws IOException {
        cluster.answer("GET /api/v1/query_range?query=up&", 200, SERIES);
        cluster.answer("GET /api/v1/query_range?query=wrong&", 400, REFUSED);
        var kept = over(Duration.ofMinutes(1), "wrong", "up").path("queries");
        assertThat(kept.at("/wrong/problem").asText())
                .isEqualTo("400 invalid parameter \"query\": 1:15: parse error: unexpected identifier");
        assertThat(kept.at("/up/series/0/values/0").toString())
                .startsWith("[1.795465026491E9")
                .endsWith("\"1\"]");
        assertThat(prometheus.over(FROM, FROM.plusSeconds(60), Map.of("up", "up")))
                .contains("[ 1795465026.491, \"1\" ]");
    }

    @Test
    void whatWasAnsweredStandsThoughTheRestIsNot() throws IOException {
        cluster.answer("GET /api/v1/query_range?query=up&", 200, SERIES);
        cluster.answer("GET /api/v1/query_range?query=two&", 502, "<html><h1>502 Bad  Gateway</h1></html>");
        var kept = over(Duration.ofMinutes(1), "up", "two", "three");
        assertThat(kept.at("/queries/up/series").size()).isEqualTo(1);
        assertThat(kept.path("incomplete").asText())
                .startsWith("1 of 3 were answered; then " + cluster.url() + " answered 502 '502 Bad Gateway'");
        assertThat(cluster.requests).noneMatch(line -> line.contains("query=three"));
    }

    @Test
    void whatIsNoPrometheusIsToldOnceAndInWords() {
        cluster.scripted.put(
                "GET /api/v1/query_range",
                request -> new MockResponse().setResponseCode(401).setBody("Unauthorized\n"));
        assertThatThrownBy(() -> over(Duration.ofMinutes(1), "one", "two"))
                .isInstanceOf(IOException.class)
                .hasMessage(cluster.url()
                        + " answered 401 'Unauthorized', which is no answer of Prometheus: it wants credentials:"
                        + " set havoq.prometheus.token or havoq.prometheus.username");
        cluster.answer("GET /api/v1/query_range", 404, "404 page not found\n");
        assertThatThrownBy(() -> over(Duration.ofMinutes(1), "one", "two"))
                .hasMessageContaining("answered 404 '404 page not found'")
                .hasMessageContaining("is it its root address");
        cluster.answer("GET /api/v1/query_range", 200, "");
        assertThatThrownBy(() -> over(Duration.ofMinutes(1), "one")).hasMessageContaining("answered 200, which is no");
    }

    @Test
    void anAddressThatCannotBeAskedIsToldWithoutItsPassword() {
        assertThatThrownBy(() -> new Prometheus("http://me:hidden@127.0.0.1:1", Authorization.NONE).up())
                .hasMessage("there is a user in the address: expected it in havoq.prometheus.username");
        assertThatThrownBy(() -> new Prometheus("http://me:hid den@127.0.0.1:1", Authorization.NONE).up())
                .hasMessageContaining("no address like http://prometheus:9090")
                .hasMessageNotContaining("hid");
        for (var address : List.of("127.0.0.1:9090", "localhost", "ftp://127.0.0.1:1", "http:///api")) {
            assertThatThrownBy(() -> new Prometheus(address, Authorization.NONE).up())
                    .as(address)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no address like http://prometheus:9090");
        }
    }
}
