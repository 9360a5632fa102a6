package io.havoq.mqtt;

import io.havoq.environment.MqttEndpoint;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The least that a load can run against: exact topics, every QoS, no sessions; in this process and on one thread. Can be told to
 * keep every n-th delivery to itself, or to leave publishes without an answer.
 */
public final class SmallBroker {
    private final Map<String, List<ScriptedBroker.Link>> subscribers = new HashMap<>();
    private final AtomicInteger sessionEnds = new AtomicInteger();
    private final ScriptedBroker broker;
    private final int grant;
    private int deliveries;
    private volatile int dropEvery = Integer.MAX_VALUE;
    private volatile boolean silent;

    /** @param grant the QoS that every subscription is granted */
    public SmallBroker(int grant) {
        this.grant = grant;
        this.broker = new ScriptedBroker((connection, packet, link) -> {
            switch (packet.fixedHeader().messageType()) {
                case CONNECT -> link.send(ScriptedBroker.connAck(false));
                case SUBSCRIBE -> {
                    ((MqttSubscribeMessage) packet)
                            .payload()
                            .topicSubscriptions()
                            .forEach(subscription -> subscribers
                                    .computeIfAbsent(subscription.topicFilter(), topic -> new ArrayList<>())
                                    .add(link));
                    link.send(ScriptedBroker.subAck(packet, grant));
                }
                case PUBLISH -> publish((MqttPublishMessage) packet, link);
                case PUBREC -> link.send(ScriptedBroker.release(packet));
                case PUBREL -> link.send(ScriptedBroker.answer(MqttMessageType.PUBCOMP, packet));
                case DISCONNECT -> sessionEnds.incrementAndGet();
                default -> {}
            }
        });
    }

    private void publish(MqttPublishMessage packet, ScriptedBroker.Link from) {
        if (silent) {
            return;
        }
        var qos = packet.fixedHeader().qosLevel();
        var topic = packet.variableHeader().topicName();
        var text = packet.payload().toString(StandardCharsets.ISO_8859_1);
        for (var subscriber : subscribers.getOrDefault(topic, List.of())) {
            deliveries++;
            if (deliveries % dropEvery != 0) {
                var effective = MqttQoS.valueOf(Math.min(qos.value(), grant));
                subscriber.send(ScriptedBroker.publish(topic, effective, 1 + deliveries % 60_000, text));
            }
        }
        switch (qos) {
            case AT_LEAST_ONCE -> from.send(ScriptedBroker.answer(MqttMessageType.PUBACK, packet));
            case EXACTLY_ONCE -> from.send(ScriptedBroker.answer(MqttMessageType.PUBREC, packet));
            default -> {}
        }
    }

    /** Keeps every n-th delivery to itself from now on. */
    public void dropEvery(int n) {
        dropEvery = n;
    }

    /** Answers no publish from now on. */
    public void fallSilent() {
        silent = true;
    }

    /** Ends every connection and the listening. */
    public void die() {
        broker.close();
    }

    /** DISCONNECTs that arrived. */
    public int disconnects() {
        return sessionEnds.get();
    }

    /** Where it listens, under a target's name. */
    public MqttEndpoint endpoint(String target) {
        return new MqttEndpoint(target, "127.0.0.1", broker.endpoint().port());
    }
}
