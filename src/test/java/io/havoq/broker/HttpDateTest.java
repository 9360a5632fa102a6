package io.havoq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HttpDateTest {
    @Test
    void everyAnswerTellsTheTime() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(403, -1);
            exchange.close();
        });
        server.start();
        try {
            var told = HttpDate.ask(server.getAddress()).orElseThrow();
            assertThat(told.resolution()).isEqualTo(Duration.ofSeconds(1));
            assertThat(told.time()).isBetween(Instant.now().minusSeconds(30), Instant.now());
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whoAnswersWithoutADateOrNotAtAllTellsNone() throws Exception {
        try (var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var address = new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
            assertThat(HttpDate.ask(address)).as("a silent server").isEmpty();
            listener.accept().close();
            var answering = new Thread(() -> answerWithoutDate(listener), "server");
            answering.start();
            assertThat(HttpDate.ask(address)).as("a server without a clock").isEmpty();
            answering.join();
        }
        assertThat(HttpDate.ask(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1)))
                .isEmpty();
    }

    private static void answerWithoutDate(ServerSocket listener) {
        try (var connection = listener.accept()) {
            if (connection.getInputStream().read(new byte[1000]) < 0) {
                throw new IOException("nothing was asked");
            }
            connection.getOutputStream().write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
