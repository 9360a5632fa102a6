package io.havoq.fault.local.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.havoq.fault.local.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The node "behind" is seen through a crooked path of the test's own. */
@Timeout(30)
class EchoProbeTest {
    private static final Duration BOUND = Duration.ofSeconds(5);
    private static final Duration SHORT = Duration.ofMillis(700);

    private EchoProbe probe;
    private CrookedPath path;

    @BeforeEach
    void start() throws IOException {
        probe = new EchoProbe("test");
        var behind = free();
        path = new CrookedPath(behind);
        probe.add("asking", DatagramChannel::open, free());
        probe.add("behind", DatagramChannel::open, behind, path.address());
    }

    @AfterEach
    void stop() throws InterruptedException {
        probe.close();
        path.close();
    }

    private static InetSocketAddress free() throws IOException {
        try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return (InetSocketAddress) socket.getLocalSocketAddress();
        }
    }

    private Reading ping(int count, Duration bound) throws Exception {
        return probe.ping("asking", "behind", count, Duration.ofMillis(2), 200, bound)
                .get(20, TimeUnit.SECONDS);
    }

    @Test
    void everyDatagramIsAnsweredAndTimedOnAStraightPath() throws Exception {
        var reading = ping(50, BOUND);
        assertThat(reading)
                .usingRecursiveComparison()
                .ignoringFields("p50", "max")
                .isEqualTo(new Reading("asking", "behind", 50, 0, 50, 50, 0, 0, 0, 0, 0, null, null, ""));
        assertThat(reading.p50()).isPositive().isLessThanOrEqualTo(reading.max());
        assertThat(reading.max()).isLessThan(BOUND);
        assertThat(probe.strays()).isZero();
    }

    @Test
    void theIntervalIsKept() throws Exception {
        long start = System.nanoTime();
        probe.ping("asking", "behind", 21, Duration.ofMillis(10), 28, BOUND).get();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(200), BOUND);
    }

    @Test
    void aLossIsCountedOnTheWayThere() throws Exception {
        path.there = packet -> packet.sequence() % 4 == 0 ? List.of() : List.of(packet);
        var reading = ping(40, SHORT);
        assertThat(reading.sent()).isEqualTo(40);
        assertThat(reading.arrived()).isEqualTo(30);
        assertThat(reading.answered()).isEqualTo(30);
        assertThat(reading.unanswered()).isEqualTo(10);
    }

    @Test
    void aCutOfTheWayBackIsToldFromOneOfTheWayThere() throws Exception {
        path.back = packet -> List.of();
        var noWayBack = ping(10, SHORT);
        assertThat(noWayBack.arrived()).isEqualTo(10);
        assertThat(noWayBack.answered()).isZero();
        assertThat(noWayBack.unanswered()).isEqualTo(10);
        assertThat(noWayBack.p50()).isNull();
        path.there = path.back;
        assertThat(ping(10, SHORT).arrived()).isZero();
    }

    @Test
    void copiesAreCountedBesideTheAnswers() throws Exception {
        path.back = packet -> packet.sequence() % 2 == 0 ? List.of(packet, packet) : List.of(packet);
        var reading = ping(20, BOUND);
        assertThat(reading.answered()).isEqualTo(20);
        assertThat(reading.duplicates()).isEqualTo(10);
    }

    @Test
    void damageIsSeenThatNoChecksumCaught() throws Exception {
        path.there = packet -> {
            if (packet.sequence() < 5) {
                packet.bytes().put(100, (byte) ~packet.bytes().get(100));
            }
            return List.of(packet);
        };
        var reading = ping(20, SHORT);
        assertThat(reading.corrupted()).isEqualTo(5);
        assertThat(reading.arrived()).isEqualTo(15);
        assertThat(reading.answered()).isEqualTo(15);
    }

    @Test
    void aDelayShowsInTheRoundTripAndPastTheBoundAsUnanswered() throws Exception {
        path.delay = Duration.ofMillis(40);
        var reading = ping(5, BOUND);
        assertThat(reading.answered()).isEqualTo(5);
        assertThat(reading.p50()).isBetween(Duration.ofMillis(40), BOUND);
        path.delay = Duration.ofMillis(200);
        var late = ping(2, Duration.ofMillis(100));
        assertThat(late.answered()).isZero();
        assertThat(late.unanswered()).isEqualTo(2);
    }

    @Test
    void theRateIsThatOfTheTrainBehindItsBurst() throws Exception {
        path.burst = 24;
        path.spacing = Duration.ofMillis(8);
        var train = probe.train("asking", "behind", 50, 972, BOUND).get(20, TimeUnit.SECONDS);
        assertThat(train.sent()).isEqualTo(50);
        assertThat(train.arrived()).isEqualTo(50);
        // 1000 bytes with their headers every 8 ms; with the burst it would be 235,000
        assertThat(train.bytesPerSecond()).isCloseTo(125_000, within(40_000.0));
    }

    @Test
    void theRateIsExactAndCountsHeadersButNoCopies() throws Exception {
        var node = new Station("node", path.address(), DatagramChannel.open(), DatagramChannel.open());
        try (var echo = node.echo();
                var asking = node.asking()) {
            var train = new TrainRun(1, node, node, 20, 972, 1);
            for (int i = 0; i < 20; i++) {
                long nanos = Math.max(0, i - 9) * 8_000_000L;
                train.arrived(i, nanos);
                train.arrived(i, nanos + 1);
            }
            train.complete();
            assertThat(train.future().get()).isEqualTo(new Train("node", "node", 0, 20, 125_000));
            assertThat(echo.isOpen() && asking.isOpen()).isTrue();
        }
    }

    @Test
    void threeArrivalsGiveNoRate() throws Exception {
        path.there = packet -> packet.sequence() < 3 ? List.of(packet) : List.of();
        var cut = probe.train("asking", "behind", 10, 972, SHORT).get(20, TimeUnit.SECONDS);
        assertThat(cut.arrived()).isEqualTo(3);
        assertThat(cut.bytesPerSecond()).isNaN();
    }

    @Test
    void whatTheKernelRefusesToSendIsToldFromLoss() throws Exception {
        try (var network = NetworkNamespace.open("probe")) {
            DatagramOpener opener = () -> network.open(DatagramChannel::open);
            probe.add("inside", opener, new InetSocketAddress(InetAddress.getLoopbackAddress(), EchoProbe.PORT));
            probe.add(
                    "far",
                    opener,
                    new InetSocketAddress("127.0.0.2", EchoProbe.PORT),
                    new InetSocketAddress("10.71.0.2", EchoProbe.PORT));
            assertThat(probe.ping("inside", "inside", 3, Duration.ZERO, 28, BOUND)
                            .get()
                            .answered())
                    .isEqualTo(3);
            var reading =
                    probe.ping("inside", "far", 3, Duration.ZERO, 28, BOUND).get(2, TimeUnit.SECONDS);
            assertThat(reading.sent()).isZero();
            assertThat(reading.unsent()).isEqualTo(3);
            assertThat(reading.lastFailure()).containsIgnoringCase("unreachable");
            // Its counters are the namespace's own.
            assertThat(network.call(UdpStatistics::read)).isEqualTo(new UdpStatistics(6, 6, 0, 0));
        }
    }

    @Test
    void foreignDatagramsAreStraysAndGetNoEcho() throws Exception {
        try (var stranger = new DatagramSocket()) {
            stranger.send(new DatagramPacket(new byte[64], 64, path.behind));
            stranger.send(new DatagramPacket(new byte[3], 3, path.behind));
            assertThat(ping(5, BOUND).answered()).isEqualTo(5);
            assertThat(probe.strays()).isEqualTo(2);
            stranger.setSoTimeout(50);
            assertThatThrownBy(() -> stranger.receive(new DatagramPacket(new byte[64], 64)))
                    .isInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    @Test
    void closingFailsWhatIsUnderWay() {
        path.there = packet -> List.of();
        var reading = probe.ping("asking", "behind", 2, Duration.ZERO, 28, Duration.ofMinutes(1));
        probe.close();
        assertThatThrownBy(() -> reading.get(1, TimeUnit.SECONDS)).hasMessageContaining("closed");
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("probe-test");
    }

    @Test
    void saysWhatItCannotDo() {
        assertThatThrownBy(() -> probe.ping("asking", "nobody", 1, Duration.ZERO, 28, BOUND))
                .hasMessageContaining("nobody")
                .hasMessageContaining("behind");
        assertThatThrownBy(() -> probe.ping("asking", "behind", 0, Duration.ZERO, 28, BOUND))
                .hasMessageContaining("count");
        assertThatThrownBy(() -> probe.train("asking", "behind", 1, 27, BOUND)).hasMessageContaining("28");
        assertThatThrownBy(() -> probe.add("asking", DatagramChannel::open, free()))
                .hasMessageContaining("already");
    }

    @Test
    void readsTheKernelsCounters() throws IOException {
        assertThat(
                        UdpStatistics.parse(
                                "Ip: Forwarding\nIp: 1\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors"
                                        + " SndbufErrors InCsumErrors IgnoredMulti MemErrors\nUdp: 11 2 3 14 5 6 7 8 9\nUdpLite: InDatagrams\n"))
                .isEqualTo(new UdpStatistics(11, 14, 5, 7));
        assertThatThrownBy(() -> UdpStatistics.parse("Ip: 1\n")).hasMessageContaining("Udp");
    }

    /** A datagram between the asking node and the one behind. */
    private record Packet(int sequence, ByteBuffer bytes) {}

    /** Forwards datagrams as it is told to. */
    private static final class CrookedPath {
        final InetSocketAddress behind;
        volatile Function<Packet, List<Packet>> there = List::of;
        volatile Function<Packet, List<Packet>> back = List::of;
        volatile Duration delay = Duration.ZERO;
        volatile Duration spacing = Duration.ZERO;
        volatile int burst;

        private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        private final ExecutorService timer = Executors.newSingleThreadExecutor();
        private final Thread thread = new Thread(this::forward, "crooked-path");
        private volatile InetSocketAddress asker;
        private long freeAtNanos;

        CrookedPath(InetSocketAddress behind) throws IOException {
            this.behind = behind;
            thread.start();
        }

        InetSocketAddress address() {
            return (InetSocketAddress) socket.getLocalSocketAddress();
        }

        private void forward() {
            try {
                while (true) {
                    var in = new DatagramPacket(new byte[2048], 2048);
                    socket.receive(in);
                    var bytes = java.util.Arrays.copyOf(in.getData(), in.getLength());
                    var packet = new Packet(ByteBuffer.wrap(bytes).getInt(20), ByteBuffer.wrap(bytes));
                    if (in.getSocketAddress().equals(behind)) {
                        back.apply(packet).forEach(each -> send(each, asker, 0));
                    } else {
                        asker = (InetSocketAddress) in.getSocketAddress();
                        there.apply(packet).forEach(each -> send(each, behind, wait(each)));
                    }
                }
            } catch (IOException e) {
                // closed
            }
        }

        private long wait(Packet packet) {
            long now = System.nanoTime();
            if (spacing.isZero() || packet.sequence() < burst) {
                return delay.toNanos();
            }
            freeAtNanos = Math.max(freeAtNanos + spacing.toNanos(), now);
            return freeAtNanos - now;
        }

        private void send(Packet packet, InetSocketAddress to, long waitNanos) {
            CompletableFuture.delayedExecutor(waitNanos, TimeUnit.NANOSECONDS, timer)
                    .execute(() -> {
                        try {
                            socket.send(new DatagramPacket(
                                    packet.bytes().array(), packet.bytes().capacity(), to));
                        } catch (IOException e) {
                            // closed
                        }
                    });
        }

        void close() throws InterruptedException {
            timer.shutdownNow();
            socket.close();
            thread.join();
        }
    }
}
