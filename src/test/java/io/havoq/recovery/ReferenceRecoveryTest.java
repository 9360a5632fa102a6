package io.havoq.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.settings.Settings;
import io.havoq.time.RunClock;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The recovery times of three real broker processes, one of them killed, against an independent client's account. */
@Tag("smoke")
@Timeout(180)
class ReferenceRecoveryTest {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final Optional<Credentials> LOGIN = Optional.of(new Credentials("test", "test"));

    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }

    @Test
    void agreeWithAnIndependentClientsAccount() throws Exception {
        ports.addAll(freePorts(9));
        var endpoints = new ArrayList<MqttEndpoint>();
        for (var node = 0; node < 3; node++) {
            processes.add(launch(node));
            endpoints.add(new MqttEndpoint("n" + node, "127.0.0.1", ports.get(node)));
        }
        // The machine also starts three JVMs: what is only slow shall not look like an outage here.
        var settings = Settings.fromSystemProperties()
                .with(RecoverySettings.SERVICE_GAP, "1500ms")
                .with(RecoverySettings.PATH_GAP, "3s");
        var scope = new ProbeScope("it", "recovery");
        try (var service = new OutageProbe(scope, endpoints, LOGIN, settings);
                var paths = new PathProbe(scope, endpoints, LOGIN, settings)) {
            service.start();
            paths.start();
            assertThat(service.awaitEveryEndpoint(BOUND)).isTrue();
            assertThat(paths.awaitEveryPath(BOUND)).isTrue();

            processes.get(2).destroyForcibly().onExit().join();
            var killed = RunClock.now();
            var independent = firstAcknowledgedPublish(ports.get(0));
            processes.set(2, launch(2));
            await("n2 listens").atMost(BOUND).until(() -> listens(ports.get(2)));
            var listening = RunClock.now();
            paths.membersBackAt(listening);

            var cluster = paths.awaitClusterRto(killed, BOUND).orElseThrow();
            var rto = service.awaitServiceRto(killed, BOUND).orElseThrow();
            // Both clients saw the same outage: neither is served long before or after the other.
            assertThat(rto).isCloseTo(RunClock.between(killed, independent), Duration.ofSeconds(2));
            assertThat(cluster).isBetween(RunClock.between(killed, listening), BOUND);
            assertThat(rto).isLessThanOrEqualTo(cluster);
        }
    }

    private Process launch(int node) throws IOException {
        var peers = "n0@127.0.0.1:" + ports.get(3) + ",n1@127.0.0.1:" + ports.get(4) + ",n2@127.0.0.1:" + ports.get(5);
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-Djava.net.preferIPv4Stack=true",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "io.havoq.broker.reference.ReferenceBroker",
                        "--node=n" + node,
                        "--mqtt=127.0.0.1:" + ports.get(node),
                        "--raft=127.0.0.1:" + ports.get(3 + node),
                        "--http=127.0.0.1:" + ports.get(6 + node),
                        "--peers=" + peers,
                        "--data=" + directory.resolve("n" + node),
                        "--username=test",
                        "--password=test")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(directory.toFile(), "n" + node + ".log")))
                .start();
    }

    /** A blocking 3.1.1 client of the library's own making, without anything of the probes. */
    private static long firstAcknowledgedPublish(int port) {
        var client = MqttClient.builder()
                .useMqttVersion3()
                .serverAddress(new MqttEndpoint("n0", "127.0.0.1", port).address())
                .buildBlocking();
        client.connectWith()
                .simpleAuth()
                .username("test")
                .password("test".getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .send();
        try {
            client.publishWith().topic("independent").qos(MqttQos.AT_LEAST_ONCE).send();
            return RunClock.now();
        } finally {
            client.disconnect();
        }
    }

    private static boolean listens(int port) {
        try (var socket = new Socket()) {
            socket.connect(new MqttEndpoint("n2", "127.0.0.1", port).address(), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
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
}
