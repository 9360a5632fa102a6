package io.havoq.bench;

import io.havoq.broker.BrokerPresets;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.local.LocalEnvironment;
import io.havoq.fault.local.syscall.CallRules;
import io.havoq.journal.JournalSettings;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.ManifestDocument;
import io.havoq.manifest.Manifests;
import io.havoq.settings.Settings;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToDoubleFunction;

/**
 * Measures what it costs a cluster that its nodes' system calls are watched, while no fault is in force: publishes at QoS 1 as many as
 * it takes, and one after the other. Every run has a cluster of its own; those with and those without are paired, in changing order, so
 * that both meet the same machine. Prints medians over the pairs; see docs/benchmarks.md.
 *
 * <p>Arguments: pairs (5), seconds of each measurement (8), manifests (those of the scenarios that need system calls).
 */
public final class WatchBenchmark {
    private static final List<String> SCENARIOS =
            List.of("chaos/07-io-stress.yaml", "chaos/11-syscall-failure.yaml", "chaos/20-kernel-chaos.yaml");

    private static final int CONNECTIONS = 12;
    private static final int OUTSTANDING = 32;
    private static final int PAYLOAD_BYTES = 256;
    private static final long WARM_UP_NANOS = 4_000_000_000L;
    private static final int PUBACK = 4;
    private static final int CONNACK = 2;

    private WatchBenchmark() {}

    /** @param perSecond acknowledged, at saturation */
    private record Figures(
            double perSecond, double p50Millis, double p99Millis, double aloneP50Millis, double aloneP99Millis) {}

    private record Pair(Figures without, Figures with) {
        double ratio(ToDoubleFunction<Figures> figure) {
            return figure.applyAsDouble(with) / figure.applyAsDouble(without);
        }
    }

    public static void main(String[] arguments) throws Exception {
        var count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        var seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 8;
        var manifests = arguments.length > 2 ? Arrays.asList(arguments).subList(2, arguments.length) : SCENARIOS;
        var faults = Manifests.readAll(manifests).stream()
                .<ChaosSpec>map(ManifestDocument::spec)
                .toList();
        var watched = new TreeSet<String>();
        faults.forEach(fault -> watched.addAll(CallRules.watched(fault)));
        System.out.println("watched: " + String.join(", ", watched));
        var pairs = new ArrayList<Pair>();
        for (var i = 0; i < count; i++) {
            // Who is first changes: a machine that gets slower meanwhile favours nobody.
            var first = measure(i % 2 == 0 ? List.of() : faults, seconds);
            var second = measure(i % 2 == 0 ? faults : List.of(), seconds);
            pairs.add(i % 2 == 0 ? new Pair(first, second) : new Pair(second, first));
            System.out.println("pair " + (i + 1) + ": " + pairs.get(i));
        }
        print(pairs);
        System.exit(0);
    }

    private static void print(List<Pair> pairs) {
        System.out.printf(
                Locale.ROOT, "%-44s %10s %10s %8s%n", "medians of " + pairs.size(), "without", "with", "ratio");
        var figures = new TreeMap<String, ToDoubleFunction<Figures>>();
        figures.put("1 publishes at QoS 1 a second, saturated", Figures::perSecond);
        figures.put("2 ... from publish to PUBACK, p50, ms", Figures::p50Millis);
        figures.put("3 ... p99, ms", Figures::p99Millis);
        figures.put("4 one after the other, p50, ms", Figures::aloneP50Millis);
        figures.put("5 ... p99, ms", Figures::aloneP99Millis);
        figures.forEach((name, figure) -> System.out.printf(
                Locale.ROOT,
                "%-44s %10.2f %10.2f %8.3f%n",
                name,
                median(pairs, pair -> figure.applyAsDouble(pair.without())),
                median(pairs, pair -> figure.applyAsDouble(pair.with())),
                median(pairs, pair -> pair.ratio(figure))));
    }

    private static Figures measure(List<ChaosSpec> faults, int seconds) throws Exception {
        var directory = Files.createTempDirectory("havoq-watch");
        var settings = Settings.fromSystemProperties()
                .with(JournalSettings.STATE, directory.resolve("state").toString());
        try (var environment =
                new LocalEnvironment(settings, BrokerPresets.of(settings), directory.resolve("output"), line -> {})) {
            environment.prepare(faults);
            environment.start();
            var endpoints = environment.endpoints();
            var saturated = load(endpoints, CONNECTIONS, OUTSTANDING, WARM_UP_NANOS, seconds);
            var alone = load(endpoints, 1, 1, 0, Math.max(1, seconds / 2));
            return new Figures(
                    (double) saturated.length / seconds,
                    quantile(saturated, 0.5),
                    quantile(saturated, 0.99),
                    quantile(alone, 0.5),
                    quantile(alone, 0.99));
        } finally {
            remove(directory);
        }
    }

