package io.havoq.bench;

import io.havoq.fault.local.network.Impairment;
import io.havoq.fault.local.network.PairCounters.Drop;
import io.havoq.fault.local.network.Ports;
import io.havoq.fault.local.network.TestNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures the packet switch between real namespaces: what it adds to a round trip, and how exact its delay, loss and rate
 * are. Prints medians over the runs; see docs/benchmarks.md. Needs root, or
 * {@code unshare --user --map-root-user} before the command:
 *
 * <pre>
 * ./mvnw -q test-compile dependency:build-classpath -Dmdep.outputFile=target/class-path.txt
 * java -cp "target/classes:target/test-classes:$(cat target/class-path.txt)" io.havoq.bench.SwitchBenchmark
 * </pre>
 *
 * <p>Arguments: runs (5), TUN or VETH (what works).
 */
public final class SwitchBenchmark {
    private static final int PORT = 7000;
    private static final int ROUND_TRIPS = 4_000;
    private static final int DELAYED = 400;
    private static final int LOSSY = 20_000;
    private static final int SHAPED_BYTES = 1_000;
    private static final int HEADERS = 28;
    private static final double MEGABIT = 125_000;
    private static final long TRANSFER = 64L << 20;

    private final TestNetwork network;
    private final Map<String, List<Double>> figures = new TreeMap<>();

    private SwitchBenchmark(TestNetwork network) {
        this.network = network;
    }

    public static void main(String[] arguments) throws Exception {
        var runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        var kinds = arguments.length > 1 ? new Ports.Kind[] {Ports.Kind.valueOf(arguments[1])} : new Ports.Kind[0];
        try (var network = new TestNetwork(1, 2, kinds)) {
            System.out.println(network.packets().describe());
            new SwitchBenchmark(network).measureRoundTrips(); // warm-up
            var benchmark = new SwitchBenchmark(network);
            for (var run = 0; run < runs; run++) {
                benchmark.measureRoundTrips();
                benchmark.measureDelay();
                benchmark.measureLoss(run);
                benchmark.measureRate();
                benchmark.measureThroughput();
            }
            benchmark.print(runs);
        }
        System.exit(0);
    }

    private void print(int runs) {
        System.out.printf(Locale.ROOT, "%-52s %10s %10s %10s%n", "of " + runs + " runs", "median", "least", "most");
        figures.forEach((name, values) -> {
            var sorted =
                    values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            System.out.printf(
                    Locale.ROOT,
                    "%-52s %10.3f %10.3f %10.3f%n",
                    name,
                    sorted[sorted.length / 2],
                    sorted[0],
                    sorted[sorted.length - 1]);
        });
    }

    private void add(String name, double value) {
        figures.computeIfAbsent(name, any -> new ArrayList<>()).add(value);
    }

    /** Over loopback and over the switch in turns, so that both meet the same machine. */
    private void measureRoundTrips() throws Exception {
        var loopback = new ArrayList<Long>();
        var switched = new ArrayList<Long>();
        List<CompletableFuture<Void>> echoes;
        try (var near = open(0, PORT + 1);
                var far = open(1, PORT);
                var client = open(0, PORT)) {
            echoes = List.of(echo(near), echo(far));
            for (var block = 0; block < 10; block++) {
                pingPong(client, new InetSocketAddress(TestNetwork.address(0), PORT + 1), loopback);
                pingPong(client, new InetSocketAddress(TestNetwork.address(1), PORT), switched);
            }
        }
        for (var echo : echoes) {
            echo.join();
        }
        add("1 round trip over loopback, p50, us", quantile(loopback, 0.5) / 1e3);
        add("1 round trip over the switch, p50, us", quantile(switched, 0.5) / 1e3);
        add("1 round trip over the switch, p99, us", quantile(switched, 0.99) / 1e3);
        add(
                "1 round trip ADDED by the switch, p50, us (<= 60)",
                (quantile(switched, 0.5) - quantile(loopback, 0.5)) / 1e3);
    }

    private static void pingPong(DatagramChannel client, SocketAddress to, List<Long> nanos) throws IOException {
        var packet = ByteBuffer.allocateDirect(64);
        for (var i = 0; i < ROUND_TRIPS / 10; i++) {
            var start = System.nanoTime();
            packet.clear();
            client.send(packet, to);
            packet.clear();
            client.receive(packet);
            nanos.add(System.nanoTime() - start);
        }
    }

    private static CompletableFuture<Void> echo(DatagramChannel channel) {
        return onThread("echo", () -> {
            var packet = ByteBuffer.allocateDirect(2_048);
            try {
                while (true) {
                    packet.clear();
                    var from = channel.receive(packet);
                    packet.flip();
                    channel.send(packet, from);
                }
            } catch (AsynchronousCloseException e) {
                // the measurement is over
            }
        });
    }

