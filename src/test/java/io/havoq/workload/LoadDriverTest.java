package io.havoq.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.Invariant;
import io.havoq.environment.MqttEndpoint;
import io.havoq.ledger.Ledger;
import io.havoq.mqtt.SmallBroker;
import io.havoq.settings.Settings;
import io.havoq.time.RunClock;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LoadDriverTest {
    private static final WorkloadPlan PLAN = plan("3s");

    private static WorkloadPlan plan(String connectTimeout) {
        return WorkloadPlan.from(
                Settings.fromSystemProperties()
                        .with(WorkloadSettings.PUBLISHERS, "12")
                        .with(WorkloadSettings.SUBSCRIBERS, "6")
                        .with(WorkloadSettings.TOPICS, "3")
                        .with(WorkloadSettings.RATE, "500")
                        .with(WorkloadSettings.CONNECT_TIMEOUT, connectTimeout)
                        .with(WorkloadSettings.CLOSE_TIMEOUT, "1s"),
                "havoq/test/load",
                "havoq-test",
                42);
    }

    private final Ledger ledger = new Ledger(7, PLAN.payloadBytes());
    private final List<SmallBroker> brokers = new ArrayList<>();
    private Optional<LoadDriver> driver = Optional.empty();

    @AfterEach
    void close() {
        driver.ifPresent(LoadDriver::close);
        brokers.forEach(SmallBroker::die);
    }

    private SmallBroker broker(int grant) {
        var broker = new SmallBroker(grant);
        brokers.add(broker);
        return broker;
    }

    private LoadDriver driver(MqttEndpoint... endpoints) {
        return driver(PLAN, endpoints);
    }

    private LoadDriver driver(WorkloadPlan plan, MqttEndpoint... endpoints) {
        var created = new LoadDriver(plan, List.of(endpoints), Optional.empty(), ledger);
        driver = Optional.of(created);
        return created;
    }

    private void awaitAcknowledged(long count) {
        await().until(() -> driver.orElseThrow().progress().acknowledgedAboveQos0() >= count);
    }

    @Test
    void everythingThatIsAcknowledgedArrivesAndIsJudgedRight() throws Exception {
        var broker = broker(2);
        var load = driver(broker.endpoint("n0"));
        load.start();
        awaitAcknowledged(100);

        var drained = load.drain(Duration.ofSeconds(5));

        assertThat(drained.settled()).isTrue();
        var judgement = ledger.judge();
        assertThat(judgement.violations()).isEmpty();
        assertThat(judgement.byQos().get(2).delivered())
                .isEqualTo(2 * judgement.byQos().get(2).sent())
                .isPositive();
        assertThat(load.pacing().sent()).isEqualTo(load.progress().sent());
        assertThat(load.warnings()).isEmpty();
    }

    @Test
    void aBrokerThatDropsDeliveriesIsFoundOut() throws Exception {
        var broker = broker(2);
        var load = driver(broker.endpoint("n0"));
        load.start();
        broker.dropEvery(10);
        awaitAcknowledged(200);

        var drained = load.drain(Duration.ofMillis(500));

        assertThat(drained.settled()).isFalse();
        assertThat(drained.missing()).isPositive();
        assertThat(ledger.judge().violations())
                .extracting(violation -> violation.invariant())
                .contains(Invariant.QOS1_LOSS);
    }

    @Test
    void aBurstSendsAsMuchAsIsAnsweredAndIsInTheLedgerButNotInItsRates() throws Exception {
        var broker = broker(2);
        var load = new LoadDriver(PLAN, List.of(broker.endpoint("n0")), Optional.empty(), ledger, 4);
        driver = Optional.of(load);
        load.start();
        awaitAcknowledged(20);
        assertThat(load.connectedTo("n0")).isEqualTo(18);
        var from = RunClock.now();

        var burst = load.burst(Duration.ofMillis(500));

        var until = RunClock.now();
        assertThat(burst.acknowledged()).isGreaterThan(500);
        assertThat(burst.lasted()).isBetween(Duration.ofMillis(500), Duration.ofSeconds(5));
        assertThat(burst.perSecond())
                .isEqualTo(burst.acknowledged() * 1e9 / burst.lasted().toNanos());
        assertThat(burst.latencyMillis())
                .hasValueSatisfying(
                        latency -> assertThat(latency.p50()).isPositive().isLessThanOrEqualTo(latency.p99()));
        assertThat(ledger.acknowledgedBetween(from, until)).isGreaterThanOrEqualTo(burst.acknowledged());
        assertThat(ledger.deliveries(from + 1_000_000, until - 1_000_000).deliveries())
                .isZero();
        assertThat(load.drain(Duration.ofSeconds(5)).settled()).isTrue();
        assertThat(ledger.judge().violations()).isEmpty();
        assertThatThrownBy(() -> load.burst(Duration.ofMillis(500))).hasMessageContaining("before draining");
    }

    @Test
    void whatABrokerDropsOfABurstIsLost() throws Exception {
        var broker = broker(2);
        var load = new LoadDriver(PLAN, List.of(broker.endpoint("n0")), Optional.empty(), ledger, 4);
        driver = Optional.of(load);
        load.start();
        broker.dropEvery(10);
        assertThat(load.burst(Duration.ofMillis(200)).acknowledged()).isPositive();
        load.drain(Duration.ofMillis(100));
        assertThat(ledger.judge().violations())
                .flatExtracting(violation -> violation.first())
                .anyMatch(line -> line.contains("/burst/"));
    }

    @Test
    void aBurstIsNotAnsweredForByASilentBroker() throws Exception {
        var broker = broker(2);
        var load = new LoadDriver(PLAN, List.of(broker.endpoint("n0")), Optional.empty(), ledger, 4);
        driver = Optional.of(load);
        load.start();
        broker.fallSilent();
        var burst = load.burst(Duration.ofMillis(100));
        assertThat(burst.acknowledged()).isZero();
        assertThat(burst.latencyMillis()).isEmpty();
    }

    @Test
    void aBurstNeedsPublishersForIt() {
        var load = driver(broker(2).endpoint("n0"));
        load.start();
        assertThatThrownBy(() -> load.burst(Duration.ofMillis(100))).hasMessageContaining("there are none");
    }

    @Test
    void eachNodeHasItsShareOfTheConnections() {
        var n0 = broker(2);
        var n1 = broker(2);
        var n2 = broker(2);
        var load = driver(n0.endpoint("n0"), n1.endpoint("n1"), n2.endpoint("n2"));

        load.start();

        assertThat(List.of("n0", "n1", "n2").stream().collect(Collectors.toMap(name -> name, load::connectedTo)))
                .isEqualTo(Map.of("n0", 6, "n1", 6, "n2", 6));
    }

    @Test
    void pressingKeepsPublishesOutstandingAtTheChosenNodeAndALostNodeShowsWhatItInterrupted() throws Exception {
        var n0 = broker(2);
        var n1 = broker(2);
        var load = driver(n0.endpoint("n0"), n1.endpoint("n1"));
        load.start();
        n1.fallSilent();
        var from = RunClock.now();
        try (var press = load.pressOn(List.of("n1"))) {
            assertThat(press).isNotNull();
            await().until(() -> load.outstandingAt("n1") >= 6);
        }
        var before = load.snapshotAt(List.of("n1"));
        assertThat(before.connectedClients()).isEqualTo(9);

        load.stopPublishing();
        n1.die();

        await().until(() -> load.connectedTo("n0") == 18);
        var lost = load.cutAt(List.of("n1"), from, from);
        assertThat(lost.connectedClients()).isEqualTo(9);
        assertThat(lost.outstandingPublishes()).isGreaterThanOrEqualTo(6);
        var reconnects = load.reconnects(from);
        assertThat(reconnects.reconnects()).isEqualTo(9);
        assertThat(reconnects.disconnected()).isZero();
        assertThat(reconnects.max()).isGreaterThanOrEqualTo(reconnects.median());
        // What n1 had acknowledged and not delivered went down with it: the load does not settle, but all is answered.
        await().until(() -> ledger.outstanding() == 0);
        assertThat(load.drain(Duration.ofMillis(100)).outstanding()).isZero();
    }

    @Test
    void aClientThatIsNotToldThatItsConnectionIsCutCountsAmongThoseThatTheFaultMet() throws Exception {
        var n0 = broker(2);
        var n1 = broker(2);
        var load = driver(n0.endpoint("n0"), n1.endpoint("n1"));
        load.start();
        n1.fallSilent();
        try (var press = load.pressOn(List.of("n1"))) {
            assertThat(press).isNotNull();
            await().until(() -> load.outstandingAt("n1") >= 6);
        }
        load.stopPublishing();
        var begin = new AtomicLong();
        await("what was under way when it fell silent has arrived").until(() -> {
            begin.set(RunClock.now());
            return load.cutAt(List.of("n1"), begin.get(), begin.get()).connectedClients() > 0;
        });
        var from = begin.get();

        var untold = load.cutAt(List.of("n1"), from, from);
        assertThat(untold.connectedClients()).isEqualTo(9);
        assertThat(untold.outstandingPublishes()).isGreaterThanOrEqualTo(6);

        // Who comes anew afterwards was not met.
        n1.die();
        await().until(() -> load.connectedTo("n0") == 18);
        assertThat(load.cutAt(List.of("n1"), from, from).connectedClients()).isEqualTo(9);
        assertThat(load.cutAt(List.of("n0"), from, from).connectedClients()).isEqualTo(9);
        assertThat(load.cutAt(List.of("n1"), RunClock.now(), from)).isEqualTo(new NodeLoad(0, 0));
    }

    @Test
    void aNodeThatAnswersOnConnectionsFromBeforeHasCutNone() throws Exception {
        var load = driver(broker(2).endpoint("n0"));
        load.start();
        var since = RunClock.now();
        var before = load.progress().acknowledgedAboveQos0();
        try (var press = load.pressOn(List.of("n0"))) {
            assertThat(press).isNotNull();
            await().until(() -> load.progress().acknowledgedAboveQos0() >= before + 100);

            assertThat(load.cutAt(List.of("n0"), since, since)).isEqualTo(new NodeLoad(0, 0));
        }
    }

    @Test
    void aLowerGrantIsReported() {
        var broker = broker(0);
        var load = driver(broker.endpoint("n0"));

        load.start();

        assertThat(load.warnings()).containsExactly("6 of 6 subscriptions were granted less than the QoS 2 asked for");
    }

    @Test
    void anUnreachableBrokerIsNamedWithTheReasonAndLeavesNothingBehind() throws Exception {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        var load = driver(plan("1s"), new MqttEndpoint("n0", "127.0.0.1", port));

        assertThatThrownBy(load::start)
                .isInstanceOf(WorkloadException.class)
                .hasMessageContaining("only 0 of 6 subscribers connected and subscribed within 1 s")
                .hasMessageContaining("n0 (127.0.0.1:" + port + "): ")
                .hasMessageContaining("Connection refused");

        load.close();
        assertThat(load.remainingSessions()).isEmpty();
        await("threads end")
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("havoq-mqtt-")));
    }

    @Test
    void closingEndsEverySession() {
        var broker = broker(2);
        var load = driver(broker.endpoint("n0"));
        load.start();
        awaitAcknowledged(10);

        load.close();
        load.close();

        assertThat(load.remainingSessions()).isEmpty();
        assertThat(broker.disconnects()).isEqualTo(18);
    }

    @Test
    void sessionsThatNoNodeCouldRemoveAreListed() {
        var broker = broker(2);
        var load = driver(broker.endpoint("n0"));
        load.start();
        broker.die();
        await().until(() -> load.connectedTo("n0") == 0);

        load.close();

        assertThat(load.remainingSessions()).hasSize(18).contains("havoq-test-s0", "havoq-test-p11");
    }
}
