package io.havoq.environment.kubernetes;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Pages over HTTP at a loopback address, as a pod has them at its own. */
final class HttpPages implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, HttpPage> pages = new ConcurrentHashMap<>();

    HttpPages(String address) throws IOException {
        this(address, 0);
    }

    HttpPages(String address, int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(address, port), 0);
        server.createContext("/", exchange -> {
            var page = pages.getOrDefault(exchange.getRequestURI().toString(), new HttpPage(404, "not found"));
            var bytes = page.text().getBytes(StandardCharsets.UTF_8);
            try (exchange) {
                exchange.sendResponseHeaders(page.status(), bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    void say(String path, int status, String text) {
        pages.put(path, new HttpPage(status, text));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