    /** One way, by the one clock that both ends share. */
    private void measureDelay() throws Exception {
        var mark = network.packets().mark();
        var delay = new Impairment.Delay(Duration.ofMillis(100), Duration.ZERO, 0, 0, 0, 0);
        network.packets().impose("delay", TestNetwork.pair(0, 1), List.of(delay));
        var off = new ArrayList<Long>();
        try (var from = open(0, PORT);
                var to = open(1, PORT)) {
            var receiver = onThread("receiver", () -> {
                var packet = ByteBuffer.allocateDirect(2_048);
                for (var i = 0; i < DELAYED; i++) {
                    packet.clear();
                    to.receive(packet);
                    off.add(System.nanoTime() - packet.getLong(0) - 100_000_000);
                }
            });
            var start = System.nanoTime();
            var packet = ByteBuffer.allocateDirect(200);
            for (var i = 0; i < DELAYED; i++) {
                awaitNanos(start + i * 5_000_000L);
                packet.clear();
                packet.putLong(0, System.nanoTime());
                from.send(packet, new InetSocketAddress(TestNetwork.address(1), PORT));
            }
            receiver.join();
        }
        network.packets().lift("delay");
        var lateness = network.packets().health(mark).lateness();
        add("2 delay of 100 ms, p50 off by, ms (<= 1)", quantile(off, 0.5) / 1e6);
        add("2 delay of 100 ms, p99 off by, ms (<= 5)", quantile(off, 0.99) / 1e6);
        add("2 the switch's own lateness, p50, ms", lateness.p50() / 1e6);
        add("2 the switch's own lateness, p99, ms", lateness.p99() / 1e6);
    }

    private void measureLoss(int run) throws Exception {
        var pair = TestNetwork.pair(0, 1);
        var rule = "loss-" + run; // a name of its own has random numbers of its own
        network.packets().impose(rule, pair, List.of(new Impairment.Loss(20, 25)));
        var arrived = new BitSet(LOSSY);
        try (var from = open(0, PORT);
                var to = open(1, PORT)) {
            to.configureBlocking(false);
            var packet = ByteBuffer.allocateDirect(200);
            for (var i = 0; i < LOSSY; i++) {
                packet.clear();
                packet.putInt(0, i);
                from.send(packet, new InetSocketAddress(TestNetwork.address(1), PORT));
                if (i % 500 == 499 || i == LOSSY - 1) {
                    var counters = network.packets().counters(rule).get(pair);
                    while (counters.passed() + counters.dropped(Drop.LOSS) <= i) {
                        LockSupport.parkNanos(100_000);
                        counters = network.packets().counters(rule).get(pair);
                    }
                    packet.clear();
                    while (to.receive(packet) != null) {
                        arrived.set(packet.getInt(0));
                        packet.clear();
                    }
                }
            }
        }
        network.packets().lift(rule);
        var lost = LOSSY - arrived.cardinality();
        var again = 0;
        for (var i = arrived.nextClearBit(0); i < LOSSY - 1; i = arrived.nextClearBit(i + 1)) {
            again += arrived.get(i + 1) ? 0 : 1;
        }
        add("3 loss of 20 %, correlation 25 %: lost, % (19..21)", 100.0 * lost / LOSSY);
        add("3 ... lost after a loss, % (40 in theory)", 100.0 * again / lost);
    }

    private void measureRate() throws Exception {
        var pair = TestNetwork.pair(0, 1);
        network.packets().impose("rate", pair, List.of(new Impairment.Shape(MEGABIT, 10_000_000, 2_000)));
        var count = 320;
        double rate;
        try (var from = open(0, PORT);
                var to = open(1, PORT)) {
            var packet = ByteBuffer.allocateDirect(SHAPED_BYTES - HEADERS);
            for (var i = 0; i < count; i++) {
                packet.clear();
                from.send(packet, new InetSocketAddress(TestNetwork.address(1), PORT));
            }
            // The first two are in the bucket from the start; from the third on it is the rate.
            for (var i = 0; i < 3; i++) {
                packet.clear();
                to.receive(packet);
            }
            var start = System.nanoTime();
            for (var i = 3; i < count; i++) {
                packet.clear();
                to.receive(packet);
            }
            rate = (count - 3) * SHAPED_BYTES / ((System.nanoTime() - start) / 1e9);
        }
        network.packets().lift("rate");
        add("4 rate of 1 Mbit/s, got (0.97..1.03)", rate / MEGABIT);
    }

    private void measureThroughput() throws Exception {
        try (var server = network.in(1, () -> new ServerSocket(PORT, 1, TestNetwork.address(1)));
                var client = network.in(0, () -> new Socket(TestNetwork.address(1), PORT));
                var accepted = server.accept()) {
            var sender = onThread("sender", () -> {
                var content = new byte[1 << 16];
                for (long sent = 0; sent < TRANSFER; sent += content.length) {
                    client.getOutputStream().write(content);
                }
            });
            var content = new byte[1 << 16];
            var start = System.nanoTime();
            for (long left = TRANSFER; left > 0; ) {
                left -= accepted.getInputStream().read(content);
            }
            add("5 TCP through the switch, MB/s", TRANSFER / 1e6 / ((System.nanoTime() - start) / 1e9));
            sender.join();
        }
    }

    private DatagramChannel open(int node, int port) throws IOException {
        return network.in(node, () -> {
            var channel = DatagramChannel.open();
            channel.setOption(java.net.StandardSocketOptions.SO_RCVBUF, 4 << 20);
            channel.bind(new InetSocketAddress(TestNetwork.address(node), port));
            return channel;
        });
    }

    private interface Work {
        void run() throws IOException;
    }

    private static CompletableFuture<Void> onThread(String name, Work work) {
        var done = new CompletableFuture<Void>();
        var thread = new Thread(
                () -> {
                    try {
                        work.run();
                        done.complete(null);
                    } catch (IOException e) {
                        done.completeExceptionally(new UncheckedIOException(e));
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private static void awaitNanos(long until) {
        for (var left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static double quantile(List<Long> values, double quantile) {
        var sorted = values.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, Math.round(quantile * (sorted.length - 1)))];
    }
}
