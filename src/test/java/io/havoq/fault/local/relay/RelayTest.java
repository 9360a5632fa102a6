package io.havoq.fault.local.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.fault.local.NetworkNamespace;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
@SuppressWarnings("try") // a close in the middle is what is tested
class RelayTest {
    private static final InetAddress LOCAL = InetAddress.getLoopbackAddress();

    private Relay relay;
    private ServerSocket target;
    private int port;

    @BeforeEach
    void start() throws IOException {
        target = new ServerSocket(0, 200, LOCAL);
        relay = new Relay("test");
        port = relay.listen("node", RelayTest::open, address(target));
    }

    @AfterEach
    void stop() throws IOException {
        relay.close();
        target.close();
    }

    private static SocketChannel open() throws IOException {
        return SocketChannel.open(StandardProtocolFamily.INET);
    }

    private static InetSocketAddress address(ServerSocket server) {
        return new InetSocketAddress(LOCAL, server.getLocalPort());
    }

    private Socket client() throws IOException {
        var client = new Socket(LOCAL, port);
        client.setSoTimeout(10_000);
        return client;
    }

    private Socket accepted() throws IOException {
        target.setSoTimeout(10_000);
        var accepted = target.accept();
        accepted.setSoTimeout(10_000);
        return accepted;
    }

    @Test
    void carriesBytesBothWaysAndCountsThem() throws IOException {
        try (var client = client();
                var node = accepted()) {
            client.getOutputStream().write("question".getBytes(StandardCharsets.US_ASCII));
            assertThat(node.getInputStream().readNBytes(8)).asString().isEqualTo("question");
            node.getOutputStream().write("yes".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.getInputStream().readNBytes(3)).asString().isEqualTo("yes");
            assertThat(relay.counters("node")).isEqualTo(new RouteCounters(1, 1, 0, 0, 8, 3, ""));
        }
        await().untilAsserted(() -> assertThat(relay.counters("node").open()).isZero());
    }

