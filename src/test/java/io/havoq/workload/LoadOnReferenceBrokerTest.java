package io.havoq.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.broker.reference.ReferenceBroker;
import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.ledger.Ledger;
import io.havoq.mqtt.FixtureClient;
import io.havoq.mqtt.MqttClients;
import io.havoq.settings.Settings;
import io.havoq.time.RunClock;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The load and the fixture clients against a real broker in a process of its own, which is killed. */
@Timeout(120)
class LoadOnReferenceBrokerTest {
    private static final Duration STARTING = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private final Optional<Credentials> credentials = Optional.of(new Credentials("test", "test"));
    private final List<Process> processes = new ArrayList<>();
    private List<String> command = List.of();
    private MqttEndpoint endpoint = new MqttEndpoint("n0", "127.0.0.1", 1);

    @BeforeEach
    void startBroker() throws IOException {
        var raft = freePort();
        endpoint = new MqttEndpoint("n0", "127.0.0.1", freePort());
        command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                ReferenceBroker.class.getName(),
                "--node=n0",
                "--mqtt=127.0.0.1:" + endpoint.port(),
                "--raft=127.0.0.1:" + raft,
                "--http=127.0.0.1:" + freePort(),
                "--peers=n0@127.0.0.1:" + raft,
                "--data=" + directory.resolve("data"),
                "--username=test",
                "--password=test");
        launch();
    }

    private void launch() throws IOException {
        processes.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start());
    }

    private void killBroker() throws InterruptedException {
        for (var process : processes) {
            process.destroyForcibly();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @AfterEach
    void endBroker() throws InterruptedException {
        killBroker();
    }

    @Test
    void nothingIsLostWhenTheBrokerIsKilledAndStartedAgain() throws Exception {
        var settings = Settings.fromSystemProperties()
                .with(WorkloadSettings.PUBLISHERS, "20")
                .with(WorkloadSettings.SUBSCRIBERS, "20")
                .with(WorkloadSettings.TOPICS, "10");
        var plan = WorkloadPlan.from(settings, "havoq/test/kill", "havoq-test-kill", 42);
        var ledger = new Ledger(RunClock.now(), plan.payloadBytes());
        var load = new LoadDriver(plan, List.of(endpoint), credentials, ledger);
        try (load) {
            load.start();
            await().atMost(STARTING).until(() -> load.progress().acknowledgedAboveQos0() >= 50);

            var killed = RunClock.now();
            try (var press = load.pressOn(List.of("n0"))) {
                assertThat(press).isNotNull();
                await().until(() -> load.outstandingAt("n0") > 0);
                killBroker();
            }
            launch();
            await().atMost(STARTING).until(() -> load.reconnects(killed).reconnects() == 40);
            var again = load.progress().acknowledgedAboveQos0();
            await().atMost(STARTING).until(() -> load.progress().acknowledgedAboveQos0() >= again + 50);

            var drained = load.drain(STARTING);

            assertThat(ledger.judge().violations()).isEmpty();
            assertThat(drained.settled()).isTrue();
            assertThat(load.lostAt(List.of("n0"), killed).connectedClients()).isEqualTo(40);
            assertThat(load.lostAt(List.of("n0"), killed).outstandingPublishes())
                    .isPositive();
            assertThat(load.warnings()).isEmpty();
        }
        assertThat(load.remainingSessions()).isEmpty();
    }

    @Test
    void fixtureClientsPublishReceiveResumeAndLeaveNothingBehind() throws Exception {
        var profile = List.of(endpoint);
        try (var clients = new MqttClients("havoq-test-fixture", profile, credentials)) {
            var subscriber = connectWhenReady(clients);
            assertThat(subscriber.subscribe("fixture/a", 2)).isEqualTo(2);
            var publisher = clients.connect("n0");
            publisher.publish("fixture/a", 1, "one");
            assertThat(subscriber.receive().text()).isEqualTo("one");

            subscriber.disconnect();
            publisher.publish("fixture/a", 2, "two");
            var resumed = clients.resume(subscriber, "n0");
            assertThat(resumed.sessionPresent()).isTrue();
            assertThat(resumed.receive().text()).isEqualTo("two");

            publisher.publish("fixture/bytes", 1, true, new byte[] {1});
            publisher.publishRetained("fixture/kept", 1, "kept");
            assertThat(resumed.subscribe("fixture/kept", 1)).isEqualTo(1);
            assertThat(resumed.receive().toString()).isEqualTo("fixture/kept QoS 1 retained: kept");
            resumed.disconnect();
        }

        try (var clients = new MqttClients("havoq-test-fixture", profile, credentials)) {
            var sameIdentifier = clients.resume(clients.connect());
            assertThat(sameIdentifier.clientId()).isEqualTo("havoq-test-fixture-f1");
            assertThat(sameIdentifier.subscribe("fixture/#", 1)).isEqualTo(1);
            assertThat(sameIdentifier.poll(Duration.ofMillis(300)))
                    .as("the retained message is gone")
                    .isEmpty();
        }
    }

    private static FixtureClient connectWhenReady(MqttClients clients) {
        return await().atMost(STARTING).ignoreExceptions().until(clients::connect, client -> true);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
