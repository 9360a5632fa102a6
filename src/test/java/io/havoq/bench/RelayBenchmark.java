package io.havoq.bench;

import io.havoq.fault.local.relay.Relay;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Measures what the relay costs: the round trip of 256 B that are sent back, direct and through the relay, alone and beside a
 * thousand idle connections, and the throughput of one connection. Prints medians; see docs/benchmarks.md.
 *
 * <p>Arguments: runs (5), round trips for each run (20000).
 */
public final class RelayBenchmark {
    private static final int PAYLOAD_BYTES = 256;
    private static final int IDLE = 1_000;
    private static final int BULK_BYTES = 256 << 20;
    private static final InetAddress LOCAL = InetAddress.getLoopbackAddress();

    private RelayBenchmark() {}

    private record Trips(double p50Micros, double p99Micros) {}

    public static void main(String[] arguments) throws IOException {
        var runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        var trips = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20_000;
        try (var server = new ServerSocket(0, 100, LOCAL);
                var relay = new Relay("benchmark")) {
            var accepting = new Thread(() -> accept(server), "accepting");
            accepting.setDaemon(true);
            accepting.start();
            var target = new InetSocketAddress(LOCAL, server.getLocalPort());
            var port = relay.listen("node", () -> SocketChannel.open(StandardProtocolFamily.INET), target);
            trips(target.getPort(), trips); // warm-up
            trips(port, trips);
            var direct = new ArrayList<Trips>();
            var relayed = new ArrayList<Trips>();
            var crowded = new ArrayList<Trips>();
            var bulk = new ArrayList<Double>();
            for (var i = 0; i < runs; i++) {
                direct.add(trips(target.getPort(), trips));
                relayed.add(trips(port, trips));
                bulk.add(bulk(port));
            }
            var idle = new ArrayList<SocketChannel>();
            for (var i = 0; i < IDLE; i++) {
                idle.add(SocketChannel.open(new InetSocketAddress(LOCAL, port)));
            }
            for (var i = 0; i < runs; i++) {
                crowded.add(trips(port, trips));
            }
            for (var connection : idle) {
                connection.close();
            }
            System.out.printf(
                    Locale.ROOT,
                    "median of %d runs of %d round trips of %d B, p50 / p99:%n"
                            + "  direct                              %6.1f / %6.1f us%n"
                            + "  through the relay                   %6.1f / %6.1f us%n"
                            + "  beside %d idle connections        %6.1f / %6.1f us%n"
                            + "one connection through the relay      %6.0f MB/s%n",
                    runs,
                    trips,
                    PAYLOAD_BYTES,
                    median(direct, Trips::p50Micros),
                    median(direct, Trips::p99Micros),
                    median(relayed, Trips::p50Micros),
                    median(relayed, Trips::p99Micros),
                    IDLE,
                    median(crowded, Trips::p50Micros),
                    median(crowded, Trips::p99Micros),
                    median(bulk, value -> value));
        }
    }

    private static Trips trips(int port, int count) throws IOException {
        try (var socket = new Socket(LOCAL, port)) {
            socket.setTcpNoDelay(true);
            var out = socket.getOutputStream();
            var in = socket.getInputStream();
            var payload = new byte[PAYLOAD_BYTES];
            var nanos = new long[count];
            for (var i = 0; i < count; i++) {
                var start = System.nanoTime();
                out.write(payload);
                if (in.readNBytes(PAYLOAD_BYTES).length != PAYLOAD_BYTES) {
                    throw new IOException("the connection ended after " + i + " round trips");
                }
                nanos[i] = System.nanoTime() - start;
            }
            Arrays.sort(nanos);
            return new Trips(nanos[count / 2] / 1e3, nanos[(int) (count * 0.99)] / 1e3);
        }
    }

    /** MB/s there; what is sent back is read meanwhile. */
    private static double bulk(int port) throws IOException {
        try (var socket = new Socket(LOCAL, port)) {
            var start = System.nanoTime();
            var sending = new Thread(
                    () -> {
                        try {
                            var chunk = new byte[1 << 16];
                            for (var sent = 0; sent < BULK_BYTES; sent += chunk.length) {
                                socket.getOutputStream().write(chunk);
                            }
                        } catch (IOException e) {
                            System.err.println("sending: " + e);
                        }
                    },
                    "sending");
            sending.start();
            var buffer = new byte[1 << 16];
            var received = 0L;
            while (received < BULK_BYTES) {
                var length = socket.getInputStream().read(buffer);
                if (length < 0) {
                    throw new IOException("the connection ended after " + received + " bytes");
                }
                received += length;
            }
            return received / 1e6 / ((System.nanoTime() - start) / 1e9);
        }
    }

    private static void accept(ServerSocket server) {
        try {
            while (true) {
                var socket = server.accept();
                socket.setTcpNoDelay(true);
                var echoing = new Thread(null, () -> echo(socket), "echoing", 1 << 17);
                echoing.setDaemon(true);
                echoing.start();
            }
        } catch (IOException e) {
            // closed: the end of the benchmark
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            var in = socket.getInputStream();
            var buffer = new byte[1 << 16];
            for (var length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                socket.getOutputStream().write(buffer, 0, length);
            }
        } catch (IOException e) {
            // the connection's end
        }
    }

    private static <T> double median(List<T> runs, ToDoubleFunction<T> figure) {
        var sorted = runs.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
