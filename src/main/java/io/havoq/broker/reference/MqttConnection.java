package io.havoq.broker.reference;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnacceptableProtocolVersionException;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: turns its packets into operations, and what applied operations cause into packets. It
 * answers nothing by itself but PINGREQ and refusals. Runs on the channel's event loop, unless said otherwise.
 */
final class MqttConnection extends ChannelInboundHandlerAdapter {
    static final int MAXIMUM_PACKET_SIZE = 512 << 10;
    private static final Logger LOG = LoggerFactory.getLogger(MqttConnection.class);
    private static final int FIRST_FAILURE = 0x80;

    private enum Phase {
        NEW,
        CONNECTED,
        CLOSED
    }

    private final long id;
    private final Channel channel;
    private final Services services;
    private Phase phase = Phase.NEW;
    private Packets packets = new Packets(4);
    private @Nullable String assignedClientId;
    private long sessionExpiry;
    private List<Outgoing> effects = new ArrayList<>();

    /**
     * What a connection needs of its node.
     *
     * @param operations takes what the connection proposes
     */
    record Services(
            Proposer proposer,
            Consumer<Operation> operations,
            Connections connections,
            ConnectCheck check,
            Counters counters,
            Defect defect) {}

    MqttConnection(long id, Channel channel, Services services) {
        this.id = id;
        this.channel = channel;
        this.services = services;
    }

    long id() {
        return id;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object received) {
        try {
            if (phase != Phase.CLOSED && received instanceof MqttMessage packet) {
                services.counters().packetsReceived.increment();
                if (packet.decoderResult().isSuccess()) {
                    handle(packet);
                } else {
                    malformed(packet);
                }
            }
        } finally {
            ReferenceCountUtil.release(received);
        }
        if (services.proposer().overloaded()) {
            channel.config().setAutoRead(false);
            if (!services.proposer().overloaded()) {
                // Drained between the two questions, and its call may have come before reading was stopped.
                channel.config().setAutoRead(true);
            }
        }
    }

    private void handle(MqttMessage packet) {
        var type = packet.fixedHeader().messageType();
        if ((type == MqttMessageType.CONNECT) != (phase == Phase.NEW)) {
            // The first packet is a CONNECT, and only the first (3.1.0-1, 3.1.0-2).
            refuse(0x82, phase == Phase.NEW ? "the first packet must be CONNECT" : "a second CONNECT");
            return;
        }
        switch (type) {
            case CONNECT -> connect((MqttConnectMessage) packet);
            case PUBLISH -> publish((MqttPublishMessage) packet);
            case PUBACK -> propose(new Operation.Puback(id, packetId(packet)));
            case PUBREC ->
                propose(
                        reason(packet) >= FIRST_FAILURE
                                ? new Operation.Puback(id, packetId(packet))
                                : new Operation.Pubrec(id, packetId(packet)));
            case PUBREL -> pubrel(packetId(packet));
            case PUBCOMP -> propose(new Operation.Pubcomp(id, packetId(packet)));
            case SUBSCRIBE -> subscribe((MqttSubscribeMessage) packet);
            case UNSUBSCRIBE -> unsubscribe((MqttUnsubscribeMessage) packet);
            case PINGREQ -> write(packets.pong());
            case DISCONNECT -> disconnect(packet);
            default -> refuse(0x82, type + " is not for a client to send");
        }
    }

    private void connect(MqttConnectMessage packet) {
        packets = new Packets(packet.variableHeader().version());
        var outcome = services.check().check(packet, id);
        if (outcome instanceof ConnectCheck.Refused refused) {
            phase = Phase.CLOSED;
            writeAndClose(packets.refused(refused.code(), refused.reason()));
        } else if (outcome instanceof ConnectCheck.Accepted accepted) {
            phase = Phase.CONNECTED;
            sessionExpiry = accepted.operation().expiry();
            assignedClientId = accepted.assigned() ? accepted.operation().clientId() : null;
            keepAlive(accepted.keepAliveSeconds());
            services.connections().add(this);
            services.counters().connectionsAccepted.increment();
            propose(accepted.operation());
        }
    }

    /** One and a half times the keep-alive without a packet ends the connection (3.1.2-22 of MQTT 5.0). */
    private void keepAlive(int seconds) {
        channel.pipeline().remove(IdleStateHandler.class);
        if (seconds > 0) {
            channel.pipeline().addFirst(new IdleStateHandler(seconds * 1500L, 0, 0, TimeUnit.MILLISECONDS));
        }
    }