    private static void remove(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** The latencies in nanoseconds of all that was acknowledged in the seconds after the warm-up, sorted. */
    private static long[] load(
            List<MqttEndpoint> nodes, int connections, int outstanding, long warmUpNanos, int seconds) {
        var from = System.nanoTime() + warmUpNanos;
        var until = from + seconds * 1_000_000_000L;
        var clients = new ArrayList<CompletableFuture<long[]>>();
        for (var i = 0; i < connections; i++) {
            var node = nodes.get(i % nodes.size());
            var name = "bench-" + i;
            var done = new CompletableFuture<long[]>();
            var thread = new Thread(
                    () -> {
                        try {
                            done.complete(publish(node, name, outstanding, from, until));
                        } catch (IOException | RuntimeException e) {
                            done.completeExceptionally(e);
                        }
                    },
                    name);
            thread.setDaemon(true);
            thread.start();
            clients.add(done);
        }
        var all = clients.stream()
                .map(CompletableFuture::join)
                .flatMapToLong(Arrays::stream)
                .sorted()
                .toArray();
        if (all.length == 0) {
            throw new IllegalStateException("nothing was acknowledged");
        }
        return all;
    }

    /** Keeps so many publishes under way on one connection; returns the latencies of those acknowledged in the time that counts. */
    private static long[] publish(MqttEndpoint node, String name, int outstanding, long from, long until)
            throws IOException {
        var nanos = new long[1 << 12];
        var count = 0;
        try (var socket = new Socket(node.host(), node.port())) {
            socket.setTcpNoDelay(true);
            var out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
            var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            packet(out, 0x10, connect(name));
            out.flush();
            receive(in, CONNACK);
            var sent = new long[outstanding + 1];
            for (var id = 1; id <= outstanding; id++) {
                sent[id] = System.nanoTime();
                packet(out, 0x32, message(name, id));
            }
            for (var now = System.nanoTime(); now < until; ) {
                out.flush();
                var id = receive(in, PUBACK);
                now = System.nanoTime();
                if (now >= from && now < until) {
                    if (count == nanos.length) {
                        nanos = Arrays.copyOf(nanos, 2 * count);
                    }
                    nanos[count++] = now - sent[id];
                }
                sent[id] = now;
                packet(out, 0x32, message(name, id));
            }
        }
        return Arrays.copyOf(nanos, count);
    }

    private static void packet(DataOutputStream out, int first, byte[] rest) throws IOException {
        out.writeByte(first);
        // MQTT 5.0, 1.5.5: seven bits of the length in each byte, the lowest first
        var left = rest.length;
        do {
            out.writeByte(left > 0x7f ? (left & 0x7f) | 0x80 : left);
            left >>= 7;
        } while (left > 0);
        out.write(rest);
    }

    private interface Content {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Content content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        content.write(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    /** CONNECT, MQTT 5.0, 3.1: a clean start, user name and password, no properties. */
    private static byte[] connect(String name) throws IOException {
        return bytes(out -> {
            out.writeUTF("MQTT");
            out.writeByte(5);
            out.writeByte(0xC2);
            out.writeShort(60);
            out.writeByte(0);
            out.writeUTF(name);
            out.writeUTF("test");
            out.writeUTF("test");
        });
    }

    private static byte[] message(String name, int id) throws IOException {
        return bytes(out -> {
            out.writeUTF("bench/" + name);
            out.writeShort(id);
            out.writeByte(0);
            out.write(new byte[PAYLOAD_BYTES]);
        });
    }

    /** Reads up to a packet of this type, and returns its first two bytes: a PUBACK's packet identifier. */
    private static int receive(DataInputStream in, int type) throws IOException {
        while (true) {
            var first = in.readUnsignedByte();
            var rest = length(in);
            var content = in.readNBytes(rest);
            if (first >> 4 == type) {
                if (type == CONNACK && content[1] != 0) {
                    throw new IOException("CONNECT was refused: " + content[1]);
                }
                return ((content[0] & 0xff) << 8) | (content[1] & 0xff);
            }
        }
    }

    private static int length(DataInputStream in) throws IOException {
        var length = 0;
        var shift = 0;
        int next;
        do {
            next = in.readUnsignedByte();
            length |= (next & 0x7f) << shift;
            shift += 7;
        } while (next > 0x7f);
        return length;
    }

    private static double quantile(long[] sorted, double quantile) {
        return sorted[(int) Math.round(quantile * (sorted.length - 1))] / 1e6;
    }

    private static double median(List<Pair> pairs, ToDoubleFunction<Pair> figure) {
        var sorted = pairs.stream().mapToDouble(figure).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
