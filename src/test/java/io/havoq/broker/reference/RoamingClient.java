package io.havoq.broker.reference;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.lifecycle.MqttDisconnectSource;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.lifecycle.Mqtt5ClientConnectedContext;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.havoq.environment.MqttEndpoint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A client with a persistent session that goes to the next node whenever its connection ends. */
final class RoamingClient implements AutoCloseable {
    /** Everything that came, as "topic payload", with "R " before what was retained. */
    final List<String> received = new CopyOnWriteArrayList<>();
    /** Session present, for every CONNACK. */
    final List<Boolean> sessionPresent = new CopyOnWriteArrayList<>();

    private final Mqtt5AsyncClient client;
    private final Listener listener;

    /** Is told what happens, before anything else comes of it. */
    interface Listener {
        default void connected(boolean sessionPresent) {}

        default void arrived(Mqtt5Publish publish) {}
    }

    RoamingClient(RunningCluster cluster, String clientId, int firstNode) {
        this(cluster.endpoints(), clientId, firstNode, new Listener() {});
    }

    RoamingClient(List<MqttEndpoint> nodes, String clientId, int firstNode, Listener listener) {
        this.listener = listener;
        var node = new AtomicInteger(firstNode);
        client = MqttClient.builder()
                .useMqttVersion5()
                .identifier(clientId)
                .serverHost(nodes.get(firstNode).host())
                .serverPort(nodes.get(firstNode).port())
                .simpleAuth()
                .username("test")
                .password("test".getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .addConnectedListener(context -> connected(
                        ((Mqtt5ClientConnectedContext) context).getConnAck().isSessionPresent()))
                .addDisconnectedListener(context -> {
                    if (context.getSource() != MqttDisconnectSource.USER) {
                        context.getReconnector()
                                .reconnect(true)
                                .resubscribeIfSessionExpired(false)
                                .republishIfSessionExpired(false)
                                .delay(20, TimeUnit.MILLISECONDS)
                                .transportConfig(transport(nodes.get(node.incrementAndGet() % nodes.size())));
                    }
                })
                .buildAsync();
        client.publishes(MqttGlobalPublishFilter.ALL, this::arrived);
    }

    private static MqttClientTransportConfig transport(MqttEndpoint node) {
        return MqttClientTransportConfig.builder()
                .serverHost(node.host())
                .serverPort(node.port())
                .mqttConnectTimeout(2, TimeUnit.SECONDS)
                .build();
    }

    private void connected(boolean present) {
        listener.connected(present);
        sessionPresent.add(present);
    }

    private void arrived(Mqtt5Publish publish) {
        listener.arrived(publish);
        received.add((publish.isRetain() ? "R " : "") + publish.getTopic() + " "
                + new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8));
    }

    RoamingClient connect() throws Exception {
        client.connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(600)
                .keepAlive(20)
                .send()
                .get(20, TimeUnit.SECONDS);
        return this;
    }

    void subscribe(String filter) throws Exception {
        client.subscribeWith()
                .topicFilter(filter)
                .qos(MqttQos.EXACTLY_ONCE)
                .send()
                .get(10, TimeUnit.SECONDS);
    }

    CompletableFuture<?> publish(String topic, int qos, boolean retain, String payload) {
        return publish(topic, qos, retain, ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)));
    }

    CompletableFuture<?> publish(String topic, int qos, boolean retain, ByteBuffer payload) {
        return client.publishWith()
                .topic(topic)
                .qos(MqttQos.fromCode(qos))
                .retain(retain)
                .payload(payload)
                .send()
                .thenApply(result -> {
                    if (result.getError().isPresent()) {
                        throw new IllegalStateException(
                                "not acknowledged", result.getError().get());
                    }
                    return result;
                });
    }

    /** Ends the connection; the session stays. */
    void disconnect() throws Exception {
        client.disconnect().get(5, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        // Also while it is between two nodes: then the answer is only that it was not connected.
        var unused = client.disconnect();
    }
}