    private void publish(MqttPublishMessage packet) {
        var header = packet.variableHeader();
        var properties = header.properties();
        if (properties.getProperty(MqttPropertyType.TOPIC_ALIAS.value()) != null) {
            refuse(0x94, "topic aliases are not supported");
            return;
        }
        if (!Topics.validName(header.topicName())) {
            refuse(0x90, "topic name invalid");
            return;
        }
        services.counters().messagesReceived.increment();
        var qos = packet.fixedHeader().qosLevel().value();
        var packetId = qos == 0 ? 0 : header.packetId();
        if (services.defect() == Defect.ACK_BEFORE_COMMIT && qos > 0) {
            write(packets.acknowledgement(qos == 1 ? MqttMessageType.PUBACK : MqttMessageType.PUBREC, packetId, 0));
        }
        proposePublication(new Operation.Publish(
                id,
                packetId,
                qos,
                packet.fixedHeader().isRetain(),
                header.topicName(),
                ByteBufUtil.getBytes(packet.payload()),
                PassedProperties.encode(properties),
                ConnectCheck.number(properties, MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL, 0)));
    }

    private void pubrel(int packetId) {
        if (services.defect() == Defect.ACK_BEFORE_COMMIT) {
            write(packets.acknowledgement(MqttMessageType.PUBCOMP, packetId, 0));
        }
        proposePublication(new Operation.Pubrel(id, packetId));
    }

    private void subscribe(MqttSubscribeMessage packet) {
        var identifier = (int) ConnectCheck.number(
                packet.idAndPropertiesVariableHeader().properties(), MqttPropertyType.SUBSCRIPTION_IDENTIFIER, 0);
        var subscriptions = new ArrayList<Subscription>();
        for (var wanted : packet.payload().topicSubscriptions()) {
            if (!Topics.validFilter(wanted.topicFilter())) {
                refuse(0x8F, "topic filter invalid");
                return;
            }
            var option = wanted.option();
            subscriptions.add(new Subscription(
                    wanted.topicFilter(),
                    option.qos().value(),
                    option.isNoLocal(),
                    option.isRetainAsPublished(),
                    option.retainHandling().value(),
                    identifier));
        }
        if (subscriptions.isEmpty()) {
            refuse(0x82, "SUBSCRIBE without a topic filter");
            return;
        }
        propose(new Operation.Subscribe(id, packet.variableHeader().messageId(), subscriptions));
    }

    private void unsubscribe(MqttUnsubscribeMessage packet) {
        if (packet.payload().topics().isEmpty()) {
            refuse(0x82, "UNSUBSCRIBE without a topic filter");
            return;
        }
        propose(new Operation.Unsubscribe(
                id,
                packet.variableHeader().messageId(),
                List.copyOf(packet.payload().topics())));
    }

    private void disconnect(MqttMessage packet) {
        var expiry = -1L;
        if (packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            expiry = ConnectCheck.number(header.properties(), MqttPropertyType.SESSION_EXPIRY_INTERVAL, -1);
        }
        if (sessionExpiry == 0 && expiry > 0) {
            refuse(0x82, "a session that ends with its connection cannot be prolonged");
            return;
        }
        end(expiry);
        var unused = channel.close();
    }

    private static int packetId(MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }

    private static int reason(MqttMessage packet) {
        return packet.variableHeader() instanceof MqttPubReplyMessageVariableHeader reply
                ? reply.reasonCode() & 0xFF
                : 0;
    }

    private void propose(Operation operation) {
        services.operations().accept(operation);
    }

