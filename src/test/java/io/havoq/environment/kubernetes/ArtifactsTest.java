package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.mockwebserver.http.MockResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of an experiment. */
class ArtifactsTest {
    private static final String LOGS = "GET /api/v1/namespaces/mqtt/pods/emqx-go-1/log?container=emqx-go&previous=";

    @TempDir
    private Path output;

    private final MockCluster cluster = new MockCluster();
    private Artifacts artifacts;
    private Path kept;

    @BeforeEach
    void begin() {
        cluster.brokers();
        cluster.scripted.put("GET /api/v1/namespaces/mqtt/pods/", request -> {
            var body = request.getPath().contains("emqx-go-1/log?container=emqx-go&previous=true")
                    ? "2026-01-01T00:00:00Z panic: out of memory\n"
                    : request.getPath().contains("previous=true") ? "" : "2026-01-01T00:00:01Z ready\n";
            return new MockResponse().setResponseCode(200).setBody(body);
        });
        artifacts = artifacts(Map.of());
        kept = output.resolve("kubernetes/PodKillIT.test");
    }

    private Artifacts artifacts(Map<String, String> given) {
        var settings = MockCluster.settings(given);
        var pods = new BrokerPods(cluster.client, MockCluster.NAMESPACE, settings, false);
        var made = new Artifacts(
                cluster.client,
                MockCluster.NAMESPACE,
                "run",
                pods,
                new PodLogs(cluster.client, MockCluster.NAMESPACE),
                new Figures(settings, MockCluster.NAMESPACE, pods, new PodPages(cluster.client, true)),
                output);
        made.begin("PodKillIT.test");
        return made;
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void event(String name, String at, String reason, int count) {
        cluster.client
                .v1()
                .events()
                .inNamespace(MockCluster.NAMESPACE)
                .resource(new EventBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withType("Warning")
                        .withReason(reason)
                        .withMessage("message of " + reason)
                        .withLastTimestamp(at)
                        .withCount(count)
                        .withNewInvolvedObject()
                        .withKind("Pod")
                        .withName("emqx-go-1")
                        .endInvolvedObject()
                        .build())
                .create();
    }

    @Test
    void podsLogsAndEventsAreThereWithTheLogsOfTheContainersBefore() throws IOException {
        event("b", "2026-01-01T00:00:09Z", "BackOff", 3);
        event("a", "2026-01-01T00:00:01Z", "Killing", 1);
        artifacts.end();
        assertThat(kept.resolve("pods.yaml")).content().contains("name: \"emqx-go-0\"", "name: \"emqx-go-2\"", "podIP");
        assertThat(Files.readAllLines(kept.resolve("events.txt")))
                .containsExactly(
                        "2026-01-01T00:00:01Z Warning Killing Pod/emqx-go-1: message of Killing",
                        "2026-01-01T00:00:09Z Warning BackOff Pod/emqx-go-1: message of BackOff (x3)");
        assertThat(kept.resolve("logs/emqx-go-1.emqx-go.log")).hasContent("2026-01-01T00:00:01Z ready");
        assertThat(kept.resolve("logs/emqx-go-1.emqx-go.previous.log"))
                .hasContent("2026-01-01T00:00:00Z panic: out of memory");
        assertThat(kept.resolve("logs/emqx-go-0.sidecar.log")).exists();
        assertThat(kept.resolve("logs/emqx-go-0.emqx-go.previous.log")).doesNotExist();
    }

    @Test
    void onlyWhatTheExperimentSaidIsAskedFor() {
        artifacts.end();
        assertThat(cluster.requests)
                .filteredOn(line -> line.startsWith(LOGS))
                .isNotEmpty()
                .allSatisfy(
                        line -> assertThat(line).contains("timestamps=true").containsPattern("sinceSeconds=[5-9]&"));
    }

    @Test
    void secretsAreNotKept() {
        artifacts.end();
        assertThat(kept.resolve("pods.yaml"))
                .content()
                .contains("EMQX_PASSWORD")
                .doesNotContain("hunter2");
    }

    /** Whatever is missing, the experiment goes on. */
    @Test
    void whatMayNotBeReadIsToldInAFileOfItsOwn() {
        cluster.refuse("GET /api/v1/namespaces/mqtt/events", 403, "events is forbidden");
        artifacts.end();
        assertThat(kept.resolve("events.txt.missing")).hasContent("events is forbidden");
        assertThat(kept.resolve("pods.yaml")).exists();
    }

    @Test
    void anInterruptedThreadKeepsEverythingAndStaysInterrupted() {
        Thread.currentThread().interrupt();
        try {
            artifacts.end();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(kept.resolve("pods.yaml")).exists();
        assertThat(kept.resolve("logs/emqx-go-1.emqx-go.log")).exists();
    }

    @Test
    void eachPodsOwnFiguresAreKept() throws IOException {
        try (var pages = new HttpPages("127.0.0.1")) {
            pages.say("/metrics", 200, "# TYPE up gauge\nup 1\n");
            artifacts(Map.of("havoq.kubernetes.port.metrics", Integer.toString(pages.port())))
                    .end();
        }
        assertThat(kept.resolve("metrics/emqx-go-0.txt")).hasContent("# TYPE up gauge\nup 1\n");
        assertThat(kept.resolve("metrics/emqx-go-2.txt")).exists();
        assertThat(kept.resolve("metrics/prometheus.json")).doesNotExist();
    }

    @Test
    void figuresThatCannotBeHadAreToldAndThoseOfAPortThatIsNotThereAreNotMissed() throws IOException {
        artifacts.end();
        assertThat(kept.resolve("metrics")).doesNotExist();
        try (var pages = new HttpPages("127.0.0.1")) {
            artifacts(Map.of("havoq.kubernetes.port.metrics", Integer.toString(pages.port())))
                    .end();
        }
        assertThat(kept.resolve("metrics/emqx-go-0.txt.missing")).content().contains("/metrics answers 404");
    }

    @Test
    void whatPrometheusHasOfTheTimeIsKeptAndWhatItHasNotIsToldAsAbsent() throws IOException {
        cluster.answer("GET /api/v1/query_range?query=rate", 400, "{\"status\":\"error\",\"error\":\"parse error\"}");
        cluster.answer(
                "GET /api/v1/query_range?query=go_goroutines%7Bjob%3D%22broker%22%7D&start=",
                200,
                "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"instance\":\"a\"},"
                        + "\"values\":[[1,\"17\"]]}]}}");
        for (var begin : List.of("emqx_", "sum", "histogram", "process", "kube")) {
            cluster.answer(
                    "GET /api/v1/query_range?query=" + begin, 200, "{\"status\":\"success\",\"data\":{\"result\":[]}}");
        }
        artifacts(Map.of("havoq.prometheus", cluster.url(), "havoq.prometheus.job", "broker"))
                .end();
        var queries = new ObjectMapper()
                .readTree(kept.resolve("metrics/prometheus.json").toFile())
                .path("queries");
        assertThat(queries.at("/go_goroutines/series/0/values/0/1").asText()).isEqualTo("17");
        assertThat(queries.at("/emqx_sessions_count/absent").asBoolean()).isTrue();
        assertThat(queries.at("/cpu-percent/problem").asText()).isEqualTo("400 parse error");
        assertThat(queries.at("/restarts/expression").asText()).contains("pod=~\"emqx-go-0|emqx-go-1|emqx-go-2\"");
        var asked = cluster.requests.stream()
                .filter(line -> line.contains("query_range"))
                .findFirst()
                .orElseThrow();
        assertThat(asked).containsPattern("&start=[0-9.E]+&end=[0-9.E]+&step=5 ?");
    }

    @Test
    void aPrometheusThatCannotBeReachedKeepsNothingElseFromBeingKept() {
        artifacts(Map.of("havoq.prometheus", "http://127.0.0.1:1")).end();
        assertThat(kept.resolve("metrics/prometheus.json.missing")).exists();
        assertThat(kept.resolve("pods.yaml")).exists();
    }
}
