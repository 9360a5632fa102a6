package io.havoq.environment;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;

/** Whether something accepts TCP connections at an address. */
public final class PortCheck {
    private static final Duration BOUND = Duration.ofSeconds(2);

    private PortCheck() {}

    /**
     * Connects, and closes the connection again.
     *
     * @param address {@code host:port}
     * @return why there is no connection; empty if there was one within 2 s
     */
    public static Optional<String> problem(String address) {
        var colon = address.lastIndexOf(':');
        try (var socket = new Socket()) {
            var port = Integer.parseInt(address.substring(colon + 1));
            socket.connect(
                    new InetSocketAddress(address.substring(0, Math.max(0, colon)), port),
                    Math.toIntExact(BOUND.toMillis()));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            return Optional.of("not an address of the form host:port");
        }
    }
}