    private void proposePublication(Operation operation) {
        if (services.defect() == Defect.ACK_BEFORE_COMMIT) {
            var unused = channel.eventLoop()
                    .schedule(() -> propose(operation), Defect.HELD_BACK_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            propose(operation);
        }
    }

    private void malformed(MqttMessage packet) {
        var cause = packet.decoderResult().cause();
        if (phase == Phase.NEW) {
            phase = Phase.CLOSED;
            if (cause instanceof MqttUnacceptableProtocolVersionException) {
                writeAndClose(
                        packets.refused(MqttConnectReturnCode.CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION, ""));
            } else {
                var unused = channel.close();
            }
        } else {
            refuse(0x81, "malformed packet");
        }
    }

    /** Ends the connection because of what the client did. */
    private void refuse(int code, String reason) {
        LOG.debug("connection {} from {}: {}", id, channel.remoteAddress(), reason);
        var connected = phase == Phase.CONNECTED;
        end(-1);
        if (connected && packets.version() >= 5) {
            writeAndClose(packets.disconnect(code, reason));
        } else {
            var unused = channel.close();
        }
    }

    private void end(long expiry) {
        if (phase == Phase.CONNECTED) {
            services.connections().remove(this);
            services.counters().connectionsClosed.increment();
            proposePublication(new Operation.Disconnect(id, expiry));
        }
        phase = Phase.CLOSED;
    }

    /** Called by the thread that applies; see {@link #flushEffects()}. */
    void effect(Outgoing packet) {
        effects.add(packet);
    }

    /** Called by the thread that applies, after the entry: hands everything to the event loop at once. */
    void flushEffects() {
        var ready = effects;
        effects = new ArrayList<>();
        channel.eventLoop().execute(() -> {
            ready.forEach(this::send);
            channel.flush();
        });
    }

    private void send(Outgoing effect) {
        if (phase != Phase.CONNECTED) {
            return;
        }
        var held = services.defect() == Defect.ACK_BEFORE_COMMIT;
        if (effect instanceof Outgoing.Deliver delivery) {
            deliver(delivery);
        } else if (effect instanceof Outgoing.Pubrel release) {
            enqueue(packets.acknowledgement(MqttMessageType.PUBREL, release.packetId(), 0));
        } else if (effect instanceof Outgoing.Puback ack && !held) {
            enqueue(packets.acknowledgement(MqttMessageType.PUBACK, ack.packetId(), ack.reason()));
        } else if (effect instanceof Outgoing.Pubrec ack && !held) {
            enqueue(packets.acknowledgement(MqttMessageType.PUBREC, ack.packetId(), ack.reason()));
        } else if (effect instanceof Outgoing.Pubcomp ack && !held) {
            enqueue(packets.acknowledgement(MqttMessageType.PUBCOMP, ack.packetId(), ack.reason()));
        } else if (effect instanceof Outgoing.Suback ack) {
            enqueue(packets.suback(ack.packetId(), ack.codes()));
        } else if (effect instanceof Outgoing.Unsuback ack) {
            enqueue(packets.unsuback(ack.packetId(), ack.codes()));
        } else if (effect instanceof Outgoing.Connected connected) {
            enqueue(packets.connected(connected.sessionPresent(), assignedClientId, MAXIMUM_PACKET_SIZE));
        } else if (effect instanceof Outgoing.Closed closed) {
            close(closed);
        }
    }

    private void deliver(Outgoing.Deliver delivery) {
        if (delivery.qos() == 0 && !channel.isWritable()) {
            // A client that does not read loses QoS 0 only, instead of this node's memory.
            services.counters().messagesDropped.increment();
            return;
        }
        services.counters().messagesSent.increment();
        enqueue(packets.publish(delivery));
    }

    private void close(Outgoing.Closed closed) {
        // The session is no longer this connection's: nothing to propose.
        phase = Phase.CLOSED;
        services.connections().remove(this);
        services.counters().connectionsClosed.increment();
        if (closed.takenOver() && packets.version() >= 5) {
            writeAndClose(packets.disconnect(0x8E, "session taken over"));
        } else {
            var unused = channel.close();
        }
    }

    private void enqueue(MqttMessage packet) {
        services.counters().packetsSent.increment();
        var unused = channel.write(packet);
    }

    private void write(MqttMessage packet) {
        enqueue(packet);
        channel.flush();
    }

    private void writeAndClose(MqttMessage packet) {
        var unused = channel.writeAndFlush(packet).addListener(ChannelFutureListener.CLOSE);
    }

    /** Drops the connection; from any thread. */
    void abort() {
        var unused = channel.close();
    }

    /** From any thread. */
    void resumeReading() {
        channel.config().setAutoRead(true);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(-1);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            refuse(0x8D, phase == Phase.NEW ? "no CONNECT" : "keep alive timeout");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof OutOfMemoryError) {
            Fatal.halt("serving a client", cause);
        }
        if (cause instanceof IOException) {
            LOG.debug("connection {} from {} broke: {}", id, channel.remoteAddress(), cause.toString());
        } else {
            LOG.warn("connection {} from {} is closed", id, channel.remoteAddress(), cause);
        }
        var unused = channel.close();
    }
}
