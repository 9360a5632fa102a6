package io.havoq.environment.kubernetes;

import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** What was answered to a GET, whatever the status: a node that is not ready says so with 503, and tells more in the page. */
record HttpPage(int status, String text) {
    /** A page may be endless; a broker's figures are some hundred kilobytes. */
    static final int MOST_BYTES = 8 * 1024 * 1024;

    /**
     * Asks on the straight way, without a proxy.
     *
     * @param bound for connecting, and for each part of the answer; five times as long for all of them
     * @throws IOException saying why there is no answer
     */
    static HttpPage direct(String url, Duration bound) throws IOException {
        return get(url, Proxy.NO_PROXY, bound, Authorization.NONE);
    }

    /** As {@link #direct}, over the proxy that this JVM is told to use. Credentials are not taken to wherever a redirection leads. */
    static HttpPage proxied(String url, Duration bound, Authorization authorization) throws IOException {
        var selector = ProxySelector.getDefault();
        return get(
                url,
                selector == null ? Proxy.NO_PROXY : selector.select(uri(url)).get(0),
                bound,
                authorization);
    }

    private static HttpPage get(String url, Proxy proxy, Duration bound, Authorization authorization)
            throws IOException {
        if (!(uri(url).toURL().openConnection(proxy) instanceof HttpURLConnection connection)) {
            throw new IOException("'" + url + "' is no HTTP address");
        }
        try {
            connection.setConnectTimeout(Math.toIntExact(bound.toMillis()));
            connection.setReadTimeout(Math.toIntExact(bound.toMillis()));
            authorization.header().ifPresent(value -> {
                connection.setInstanceFollowRedirects(false);
                connection.setRequestProperty("Authorization", value);
            });
            var status = connection.getResponseCode();
            try (var body = status < HttpURLConnection.HTTP_BAD_REQUEST
                    ? connection.getInputStream()
                    : Optional.ofNullable(connection.getErrorStream()).orElseGet(InputStream::nullInputStream)) {
                return new HttpPage(status, text(body, bound.multipliedBy(5)));
            }
        } finally {
            connection.disconnect();
        }
    }

    /** One that comes in drops keeps to the bound of each part, and to none in all. */
    private static String text(InputStream body, Duration bound) throws IOException {
        var until = RunClock.now() + bound.toNanos();
        var bytes = new ByteArrayOutputStream();
        var part = new byte[8192];
        while (bytes.size() < MOST_BYTES) {
            var length = body.read(part, 0, Math.min(part.length, MOST_BYTES - bytes.size()));
            if (length < 0) {
                break;
            }
            bytes.write(part, 0, length);
            if (RunClock.now() > until) {
                throw new IOException("its page had not ended after " + GoDuration.format(bound));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static URI uri(String text) throws IOException {
        try {
            var uri = URI.create(text);
            if (!uri.isAbsolute() || uri.getHost() == null) {
                throw new IOException("'" + text + "' is no HTTP address");
            }
            return uri;
        } catch (IllegalArgumentException e) {
            throw new IOException("'" + text + "' is no HTTP address", e);
        }
    }
}
