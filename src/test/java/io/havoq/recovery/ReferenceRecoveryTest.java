package io.havoq.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.havoq.broker.ReferencePreset;
import io.havoq.broker.reference.RunningCluster;
import io.havoq.environment.MqttEndpoint;
import io.havoq.settings.Settings;
import io.havoq.time.RunClock;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The recovery times of three real broker processes, one of them killed, against an independent client's account. */
@Tag("smoke")
@Timeout(180)
class ReferenceRecoveryTest {
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    @Tag("exhaustive")
    void agreeWithAnIndependentClientsAccount() throws Exception {
        // The machine also starts three JVMs: what is only slow shall not look like an outage here.
        var settings = Settings.fromSystemProperties()
                .with(RecoverySettings.SERVICE_GAP, "1500ms")
                .with(RecoverySettings.PATH_GAP, "3s");
        var scope = new ProbeScope("it", "recovery");
        try (var cluster = new RunningCluster(new ReferencePreset(settings), directory, 3);
                var service = new OutageProbe(scope, cluster.endpoints(), cluster.credentials(), settings);
                var paths = new PathProbe(scope, cluster.endpoints(), cluster.credentials(), settings)) {
            cluster.startAll();
            service.start();
            paths.start();
            assertThat(service.awaitEveryEndpoint(BOUND)).isTrue();
            assertThat(paths.awaitEveryPath(BOUND)).isTrue();

            cluster.kill(2);
            var killed = RunClock.now();
            var independent = firstAcknowledgedPublish(cluster);
            cluster.start(2);
            await("n2 listens")
                    .atMost(BOUND)
                    .until(() -> listens(cluster.endpoints().get(2)));
            var listening = RunClock.now();
            paths.membersBackAt(listening);

            var clusterRto = paths.awaitClusterRto(killed, BOUND).orElseThrow();
            var rto = service.awaitServiceRto(killed, BOUND).orElseThrow();
            // Both clients saw the same outage: neither is served long before or after the other.
            assertThat(rto).isCloseTo(RunClock.between(killed, independent), Duration.ofSeconds(2));
            assertThat(clusterRto).isBetween(RunClock.between(killed, listening), BOUND);
            assertThat(rto).isLessThanOrEqualTo(clusterRto);
        }
    }

    /** A blocking 3.1.1 client of the library's own making, without anything of the probes. */
    private static long firstAcknowledgedPublish(RunningCluster cluster) {
        var login = cluster.credentials().orElseThrow();
        var client = MqttClient.builder()
                .useMqttVersion3()
                .serverAddress(cluster.endpoints().get(0).address())
                .buildBlocking();
        client.connectWith()
                .simpleAuth()
                .username(login.username())
                .password(login.password().getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .send();
        try {
            client.publishWith().topic("independent").qos(MqttQos.AT_LEAST_ONCE).send();
            return RunClock.now();
        } finally {
            client.disconnect();
        }
    }

    private static boolean listens(MqttEndpoint endpoint) {
        try (var socket = new Socket()) {
            socket.connect(endpoint.address(), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
