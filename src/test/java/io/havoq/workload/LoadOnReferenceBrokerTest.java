package io.havoq.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.broker.ReferencePreset;
import io.havoq.broker.reference.RunningCluster;
import io.havoq.ledger.Ledger;
import io.havoq.mqtt.FixtureClient;
import io.havoq.mqtt.MqttClients;
import io.havoq.settings.Settings;
import io.havoq.time.RunClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The load and the fixture clients against a real broker in a process of its own, which is killed. */
@Timeout(120)
class LoadOnReferenceBrokerTest {
    private static final String NODE = "emqx-go-0";
    private static final Duration STARTING = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private RunningCluster broker;

    @BeforeEach
    void startBroker() throws IOException {
        broker = new RunningCluster(new ReferencePreset(Settings.fromSystemProperties()), directory, 1);
        broker.start(0);
    }

    @AfterEach
    void endBroker() {
        broker.close();
    }

    @Test
    void nothingIsLostWhenTheBrokerIsKilledAndStartedAgain() throws Exception {
        var settings = Settings.fromSystemProperties()
                .with(WorkloadSettings.PUBLISHERS, "20")
                .with(WorkloadSettings.SUBSCRIBERS, "20")
                .with(WorkloadSettings.TOPICS, "10");
        var plan = WorkloadPlan.from(settings, "havoq/test/kill", "havoq-test-kill", 42);
        var ledger = new Ledger(RunClock.now(), plan.payloadBytes());
        var load = new LoadDriver(plan, broker.endpoints(), broker.credentials(), ledger);
        try (load) {
            load.start();
            await().atMost(STARTING).until(() -> load.progress().acknowledgedAboveQos0() >= 50);

            var killed = RunClock.now();
            try (var press = load.pressOn(List.of(NODE))) {
                assertThat(press).isNotNull();
                await().until(() -> load.outstandingAt(NODE) > 0);
                broker.kill(0);
            }
            broker.start(0);
            await().atMost(STARTING).until(() -> load.reconnects(killed).reconnects() == 40);
            var again = load.progress().acknowledgedAboveQos0();
            await().atMost(STARTING).until(() -> load.progress().acknowledgedAboveQos0() >= again + 50);

            var drained = load.drain(STARTING);

            assertThat(ledger.judge().violations()).isEmpty();
            assertThat(drained.settled()).isTrue();
            assertThat(load.cutAt(List.of(NODE), killed, killed).connectedClients())
                    .isEqualTo(40);
            assertThat(load.cutAt(List.of(NODE), killed, killed).outstandingPublishes())
                    .isPositive();
            assertThat(load.warnings()).isEmpty();
        }
        assertThat(load.remainingSessions()).isEmpty();
    }

    @Test
    void fixtureClientsPublishReceiveResumeAndLeaveNothingBehind() throws Exception {
        var endpoints = broker.endpoints();
        var credentials = broker.credentials();
        try (var clients = new MqttClients("havoq-test-fixture", endpoints, credentials)) {
            var subscriber = connectWhenReady(clients);
            assertThat(subscriber.subscribe("fixture/a", 2)).isEqualTo(2);
            var publisher = clients.connect(NODE);
            publisher.publish("fixture/a", 1, "one");
            assertThat(subscriber.receive().text()).isEqualTo("one");

            subscriber.disconnect();
            publisher.publish("fixture/a", 2, "two");
            var resumed = clients.resume(subscriber, NODE);
            assertThat(resumed.sessionPresent()).isTrue();
            assertThat(resumed.receive().text()).isEqualTo("two");

            publisher.publish("fixture/bytes", 1, true, new byte[] {1});
            publisher.publishRetained("fixture/kept", 1, "kept");
            assertThat(resumed.subscribe("fixture/kept", 1)).isEqualTo(1);
            assertThat(resumed.receive().toString()).isEqualTo("fixture/kept QoS 1 retained: kept");
            resumed.disconnect();
        }

        try (var clients = new MqttClients("havoq-test-fixture", endpoints, credentials)) {
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
}
