package io.havoq.broker;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Asks an HTTP server for its time of day: a server that has a clock says it in every answer, whatever it answers (RFC 9110,
 * 6.6.1), be it written in Go, Java, Erlang or C.
 */
final class HttpDate {
    private static final int MILLIS = 500;

    private HttpDate() {}

    /** The server's time; empty if none answers there. */
    static Optional<WallClock> ask(InetSocketAddress server) {
        try {
            var url = URI.create("http://" + server.getHostString() + ":" + server.getPort() + "/")
                    .toURL();
            var connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(MILLIS);
            connection.setReadTimeout(MILLIS);
            connection.setUseCaches(false);
            connection.setInstanceFollowRedirects(false);
            try {
                connection.getResponseCode();
                // 0 if there is none, or none that can be read
                long millis = connection.getDate();
                return millis == 0
                        ? Optional.empty()
                        : Optional.of(new WallClock(Instant.ofEpochMilli(millis), Duration.ofSeconds(1), "HTTP Date"));
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return Optional.empty(); // nobody speaks HTTP there, or not now
        }
    }
}
