package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

/** Ports that are handed out are nobody else's until they are used. */
class FreePortsTest {
    private static ServerSocket listen(int port, boolean shares) throws IOException {
        var socket = new ServerSocket();
        try {
            socket.setReuseAddress(shares);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Test
    void whoLooksForAFreePortIsRefusedOneThatWasHandedOut() throws IOException {
        try (var ports = new FreePorts()) {
            var port = ports.next();
            assertThatThrownBy(() -> listen(port, false).close()).isInstanceOf(BindException.class);
        }
    }

    @Test
    void whoWasToldThePortListensThereWhileItIsHeld() throws IOException {
        try (var ports = new FreePorts()) {
            var port = ports.next();
            try (var listener = listen(port, true)) {
                assertThat(listener.getLocalPort()).isEqualTo(port);
            }
        }
    }

    @Test
    void afterwardsAnybodyMay() throws IOException {
        int port;
        try (var ports = new FreePorts()) {
            port = ports.next();
        }
        listen(port, false).close();
    }

    @Test
    void nobodyIsHandedAPortTwice() {
        try (var one = new FreePorts();
                var other = new FreePorts()) {
            var all = new HashSet<Integer>();
            for (var i = 0; i < 1_000; i++) {
                assertThat(all.add(one.next())).isTrue();
                assertThat(all.add(other.next())).isTrue();
            }
        }
    }
}
