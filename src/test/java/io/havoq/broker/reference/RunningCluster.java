package io.havoq.broker.reference;

import static org.awaitility.Awaitility.await;

import io.havoq.broker.NodeSpec;
import io.havoq.broker.ReferencePreset;
import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Nodes of the reference broker as processes of this test; closing it kills them all. */
public final class RunningCluster implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(45);

    private final ReferencePreset preset;
    private final NodeSpec.Cluster cluster;
    private final Map<Integer, Process> processes = new HashMap<>();

    public RunningCluster(ReferencePreset preset, Path directory, int size) throws IOException {
        this.preset = preset;
        var nodes = new ArrayList<NodeSpec>();
        var ports = freePorts(size * 3);
        for (var i = 0; i < size; i++) {
            var data = Files.createDirectories(directory.resolve("node-" + i));
            nodes.add(new NodeSpec(
                    i,
                    "emqx-go-" + i,
                    "127.0.0.1",
                    Map.of("mqtt", ports.get(3 * i), "cluster", ports.get(3 * i + 1), "metrics", ports.get(3 * i + 2)),
                    data));
        }
        this.cluster = new NodeSpec.Cluster(List.copyOf(nodes));
    }

    private static List<Integer> freePorts(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        try {
            for (var i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }

    public void startAll() throws IOException {
        for (var node : cluster.nodes()) {
            start(node.index());
        }
        awaitReady();
    }

    public void start(int index) throws IOException {
        var node = cluster.nodes().get(index);
        var launch = preset.launch(node, cluster);
        var builder = new ProcessBuilder(launch.command())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        node.dataDirectory().resolve("log").toFile()));
        builder.environment().putAll(launch.environment());
        processes.put(index, builder.start());
    }

    public void awaitReady() {
        await("every node is ready and sees the others")
                .atMost(READY_WITHIN)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> cluster.nodes().stream().allMatch(node -> preset.ready(node, cluster)));
    }

    /** kill -9. */
    public void kill(int index) throws InterruptedException {
        var process = processes.remove(index);
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Everything that a node which does not run has on disk is gone. */
    void wipe(int index) throws IOException {
        try (var files = Files.walk(cluster.nodes().get(index).dataDirectory())) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(cluster.nodes().get(index).dataDirectory())) {
                    Files.delete(file);
                }
            }
        }
    }

    /** The checksum of the last entry in the open segment of a node that does not run becomes zero. */
    void tearTheLogsEnd(int index) throws IOException {
        try (var files = Files.walk(cluster.nodes().get(index).dataDirectory())) {
            var segment = files.filter(file -> file.getFileName().toString().startsWith("log_inprogress"))
                    .findFirst()
                    .orElseThrow();
            var bytes = Files.readAllBytes(segment);
            var end = bytes.length;
            while (bytes[end - 1] == 0) {
                end--;
            }
            Arrays.fill(bytes, end - Integer.BYTES, end, (byte) 0);
            Files.write(segment, bytes);
        }
    }

    public int port(int index) {
        return cluster.nodes().get(index).ports().get("mqtt");
    }

    /** The MQTT listeners, in the order of the nodes. */
    public List<MqttEndpoint> endpoints() {
        return cluster.nodes().stream()
                .map(node ->
                        new MqttEndpoint(node.name(), node.host(), node.ports().get("mqtt")))
                .toList();
    }

    /** What its clients log in with. */
    public Optional<Credentials> credentials() {
        return preset.credentials();
    }

    int size() {
        return cluster.nodes().size();
    }

    int leader() {
        return IntStream.range(0, size())
                .filter(index -> preset.role(cluster.nodes().get(index)) == Role.LEADER)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no node says that it leads"));
    }

    boolean ready(int index) {
        return preset.ready(cluster.nodes().get(index), cluster);
    }

    String log(int index) throws IOException {
        return Files.readString(cluster.nodes().get(index).dataDirectory().resolve("log"));
    }

    @Override
    public void close() {
        processes.values().forEach(Process::destroyForcibly);
        processes.values().forEach(process -> process.onExit().join());
    }
}
