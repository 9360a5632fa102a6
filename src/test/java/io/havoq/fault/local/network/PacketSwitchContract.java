package io.havoq.fault.local.network;

import static io.havoq.fault.local.network.TestNetwork.address;
import static io.havoq.fault.local.network.TestNetwork.datagram;
import static io.havoq.fault.local.network.TestNetwork.pair;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.havoq.fault.local.network.PairCounters.Drop;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the switch does to real packets between real namespaces, whatever its ports are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PacketSwitchContract {
    private static final int PORT = 7000;
    private static final int SENTINEL = -1;
    /** More at once could overrun the node's interface. */
    private static final int BURST = 500;
    /** As linux/net/tcp_states.h numbers them. */
    private static final List<String> LISTEN_OR_TIME_WAIT = List.of("0A", "06");

    private static final Pair THERE = pair(0, 1);
    private static final Pair BACK = pair(1, 0);
    private static final Impairment PARTITION = new Impairment.Partition();

    private TestNetwork network;
    private PacketSwitch packets;
    private final DatagramSocket[] sockets = new DatagramSocket[3];

    abstract Ports.Kind kind();

    @BeforeAll
    void connect() throws IOException {
        Privileges.assumeNamespaces();
        network = new TestNetwork(11, 3, kind());
        packets = network.packets();
        for (var node = 0; node < sockets.length; node++) {
            sockets[node] = network.socket(node, PORT);
        }
    }

    @AfterEach
    void lift() throws IOException {
        for (var rule : List.of("a", "b", "c")) {
            packets.lift(rule);
        }
        for (var node = 0; node < sockets.length; node++) {
            packets.restore(TestNetwork.name(node));
            sockets[node].setSoTimeout(1);
            try {
                while (true) {
                    receive(node);
                }
            } catch (SocketTimeoutException e) {
                sockets[node].setSoTimeout(2_000);
            }
        }
    }

    @AfterAll
    void disconnect() {
        if (network != null) {
            network.close();
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.matches("switch-(n\\d|timer)"));
        }
    }

    @Test
    void aPartitionIsTotalAndHeals() throws IOException {
        var before = packets.counters();
        packets.impose("a", THERE, List.of(PARTITION));
        packets.impose("a", BACK, List.of(PARTITION));
        send(0, 1, 0, 300);
        send(1, 0, 0, 300);
        for (var pair : List.of(THERE, BACK)) {
            await().untilAsserted(
                            () -> assertThat(packets.counters("a").get(pair).dropped(Drop.PARTITION))
                                    .isEqualTo(300));
            assertThat(packets.counters().get(pair).since(before.get(pair)).passed())
                    .isZero();
        }
        var proof = packets.lift("a");
        assertThat(proof.keySet()).containsExactlyInAnyOrder(THERE, BACK);
        assertThat(proof.get(THERE).passed()).isZero();
        // Had anything passed, it would come first.
        send(0, 1, SENTINEL, 1);
        send(1, 0, SENTINEL, 1);
        assertThat(receive(1)).isEqualTo(SENTINEL);
        assertThat(receive(0)).isEqualTo(SENTINEL);
    }

    @Test
    void aOneWayPartitionLeavesTheWayBackAndOthersAlone() throws IOException {
        packets.impose("a", THERE, List.of(PARTITION));
        send(0, 1, 0, 50);
        send(1, 0, 0, 50);
        send(0, 2, 0, 50);
        for (var i = 0; i < 50; i++) {
            assertThat(receive(0)).isEqualTo(i);
            assertThat(receive(2)).isEqualTo(i);
        }
        await().until(() -> packets.counters("a").get(THERE).dropped(Drop.PARTITION) == 50);
        packets.lift("a");
        send(0, 1, SENTINEL, 1);
        assertThat(receive(1)).isEqualTo(SENTINEL);
    }

    @Test
    void aPartitionDropsWhatIsHeld() throws IOException {
        packets.impose("a", THERE, List.of(delay(60_000)));
        send(0, 1, 0, 20);
        await().until(() -> packets.counters().get(THERE).queued() == 20);
        packets.impose("b", THERE, List.of(PARTITION));
        assertThat(packets.counters().get(THERE).queued()).isZero();
        assertThat(packets.lift("b").get(THERE).dropped(Drop.PARTITION)).isEqualTo(20);
        packets.lift("a");
        send(0, 1, SENTINEL, 1);
        assertThat(receive(1)).isEqualTo(SENTINEL);
    }

    @Test
    void lossHasItsShareAndItsCorrelation() throws IOException {
        var sent = 20_000;
        packets.impose("a", THERE, List.of(new Impairment.Loss(20, 25)));
        var arrived = exchange(0, 1, sent);
        var counters = packets.counters("a").get(THERE);
        assertThat(counters.dropped(Drop.LOSS)).isEqualTo(sent - arrived.size());
        assertThat(counters.passed()).isEqualTo(arrived.size());
        assertThat((sent - arrived.size()) / (double) sent).isCloseTo(0.20, within(0.01));
        var there = new HashSet<>(arrived);
        var lost = IntStream.range(0, sent - 1).filter(i -> !there.contains(i)).toArray();
        var twice = Arrays.stream(lost).filter(i -> !there.contains(i + 1)).count();
        assertThat(twice / (double) lost.length).as("lost after a loss").isCloseTo(0.40, within(0.03));
    }

    @Test
    void delayedPacketsComeThatMuchLaterAndInOrder() throws IOException {
        var mark = packets.mark();
        packets.impose("a", THERE, List.of(delay(40)));
        var latencies = new ArrayList<Long>();
        for (var i = 0; i < 10; i++) {
            var start = System.nanoTime();
            send(0, 1, i, 1);
            assertThat(receive(1)).isEqualTo(i);
            latencies.add((System.nanoTime() - start) / 1_000);
        }
        latencies.sort(null);
        assertThat(latencies.get(0)).as("microseconds").isGreaterThanOrEqualTo(40_000);
        assertThat(latencies.get(5)).as("microseconds").isLessThan(60_000);
        assertThat(packets.counters("a").get(THERE).delayed()).isEqualTo(10);
        var health = packets.health(mark);
        assertThat(health.lateness().count()).isEqualTo(10);
        assertThat(health.lateness().max()).isPositive();
        assertThat(health.ownDrops()).isZero();
        assertThat(health.failures()).isEmpty();
    }

    @Test
    void jitterAndReorderLetPacketsOvertakeAndCountThem() throws IOException {
        var ahead = new Impairment.Delay(Duration.ofMillis(30), Duration.ZERO, 0, 0, 0, 10);
        packets.impose("a", THERE, List.of(ahead));
        send(0, 1, 0, 20);
        var order = new ArrayList<Integer>();
        for (var i = 0; i < 20; i++) {
            order.add(receive(1));
        }
        assertThat(order.subList(0, 2)).as("every tenth is not held").containsExactly(9, 19);
        assertThat(order.subList(2, 20)).isSorted();
        var counters = packets.counters("a").get(THERE);
        assertThat(counters.reordered()).isEqualTo(2);
        assertThat(counters.delayed()).isEqualTo(18);
    }

    @Test
    void duplicatesComeTwice() throws IOException {
        packets.impose("a", THERE, List.of(new Impairment.Duplicate(30, 0)));
        var arrived = exchange(0, 1, 2_000);
        var duplicated = packets.counters("a").get(THERE).duplicated();
        assertThat(duplicated / 2_000.0).isCloseTo(0.30, within(0.04));
        assertThat(arrived).hasSize(2_000 + (int) duplicated);
        assertThat(new HashSet<>(arrived)).hasSize(2_000);
    }

    @Test
    void flippedBitsAreSeenAsChecksumErrorsAndNothingElse() throws IOException {
        packets.impose("a", THERE, List.of(new Impairment.Corrupt(100, 0)));
        var before = checksumErrors(1);
        send(0, 1, 0, 1_000);
        await().until(() -> packets.counters("a").get(THERE).corrupted() == 1_000);
        packets.lift("a");
        send(0, 1, SENTINEL, 1);
        assertThat(receive(1)).as("no damaged packet was taken").isEqualTo(SENTINEL);
        // 20 of 292 bytes are the IP header, whose errors the kernel counts elsewhere, and some fields have errors of
        // their own.
        assertThat(checksumErrors(1) - before).isBetween(850L, 1_000L);
        assertThat(packets.counters().get(THERE).dropped(Drop.WRITE)).isZero();
    }

    @Test
    void aShapePassesNoFasterThanItsRate() throws IOException {
        packets.impose("a", THERE, List.of(new Impairment.Shape(125_000, 100_000, 2_000)));
        send(0, 1, 0, 180);
        receive(1);
        var start = System.nanoTime();
        for (var i = 1; i < 180; i++) {
            assertThat(receive(1)).isEqualTo(i);
        }
        var rate = packetBytes() * (179.0 - 5) / ((System.nanoTime() - start) / 1e9); // five more fit the bucket
        assertThat(rate).isCloseTo(125_000, within(12_500.0));
        send(0, 1, 0, 800);
        await().until(() -> packets.counters("a").get(THERE).dropped(Drop.SHAPE) > 0);
        assertThat(packets.counters("a").get(THERE).dropped(Drop.QUEUE)).isZero();
    }

    @Test
    void whatANodeSendsToSeveralSharesTheRateOfARule() throws IOException {
        var shape = List.<Impairment>of(new Impairment.Shape(125_000, 10_000_000, 2_000));
        packets.impose("a", THERE, shape);
        packets.impose("a", pair(0, 2), shape);
        // Half a second of the rate for each.
        var each = (int) (62_500 / packetBytes());
        send(0, 1, 0, each);
        send(0, 2, 0, each);
        var start = System.nanoTime();
        for (var i = 0; i < each; i++) {
            receive(2);
        }
        assertThat((System.nanoTime() - start) / 1e9).isBetween(0.85, 1.3);
        packets.lift("a");
    }

    @Test
    void rulesOnOnePairAddUpAndAreLiftedOneByOne() throws IOException {
        packets.impose("a", THERE, List.of(delay(250)));
        packets.impose("b", THERE, List.of(delay(30), new Impairment.Duplicate(100, 0)));
        assertThat(oneWayMillis()).isGreaterThanOrEqualTo(280);
        assertThat(receive(1)).as("the duplicate").isZero();
        packets.lift("a");
        assertThat(oneWayMillis()).isBetween(30L, 249L);
        assertThat(packets.counters("a")).isEmpty();
        assertThat(packets.counters("b").get(THERE).duplicated()).isEqualTo(2);
        packets.lift("b");
        assertThat(packets.lift("b")).isEmpty();
    }

    @Test
    void liftingADelayUnderTrafficLosesAndReordersNothing() throws Exception {
        packets.impose("a", THERE, List.of(delay(60_000)));
        var sender = CompletableFuture.runAsync(() -> {
            try {
                for (var i = 0; i < 4_000; i += 10) {
                    send(0, 1, i, 10);
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        await().until(() -> packets.counters().get(THERE).queued() > 100);
        packets.impose("a", THERE, List.of(delay(5)));
        await().until(() -> packets.counters("a").get(THERE).queued() > 5 || sender.isDone());
        packets.lift("a");
        assertThat(packets.counters().get(THERE).queued()).isZero();
        for (var i = 0; i < 4_000; i++) {
            assertThat(receive(1)).isEqualTo(i);
        }
        sender.get();
    }

    @Test
    void tcpSurvivesWhatTheRulesDoToIt() throws Exception {
        var content = new byte[1 << 20];
        new SplittableRandom(1).nextBytes(content);
        packets.impose(
                "a",
                THERE,
                List.of(
                        new Impairment.Loss(2, 0),
                        new Impairment.Duplicate(2, 0),
                        new Impairment.Corrupt(2, 0),
                        new Impairment.Delay(Duration.ofMillis(2), Duration.ofMillis(1), 0, 5, 0, 0)));
        try (var server = network.in(1, () -> new ServerSocket(PORT, 1, address(1)));
                var client = network.in(0, () -> new Socket(address(1), PORT));
                var accepted = server.accept()) {
            var received = CompletableFuture.supplyAsync(() -> {
                try {
                    return accepted.getInputStream().readNBytes(content.length);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            client.getOutputStream().write(content);
            await().atMost(Duration.ofSeconds(20)).until(received::isDone);
            assertThat(received.get()).isEqualTo(content);
        }
        var counters = packets.counters("a").get(THERE);
        assertThat(List.of(counters.corrupted(), counters.duplicated(), counters.dropped(Drop.LOSS)))
                .allMatch(count -> count > 0);
        // A FIN that was lost is sent again after 200 ms and more: another test would count it among its packets.
        packets.lift("a");
        for (var node : List.of(0, 1)) {
            await().until(() -> connectionsUnderWay(node), List::isEmpty);
        }
    }

    /** The lines of proc_pid_net(5) of those that may still send something, that is, neither listen nor are in TIME_WAIT. */
    private List<String> connectionsUnderWay(int node) throws IOException {
        return network.in(node, () -> Files.readAllLines(Path.of("/proc/thread-self/net/tcp"))).stream()
                .skip(1)
                .filter(line -> !LISTEN_OR_TIME_WAIT.contains(line.strip().split(" +", -1)[3]))
                .toList();
    }

    @Test
    void aCutNodeIsOffUntilItIsRestored() throws IOException {
        packets.impose("a", THERE, List.of(delay(60_000)));
        send(0, 1, 0, 5);
        await().until(() -> packets.counters().get(THERE).queued() == 5);
        var before = packets.counters();
        packets.cut("n1");
        send(0, 1, 0, 10);
        send(1, 0, 0, 10);
        send(2, 1, 0, 10);
        send(0, 2, 0, 10);
        await().until(() -> cutSince(before, THERE) == 15 && cutSince(before, BACK) == 10);
        await().until(() -> cutSince(before, pair(2, 1)) == 10);
        assertThat(receive(2)).isZero();
        packets.lift("a");
        packets.restore("n1");
        send(0, 1, SENTINEL, 1);
        assertThat(receive(1)).isEqualTo(SENTINEL);
    }

    private long cutSince(java.util.Map<Pair, PairCounters> before, Pair pair) {
        return packets.counters().get(pair).since(before.get(pair)).dropped(Drop.CUT);
    }

    @Test
    void packetsToNobodyAreCounted() throws IOException {
        var mark = packets.mark();
        sockets[0].send(datagram(98, PORT, new byte[10]));
        await().until(() -> packets.health(mark).unknown() == 1);
    }

    @Test
    void namesThatAreNotAttachedAreRefusedWithThoseThatAre() {
        assertThatThrownBy(() -> packets.impose("a", new Pair("n0", "x"), List.of(PARTITION)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("n0->x", "n1", "n2");
        assertThatThrownBy(() -> packets.cut("x")).hasMessageContaining("n2");
        assertThatThrownBy(() -> packets.impose("a", pair(0, 0), List.of(PARTITION)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCaptureHoldsWhatArrivedUpToItsBound(@TempDir Path directory) throws IOException {
        var file = directory.resolve("capture.pcap");
        var record = 16 + packetBytes();
        packets.impose("a", THERE, List.of(PARTITION));
        packets.capture(file, 24 + 3 * record + 1);
        send(0, 1, 0, 5);
        send(0, 2, 0, 5);
        for (var i = 0; i < 5; i++) {
            receive(2);
        }
        await().until(() -> packets.counters("a").get(THERE).dropped(Drop.PARTITION) == 5);
        assertThat(packets.endCapture()).isEqualTo(new PacketSwitch.Captured(3, 24 + 3 * record, 2));
        var content = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(content.capacity()).isEqualTo(24 + 3 * record);
        assertThat(content.getInt(0)).isEqualTo(0xa1b23c4d);
        assertThat(content.getInt(20)).as("link type").isEqualTo(101);
        assertThat(content.getInt(24)).isCloseTo((int) (System.currentTimeMillis() / 1000), within(60));
        assertThat(content.getInt(32)).isEqualTo((int) packetBytes());
        assertThat(content.order(ByteOrder.BIG_ENDIAN).getInt(24 + 16 + 16)).isEqualTo(0x0a4d0003);
    }

    @Test
    void describesOnceHowAllAreAttached() {
        assertThat(packets.describe())
                .startsWith(kind() == Ports.Kind.TUN ? "TUN" : "veth")
                .containsOnlyOnce("MTU 1500");
    }

    private static Impairment delay(long millis) {
        return new Impairment.Delay(Duration.ofMillis(millis), Duration.ZERO, 0, 0, 0, 0);
    }

    private static long packetBytes() {
        return 292;
    }

    /** Sends so many packets, numbered from there, with 292 bytes of IP. */
    private void send(int from, int to, int first, int count) throws IOException {
        for (var i = 0; i < count; i++) {
            sockets[from].send(datagram(
                    to,
                    PORT,
                    ByteBuffer.allocate((int) packetBytes() - 28)
                            .putInt(first + i)
                            .array()));
        }
    }

    private int receive(int node) throws IOException {
        var packet = new DatagramPacket(new byte[2_000], 2_000);
        sockets[node].receive(packet);
        return ByteBuffer.wrap(packet.getData()).getInt();
    }

    private long oneWayMillis() throws IOException {
        var start = System.nanoTime();
        send(0, 1, 0, 1);
        receive(1);
        return (System.nanoTime() - start) / 1_000_000;
    }

    /** The numbers of those that arrived, of so many sent in bursts. */
    private List<Integer> exchange(int from, int to, int count) throws IOException {
        var pair = pair(from, to);
        var arrived = new ArrayList<Integer>();
        for (var first = 0; first < count; first += BURST) {
            var before = packets.counters().get(pair);
            send(from, to, first, BURST);
            await().pollInterval(Duration.ofMillis(1))
                    .until(() -> seen(packets.counters().get(pair).since(before)) == BURST);
            for (var passed = packets.counters().get(pair).since(before).passed(); passed > 0; passed--) {
                arrived.add(receive(to));
            }
        }
        return arrived;
    }

    private static long seen(PairCounters counters) {
        return counters.passed() - counters.duplicated() + counters.droppedInAll();
    }

    private long checksumErrors(int node) throws IOException {
        var lines = network.in(node, () -> Files.readAllLines(Path.of("/proc/thread-self/net/snmp"))).stream()
                .filter(line -> line.startsWith("Udp:"))
                .map(line -> List.of(line.split(" ", -1)))
                .toList();
        return Long.parseLong(lines.get(1).get(lines.get(0).indexOf("InCsumErrors")));
    }
}
