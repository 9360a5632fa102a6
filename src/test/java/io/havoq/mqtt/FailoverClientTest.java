package io.havoq.mqtt;

import static io.havoq.mqtt.ScriptedBroker.answer;
import static io.havoq.mqtt.ScriptedBroker.connAck;
import static io.havoq.mqtt.ScriptedBroker.publish;
import static io.havoq.mqtt.ScriptedBroker.subAck;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.ledger.Outcome;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class FailoverClientTest {
    private final List<String> events = new CopyOnWriteArrayList<>();
    private Optional<FailoverClient> client = Optional.empty();

    private final class Recorder implements ClientObserver {
        @Override
        public void connected(String node, boolean sessionPresent, boolean expired, long nowNanos) {
            events.add("connected session=" + sessionPresent + (expired ? " expired" : ""));
        }

        @Override
        public void disconnected(String node, String cause, long nowNanos) {
            events.add("disconnected");
        }

        @Override
        public void subscribed(String filter, int grantedQos, long nowNanos) {
            events.add("subscribed " + filter + " " + grantedQos);
        }

        @Override
        public void delivered(Mqtt5Publish message, long nowNanos) {
            events.add("delivered " + new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8));
        }
    }

    @AfterEach
    void abandon() {
        client.ifPresent(FailoverClient::abandon);
    }

    private FailoverClient client(MqttEndpoint... endpoints) {
        return client(Duration.ofMinutes(1), endpoints);
    }

    private FailoverClient client(Duration expiry, MqttEndpoint... endpoints) {
        var created = new FailoverClient(
                new ClientProfile(
                        "c1",
                        List.of(endpoints),
                        0,
                        Optional.of(new Credentials("test", "secret")),
                        true,
                        expiry,
                        Duration.ofSeconds(10),
                        100),
                new Recorder());
        client = Optional.of(created);
        return created;
    }

    private static CompletableFuture<PublishOutcome> publishQos(FailoverClient client, int qos) {
        var outcome = new CompletableFuture<PublishOutcome>();
        client.publish("t", qos, false, ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)), outcome::complete);
        return outcome;
    }

    /** Grants everything; what is published is left to the test. */
    private static ScriptedBroker broker(boolean sessionOnReconnect, ScriptedBroker.Script publishes) {
        return new ScriptedBroker((connection, packet, link) -> {
            switch (packet.fixedHeader().messageType()) {
                case CONNECT -> link.send(connAck(connection > 1 && sessionOnReconnect));
                case SUBSCRIBE -> link.send(subAck(packet, 2));
                default -> publishes.on(connection, packet, link);
            }
        });
    }

    @Test
    void aQos2PublishWhoseSessionIsLostBetweenPubrecAndPubcompHasTheOutcomeUnknown() throws Exception {
        try (var broker = broker(false, (connection, packet, link) -> {
            switch (packet.fixedHeader().messageType()) {
                case PUBLISH -> link.send(answer(MqttMessageType.PUBREC, packet));
                case PUBREL -> link.close();
                default -> {}
            }
        })) {
            var client = client(broker.endpoint());
            client.connect().get(5, TimeUnit.SECONDS);

            var outcome = publishQos(client, 2).get(5, TimeUnit.SECONDS);

            assertThat(outcome.outcome()).isEqualTo(Outcome.UNKNOWN);
            assertThat(outcome.reason()).contains("between PUBREC and PUBCOMP");
            assertThat(broker.seen().stream().filter(packet -> packet.endsWith("PUBLISH")))
                    .as("never sent again under another packet id")
                    .hasSize(1);
        }
    }

    @Test
    void aQos2PublishIsAcknowledgedByThePubcompOfAResumedSession() throws Exception {
        try (var broker = broker(true, (connection, packet, link) -> {
            switch (packet.fixedHeader().messageType()) {
                case PUBLISH -> link.send(answer(MqttMessageType.PUBREC, packet));
                case PUBREL -> {
                    if (connection == 1) {
                        link.close();
                    } else {
                        link.send(answer(MqttMessageType.PUBCOMP, packet));
                    }
                }
                default -> {}
            }
        })) {
            var client = client(broker.endpoint());
            client.connect().get(5, TimeUnit.SECONDS);

            var outcome = publishQos(client, 2).get(5, TimeUnit.SECONDS);

            assertThat(outcome.outcome()).isEqualTo(Outcome.ACKNOWLEDGED);
            assertThat(broker.seen()).containsSubsequence("1 PUBLISH", "1 PUBREL", "2 CONNECT", "2 PUBREL");
        }
    }

    @Test
    void aReasonCodeOf0x80OrAboveIsARefusal() throws Exception {
        try (var broker = broker(true, (connection, packet, link) -> {
            if (packet.fixedHeader().messageType() == MqttMessageType.PUBLISH) {
                var id = ((MqttPublishMessage) packet).variableHeader().packetId();
                link.send(new MqttMessage(
                        answer(MqttMessageType.PUBACK, packet).fixedHeader(),
                        new MqttPubReplyMessageVariableHeader(id, (byte) 0x97, MqttProperties.NO_PROPERTIES)));
            }
        })) {
            var client = client(broker.endpoint());
            client.connect().get(5, TimeUnit.SECONDS);

            var outcome = publishQos(client, 1).get(5, TimeUnit.SECONDS);

            assertThat(outcome.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(outcome.reason()).isEqualTo("PUBACK QUOTA_EXCEEDED");
        }
    }

    @Test
    void whatIsInFlightWhenTheClientIsAbandonedHasTheOutcomeUnknown() throws Exception {
        try (var broker = broker(true, (connection, packet, link) -> {})) {
            var client = client(broker.endpoint());
            client.connect().get(5, TimeUnit.SECONDS);
            var outcome = publishQos(client, 1);

            client.abandon();

            assertThat(outcome.get(5, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.UNKNOWN);
        }
    }

    @Test
    void aLostSessionIsToldBeforeTheClientSubscribesAgain() throws Exception {
        var first = new AtomicReference<ScriptedBroker.Link>();
        try (var broker = new ScriptedBroker((connection, packet, link) -> {
            switch (packet.fixedHeader().messageType()) {
                case CONNECT -> link.send(connAck(false));
                case SUBSCRIBE -> {
                    first.compareAndSet(null, link);
                    link.send(subAck(packet, connection == 1 ? 2 : 1));
                }
                default -> {}
            }
        })) {
            var client = client(broker.endpoint());
            var granted = client.subscribe("a/b", 2);
            client.connect().get(5, TimeUnit.SECONDS);
            assertThat(granted.get(5, TimeUnit.SECONDS)).isEqualTo(2);

            first.get().close();

            await().untilAsserted(() -> assertThat(events)
                    .containsExactly(
                            "connected session=false",
                            "subscribed a/b 2",
                            "disconnected",
                            "connected session=false",
                            "subscribed a/b 1"));
        }
    }

    @Test
    void aResumedSessionIsNotSubscribedAgain() throws Exception {
        var first = new AtomicReference<ScriptedBroker.Link>();
        try (var broker = broker(true, (connection, packet, link) -> {
            first.compareAndSet(null, link);
            link.send(answer(MqttMessageType.PUBACK, packet));
        })) {
            var client = client(broker.endpoint());
            var granted = client.subscribe("a/b", 2);
            client.connect().get(5, TimeUnit.SECONDS);
            granted.get(5, TimeUnit.SECONDS);
            publishQos(client, 1).get(5, TimeUnit.SECONDS);

            first.get().close();
            await().until(() -> events.contains("connected session=true"));
            // Answered after anything that the client would have sent on connecting.
            publishQos(client, 1).get(5, TimeUnit.SECONDS);

            assertThat(broker.seen())
                    .containsSubsequence("2 CONNECT", "2 PUBLISH")
                    .doesNotContain("2 SUBSCRIBE");
        }
    }

    @Test
    void aMessageRightBehindConnackIsDelivered() throws Exception {
        try (var broker = new ScriptedBroker((connection, packet, link) -> {
            if (packet.fixedHeader().messageType() == MqttMessageType.CONNECT) {
                link.send(connAck(false), publish("t", MqttQoS.AT_LEAST_ONCE, 1, "early"));
            }
        })) {
            client(broker.endpoint()).connect().get(5, TimeUnit.SECONDS);

            await().until(() -> broker.seen().contains("1 PUBACK"));
            assertThat(events).containsExactly("connected session=false", "delivered early");
        }
    }

    @Test
    void aMessageThatTheLibraryAcknowledgesBehindTheConnackOfANewSessionIsDeliveredAllTheSame() throws Exception {
        var first = new AtomicReference<ScriptedBroker.Link>();
        try (var broker = new ScriptedBroker((connection, packet, link) -> {
            first.compareAndSet(null, link);
            if (packet.fixedHeader().messageType() == MqttMessageType.CONNECT) {
                if (connection == 1) {
                    link.send(connAck(false));
                } else {
                    link.send(
                            connAck(false),
                            publish("t", MqttQoS.AT_LEAST_ONCE, 1, "one"),
                            publish("t", MqttQoS.EXACTLY_ONCE, 2, "two"));
                }
            }
        })) {
            var client = client(broker.endpoint());
            client.connect().get(5, TimeUnit.SECONDS);

            first.get().close();

            await().until(() -> broker.seen().containsAll(List.of("2 PUBACK", "2 PUBREC")));
            assertThat(events).endsWith("connected session=false", "delivered one", "delivered two");
        }
    }

    @Test
    void wrongCredentialsFailAtOnceAndNameTheEndpoint() throws Exception {
        try (var broker = new ScriptedBroker((connection, packet, link) ->
                link.send(connAck(MqttConnectReturnCode.CONNECTION_REFUSED_BAD_USERNAME_OR_PASSWORD, false)))) {
            var connecting = client(broker.endpoint()).connect();

            assertThatThrownBy(() -> connecting.get(5, TimeUnit.SECONDS))
                    .hasMessageContaining("c1 was refused by scripted (127.0.0.1:")
                    .hasMessageContaining("BAD_USER_NAME_OR_PASSWORD");
            assertThat(broker.seen()).containsExactly("1 CONNECT");
        }
    }

    @Test
    void anEndpointThatRefusesConnectionsIsPassedOver() throws Exception {
        int closedPort;
        try (var socket = new ServerSocket(0)) {
            closedPort = socket.getLocalPort();
        }
        try (var broker = broker(true, (connection, packet, link) -> {})) {
            var client = client(new MqttEndpoint("dead", "127.0.0.1", closedPort), broker.endpoint());

            client.connect().get(5, TimeUnit.SECONDS);

            assertThat(client.node()).contains("scripted");
        }
    }

    @Test
    void everyConnectSaysWhatTheDefaultsWouldLeaveOpen() throws Exception {
        var connects = new CopyOnWriteArrayList<String>();
        var first = new AtomicReference<ScriptedBroker.Link>();
        try (var broker = new ScriptedBroker((connection, packet, link) -> {
            first.compareAndSet(null, link);
            if (packet instanceof MqttConnectMessage connect) {
                connects.add(text(connect));
                link.send(connAck(connection > 1));
            }
        })) {
            client(broker.endpoint()).connect().get(5, TimeUnit.SECONDS);
            first.get().close();

            await().until(() -> connects.size() == 2);
            var same = " keepAlive=10 expiry=60 receiveMaximum=100 user=test password=secret";
            assertThat(connects).containsExactly("clean=true" + same, "clean=false" + same);
        }
    }

    @Test
    void endingRemovesTheSession() throws Exception {
        var expiries = new CopyOnWriteArrayList<Integer>();
        try (var broker = broker(true, (connection, packet, link) -> {
            if (packet.fixedHeader().messageType() == MqttMessageType.DISCONNECT) {
                var header = (MqttReasonCodeAndPropertiesVariableHeader) packet.variableHeader();
                expiries.add(number(header.properties(), MqttProperties.MqttPropertyType.SESSION_EXPIRY_INTERVAL, -1));
            }
        })) {
            var client = client(broker.endpoint());
            client.connect().get(5, TimeUnit.SECONDS);

            assertThat(client.end().get(5, TimeUnit.SECONDS)).isTrue();
            assertThat(expiries).containsExactly(0);
        }
    }

    @Test
    void endingAClientWhoseConnectionIsDownDiscardsTheSessionByACleanStart() throws Exception {
        var connects = new CopyOnWriteArrayList<String>();
        var down = new AtomicBoolean();
        try (var broker = new ScriptedBroker((connection, packet, link) -> {
            switch (packet.fixedHeader().messageType()) {
                case CONNECT -> {
                    connects.add(text((MqttConnectMessage) packet));
                    if (down.get()) {
                        link.close();
                    } else {
                        link.send(connAck(false));
                    }
                }
                case PUBLISH -> {
                    down.set(true);
                    link.close();
                }
                default -> {}
            }
        })) {
            var client = client(broker.endpoint());
            client.connect().get(5, TimeUnit.SECONDS);
            var outcome = publishQos(client, 1);
            await().until(() -> connects.size() >= 3);

            var ended = client.end();
            var before = connects.size();
            // The attempt that was under way is past.
            await().until(() -> connects.size() >= before + 2);
            down.set(false);

            assertThat(ended.get(5, TimeUnit.SECONDS)).isTrue();
            assertThat(broker.seen())
                    .filteredOn(packet -> packet.endsWith("PUBLISH"))
                    .hasSize(1);
            assertThat(connects)
                    .last()
                    .isEqualTo("clean=true keepAlive=10 expiry=0 receiveMaximum=100 user=test password=secret");
            assertThat(outcome.get(5, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.UNKNOWN);
        }
    }

    @Test
    void eventLoopThreadsEndWithTheLastClient() throws Exception {
        try (var broker = broker(true, (connection, packet, link) -> {})) {
            var client = client(broker.endpoint());
            client.connect().get(5, TimeUnit.SECONDS);
            assertThat(eventLoops()).isNotEmpty();

            client.end().get(5, TimeUnit.SECONDS);

            await("event loops end").until(() -> eventLoops().isEmpty());
        }
    }

    private static String text(MqttConnectMessage connect) {
        var header = connect.variableHeader();
        return "clean=" + header.isCleanSession() + " keepAlive=" + header.keepAliveTimeSeconds() + " expiry="
                + number(header.properties(), MqttProperties.MqttPropertyType.SESSION_EXPIRY_INTERVAL, 0)
                + " receiveMaximum="
                + number(header.properties(), MqttProperties.MqttPropertyType.RECEIVE_MAXIMUM, 65_535) + " user="
                + connect.payload().userName() + " password="
                + new String(connect.payload().passwordInBytes(), StandardCharsets.UTF_8);
    }

    private static List<String> eventLoops() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("havoq-mqtt-"))
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static int number(MqttProperties properties, MqttProperties.MqttPropertyType type, int absent) {
        return Stream.ofNullable((MqttProperties.MqttProperty<Integer>) properties.getProperty(type.value()))
                .map(MqttProperties.MqttProperty::value)
                .findFirst()
                .orElse(absent);
    }
}
