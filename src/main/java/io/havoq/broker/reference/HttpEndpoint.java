package io.havoq.broker.reference;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** The HTTP port: {@code /health} for whoever waits for the node, {@code /metrics} for Prometheus. */
final class HttpEndpoint implements AutoCloseable {
    /** What the two pages say. */
    record Pages(Supplier<Health> health, Supplier<String> metrics) {}

    private final HttpServer server;
    private volatile Pages pages;
    private final ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
        var thread = new Thread(task, "http");
        thread.setDaemon(true);
        return thread;
    });

    HttpEndpoint(HostPort address, Pages first) throws IOException {
        pages = first;
        server = HttpServer.create(new InetSocketAddress(address.host(), address.port()), 0);
        server.setExecutor(executor);
        server.createContext("/health", exchange -> {
            var now = pages.health().get();
            answer(exchange, now.ready() ? 200 : 503, "application/json", now.toJson());
        });
        server.createContext(
                "/metrics",
                exchange -> answer(
                        exchange,
                        200,
                        "text/plain; version=0.0.4",
                        pages.metrics().get()));
    }

    void start() {
        server.start();
    }

    /** Other pages from now on. */
    void show(Pages next) {
        pages = next;
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