    @Test
    void holdsTheSenderBackWhileTheReceiverDoesNotReadAndLosesNothing() throws Exception {
        var all = new byte[32 << 20];
        new Random(1).nextBytes(all);
        try (var client = client();
                var node = accepted()) {
            var sending = CompletableFuture.runAsync(() -> {
                try {
                    client.getOutputStream().write(all);
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            // What is under way fits into the kernel's buffers: the counter comes to rest far below all.
            await().pollInterval(Duration.ofMillis(200)).untilAsserted(new org.awaitility.core.ThrowingRunnable() {
                private long before = -1;

                @Override
                public void run() {
                    var now = relay.counters("node").bytesToTarget();
                    var last = before;
                    before = now;
                    assertThat(now).isPositive().isEqualTo(last);
                }
            });
            assertThat(relay.counters("node").bytesToTarget()).isLessThan(all.length * 3L / 4);
            assertThat(sending).isNotDone();
            assertThat(node.getInputStream().readAllBytes()).isEqualTo(all);
            sending.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void passesAHalfCloseOnAndKeepsTheOtherDirectionOpen() throws IOException {
        try (var client = client();
                var node = accepted()) {
            // Before the relay knows the target as connected this would withdraw the attempt.
            node.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);
            client.shutdownOutput();
            assertThat(node.getInputStream().read()).isEqualTo(-1);
            node.getOutputStream().write(7);
            assertThat(client.getInputStream().read()).isEqualTo(7);
            node.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        await().untilAsserted(() -> assertThat(relay.counters("node").open()).isZero());
        assertThat(relay.counters("node").reset()).isZero();
    }

    @Test
    void passesTheClientsResetOn() throws IOException {
        try (var client = client();
                var node = accepted()) {
            client.setSoLinger(true, 0);
            client.close();
            assertThatThrownBy(() -> node.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void passesTheTargetsResetOn() throws IOException {
        try (var client = client();
                var node = accepted()) {
            node.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);
            node.setSoLinger(true, 0);
            node.close();
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(relay.counters("node").reset()).isEqualTo(1);
    }

    @Test
    void resetsTheClientWhenTheTargetRefuses() throws IOException {
        target.close();
        try (var client = client()) {
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        var counters = relay.counters("node");
        assertThat(counters.failed()).isEqualTo(1);
        assertThat(counters.open()).isZero();
        assertThat(counters.lastFailure()).contains("refused");
    }

    @Test
    void refusesWhilePausedOnAPortThatNobodyElseGetsAndKeepsConnections() throws IOException {
        try (var client = client();
                var node = accepted()) {
            for (int i = 0; i < 3; i++) {
                relay.pause("node");
                assertThatThrownBy(this::client).isInstanceOf(ConnectException.class);
                assertThatThrownBy(() -> {
                            try (var thief = new ServerSocket()) {
                                thief.setReuseAddress(false);
                                thief.bind(new InetSocketAddress(LOCAL, port));
                            }
                        })
                        .isInstanceOf(BindException.class);
                client.getOutputStream().write(i);
                assertThat(node.getInputStream().read()).isEqualTo(i);
                relay.resume("node");
                try (var another = client();
                        var itsNode = accepted()) {
                    another.getOutputStream().write(9);
                    assertThat(itsNode.getInputStream().read()).isEqualTo(9);
                }
            }
        }
    }

    @Test
    void refusesFromTheMomentThatPauseReturns() throws IOException {
        for (int i = 0; i < 300; i++) {
            relay.pause("node");
            assertThatThrownBy(this::client).isInstanceOf(ConnectException.class);
            relay.resume("node");
        }
    }

    @Test
    void withdrawsTheAttemptOfAClientThatLeftBeforeTheTargetAnswered() throws Exception {
        // A full backlog: the kernel drops further SYNs, so that the far leg stays unconnected.
        try (var silent = new ServerSocket(0, 1, LOCAL);
                var first = new Socket(LOCAL, silent.getLocalPort());
                var second = new Socket(LOCAL, silent.getLocalPort())) {
            var silentPort = relay.listen("silent", RelayTest::open, address(silent));
            try (var client = new Socket(LOCAL, silentPort)) {
                client.getOutputStream().write("CONNECT".getBytes(StandardCharsets.US_ASCII));
                await().untilAsserted(() ->
                        assertThat(relay.counters("silent").bytesToTarget()).isEqualTo(7));
                assertThat(relay.counters("silent").open()).isEqualTo(1);
            }
            await().untilAsserted(
                            () -> assertThat(relay.counters("silent").open()).isZero());
            silent.setSoTimeout(10_000);
            assertThat(silent.accept().getPort()).isEqualTo(first.getLocalPort());
            assertThat(silent.accept().getPort()).isEqualTo(second.getLocalPort());
            try (var third = new Socket(LOCAL, silent.getLocalPort())) {
                assertThat(silent.accept().getPort()).isEqualTo(third.getLocalPort());
            }
        }
    }

    @Test
    void anOpenerThatWaitsHoldsUpNoConnectionThatIsMade() throws Exception {
        var gate = new CountDownLatch(1);
        var gated = relay.listen(
                "gated",
                () -> {
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    return open();
                },
                address(target));
        try (var client = client();
                var node = accepted();
                var waiting = new Socket(LOCAL, gated)) {
            await().untilAsserted(
                            () -> assertThat(relay.counters("gated").accepted()).isEqualTo(1));
            client.getOutputStream().write(5);
            assertThat(node.getInputStream().read()).isEqualTo(5);
            waiting.getOutputStream().write(6);
            gate.countDown();
            try (var itsNode = accepted()) {
                assertThat(itsNode.getInputStream().read()).isEqualTo(6);
            }
        }
    }

    @Test
    void servesAThousandConnectionsOnTheSameThreads() throws Exception {
        var threads = Thread.getAllStackTraces().size();
        var clients = new ArrayList<SocketChannel>();
        var nodes = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 1_000; i++) {
                clients.add(SocketChannel.open(new InetSocketAddress(LOCAL, port)));
                nodes.add(accepted());
            }
            assertThat(relay.counters("node").open()).isEqualTo(1_000);
            assertThat(Thread.getAllStackTraces().size()).isLessThan(threads + 10);
            for (int i = 0; i < 1_000; i++) {
                clients.get(i).write(ByteBuffer.wrap(new byte[] {(byte) i}));
            }
            for (int i = 0; i < 1_000; i++) {
                assertThat((byte) nodes.get(i).getInputStream().read()).isEqualTo((byte) i);
            }
        } finally {
            for (var client : clients) {
                client.close();
            }
            for (var node : nodes) {
                node.close();
            }
        }
        await().untilAsserted(() -> assertThat(relay.counters("node").open()).isZero());
    }

    @Test
    void closingResetsConnectionsGivesThePortBackAndEndsTheThreads() throws IOException {
        try (var client = client();
                var node = accepted()) {
            relay.close();
            assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
            assertThatThrownBy(() -> node.getInputStream().read()).hasMessageContaining("reset");
            assertThatThrownBy(this::client).isInstanceOf(ConnectException.class);
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("relay-test", "relay-open-test");
        assertThatThrownBy(() -> relay.resume("node")).hasMessageContaining("closed");
    }

    @Test
    void reachesATargetInAnotherNetwork() throws Exception {
        try (var network = NetworkNamespace.open("relay")) {
            try (var inside = network.call(() -> new ServerSocket(0, 10, LOCAL))) {
                var reached = relay.listen("inside", () -> network.open(RelayTest::open), address(inside));
                var unreached = relay.listen("outside", RelayTest::open, address(inside));
                try (var client = new Socket(LOCAL, reached);
                        var node = inside.accept()) {
                    client.getOutputStream().write(3);
                    assertThat(node.getInputStream().read()).isEqualTo(3);
                }
                try (var client = new Socket(LOCAL, unreached)) {
                    assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
                }
            }
        }
    }
}
