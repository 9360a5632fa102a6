package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Prometheus that answers nobody whom it does not know. */
class AuthorizationTest {
    private static final String SECRET = "s3cr3t";

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private HttpServer elsewhere;
    private volatile String wanted = "";

    @BeforeEach
    void start() throws IOException {
        server = listening(this::answer);
        elsewhere = listening(exchange -> {
            heard.add("elsewhere " + said(exchange));
            send(exchange, 200, PrometheusTest.UP);
        });
    }

    @AfterEach
    void stop() {
        server.stop(0);
        elsewhere.stop(0);
    }

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private static HttpServer listening(Answer answer) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", answer::to);
        server.start();
        return server;
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        heard.add(said(exchange));
        if (exchange.getRequestURI().getPath().startsWith("/moved")) {
            exchange.getResponseHeaders().set("Location", url(elsewhere) + "/api/v1/query");
            send(exchange, 302, "");
        } else if (said(exchange).equals(wanted)) {
            send(exchange, 200, PrometheusTest.UP);
        } else {
            send(exchange, 401, "Unauthorized\n");
        }
    }

    private static String said(HttpExchange exchange) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                .orElse("nobody");
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Prometheus prometheus(Map<String, String> credentials) {
        return prometheus("", credentials);
    }

    private Prometheus prometheus(String path, Map<String, String> credentials) {
        var settings = new HashMap<>(credentials);
        settings.put("havoq.prometheus", url(server) + path);
        return Prometheus.of(MockCluster.settings(settings));
    }

    private static final Map<String, String> TOKEN = Map.of("havoq.prometheus.token", SECRET);
    private static final Map<String, String> USER =
            Map.of("havoq.prometheus.username", "me", "havoq.prometheus.password", SECRET + ":ü ");

    @Test
    void aTokenIsSentWithEveryQuestion() throws IOException {
        wanted = "Bearer " + SECRET;
        var prometheus = prometheus(TOKEN);

        assertThat(prometheus.up()).containsEntry("emqx-go", 3L);
        assertThat(prometheus.over(Instant.EPOCH, Instant.EPOCH.plus(Duration.ofMinutes(1)), Map.of("up", "up")))
                .contains("\"series\"");
        assertThat(heard).hasSize(2).containsOnly(wanted);
    }

    @Test
    void aUserIsSentAsBasicAuthenticationDoes() throws IOException {
        wanted = "Basic "
                + Base64.getEncoder().encodeToString(("me:" + SECRET + ":ü ").getBytes(StandardCharsets.UTF_8));

        assertThat(prometheus(USER).up()).containsEntry("emqx-go", 3L);
    }

    @Test
    void whoIsNotAcceptedIsToldWithoutTheSecret() {
        wanted = "somebody else";

        assertThatThrownBy(() -> prometheus(TOKEN).up())
                .hasMessageEndingWith("it does not accept the token of havoq.prometheus.token")
                .hasMessageNotContaining(SECRET);
        assertThatThrownBy(() -> prometheus(USER).up())
                .hasMessageEndingWith("it does not accept the user and password of havoq.prometheus.username")
                .hasMessageNotContaining(SECRET);
        assertThatThrownBy(() -> prometheus(Map.of()).up())
                .hasMessageContaining("set havoq.prometheus.token or havoq.prometheus.username");
        assertThat(prometheus(TOKEN).toString()).doesNotContain(SECRET);
        assertThat(prometheus(USER).toString())
                .doesNotContain(SECRET, Base64.getEncoder().encodeToString("me:s3".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void noSecretGoesWhereARedirectionLeads() throws IOException {
        assertThatThrownBy(() -> prometheus("/moved", TOKEN).up()).hasMessageContaining("answered 302");
        assertThat(heard).containsExactly("Bearer " + SECRET);

        assertThat(prometheus("/moved", Map.of()).up())
                .as("without one it does")
                .containsEntry("emqx-go", 3L);
        assertThat(heard).containsExactly("Bearer " + SECRET, "nobody", "elsewhere nobody");
    }

    @ParameterizedTest
    @CsvSource({
        "s3cr3t,me,,expected one of them",
        ",,s3cr3t,expected havoq.prometheus.username with it",
        ",m:s3cr3t,,expected no colon",
        "two s3cr3t,,,expected a token without blanks",
    })
    void whatCannotBeSentIsToldBeforeAnythingIsAskedAndWithoutTheSecret(
            String token, String username, String password, String problem) {
        var settings = new HashMap<String, String>();
        Optional.ofNullable(token).ifPresent(text -> settings.put("havoq.prometheus.token", text));
        Optional.ofNullable(username).ifPresent(text -> settings.put("havoq.prometheus.username", text));
        Optional.ofNullable(password).ifPresent(text -> settings.put("havoq.prometheus.password", text));

        assertThatThrownBy(() -> prometheus(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem)
                .hasMessageNotContaining(SECRET);
        assertThat(heard).isEmpty();
    }
}
