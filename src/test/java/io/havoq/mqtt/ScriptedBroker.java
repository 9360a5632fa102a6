package io.havoq.mqtt;

import io.havoq.environment.MqttEndpoint;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A broker that does what a test tells it, byte by byte and connection by connection: for what no honest broker does on demand.
 */
final class ScriptedBroker implements AutoCloseable {
    /** What to do when a packet arrives; connections count from 1. */
    interface Script {
        void on(int connection, MqttMessage packet, Link link);
    }

    /** The broker's end of one connection. */
    record Link(Channel channel) {
        /** Sends packets, all in one segment. */
        void send(MqttMessage... packets) {
            for (var packet : packets) {
                var unused = channel.write(packet);
            }
            channel.flush();
        }

        void close() {
            var unused = channel.close();
        }
    }

    private final NioEventLoopGroup group = new NioEventLoopGroup(1);
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Channel server;
    private int connections;

    ScriptedBroker(Script script) {
        this(script, Optional.empty());
    }

    /** @param tls what connections are secured with, if they are */
    ScriptedBroker(Script script, Optional<SslContext> tls) {
        server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        var number = ++connections;
                        tls.ifPresent(secured -> channel.pipeline().addLast(secured.newHandler(channel.alloc())));
                        channel.pipeline()
                                .addLast(new MqttDecoder())
                                .addLast(MqttEncoder.INSTANCE)
                                .addLast(new ChannelInboundHandlerAdapter() {
                                    @Override
                                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                                        // A client that does not trust this broker: what is seen of it is its side.
                                        var unused = ctx.close();
                                    }

                                    @Override
                                    public void channelRead(ChannelHandlerContext ctx, Object packet) {
                                        var message = (MqttMessage) packet;
                                        seen.add(number + " "
                                                + message.fixedHeader().messageType());
                                        script.on(number, message, new Link(channel));
                                        ReferenceCountUtil.release(packet);
                                        if (message.fixedHeader().messageType() == MqttMessageType.DISCONNECT) {
                                            new Link(channel).close();
                                        }
                                    }
                                });
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    MqttEndpoint endpoint() {
        return new MqttEndpoint("scripted", "127.0.0.1", ((InetSocketAddress) server.localAddress()).getPort());
    }

    /** Every packet that arrived: number of the connection and type. */
    List<String> seen() {
        return List.copyOf(seen);
    }

    static MqttMessage connAck(boolean sessionPresent) {
        return connAck(MqttConnectReturnCode.CONNECTION_ACCEPTED, sessionPresent);
    }

    static MqttMessage connAck(MqttConnectReturnCode code, boolean sessionPresent) {
        return new MqttConnAckMessage(
                header(MqttMessageType.CONNACK, MqttQoS.AT_MOST_ONCE, false),
                new MqttConnAckVariableHeader(code, sessionPresent, MqttProperties.NO_PROPERTIES));
    }

    static MqttMessage subAck(MqttMessage subscribe, int granted) {
        return new MqttSubAckMessage(
                header(MqttMessageType.SUBACK, MqttQoS.AT_MOST_ONCE, false),
                MqttMessageIdVariableHeader.from(
                        ((MqttSubscribeMessage) subscribe).variableHeader().messageId()),
                new MqttSubAckPayload(granted));
    }

    /** PUBACK, PUBREC or PUBCOMP for a packet that carries a packet id. */
    static MqttMessage answer(MqttMessageType type, MqttMessage packet) {
        var id = packet instanceof MqttPublishMessage publish
                ? publish.variableHeader().packetId()
                : ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
        return new MqttMessage(header(type, MqttQoS.AT_MOST_ONCE, false), MqttMessageIdVariableHeader.from(id));
    }

    /** PUBREL for a PUBREC; the flags of its fixed header are those of QoS 1 (MQTT 5.0, 3.6.1). */
    static MqttMessage release(MqttMessage pubRec) {
        return new MqttMessage(
                header(MqttMessageType.PUBREL, MqttQoS.AT_LEAST_ONCE, false),
                MqttMessageIdVariableHeader.from(((MqttMessageIdVariableHeader) pubRec.variableHeader()).messageId()));
    }

    static MqttMessage publish(String topic, MqttQoS qos, int packetId, String text) {
        return new MqttPublishMessage(
                header(MqttMessageType.PUBLISH, qos, false),
                new MqttPublishVariableHeader(topic, packetId, MqttProperties.NO_PROPERTIES),
                Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    private static MqttFixedHeader header(MqttMessageType type, MqttQoS qos, boolean dup) {
        return new MqttFixedHeader(type, dup, qos, false, 0);
    }

    @Override
    public void close() {
        if (group.isShuttingDown()) {
            return;
        }
        server.close().syncUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
