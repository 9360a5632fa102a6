package io.havoq.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.environment.MqttEndpoint;
import io.havoq.settings.Settings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a user is told of brokers with which no probe gets anywhere, from the bytes that such brokers send. */
// Netty's write futures: whoever waits sees the effect at the client.
@SuppressWarnings("FutureReturnValueIgnored")
@Timeout(30)
class NeverWorkedTest {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final String CONNACK_OF_3_1_1 = "20020000";
    private static final String CONNACK_OF_5_0 = "2003000000";
    private static final String SUBACK_OF_3_1_1 = "9003%04x00";
    private static final String SUBACK_OF_5_0 = "9004%04x0000";

    private final Settings settings = Settings.fromSystemProperties().with(RecoverySettings.STALL_TIMEOUT, "200ms");
    private final NioEventLoopGroup loop = new NioEventLoopGroup(1);

    @AfterEach
    void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    @Test
    void aConnackOfMqtt311IsNamedTogetherWithTheNodes() {
        try (var probe = paths(node("a", CONNACK_OF_3_1_1, ""), node("b", CONNACK_OF_3_1_1, ""))) {
            await().atMost(BOUND)
                    .untilAsserted(() -> assertThat(probe.neverWorked())
                            .startsWith("2 of 2 paths: a>b, b>a; a, b: its packets are not MQTT 5.0")
                            .contains("CONNACK"));
        }
    }

    @Test
    void aSubackOfMqtt311IsNamed() {
        try (var probe =
                paths(node("a", CONNACK_OF_5_0, SUBACK_OF_3_1_1), node("b", CONNACK_OF_5_0, SUBACK_OF_3_1_1))) {
            await().atMost(BOUND)
                    .untilAsserted(() -> assertThat(probe.neverWorked())
                            .contains("a, b: its packets are not MQTT 5.0")
                            .contains("SUBACK"));
        }
    }

    @Test
    void aMissingPubackIsNamed() {
        try (var probe = paths(node("a", CONNACK_OF_5_0, SUBACK_OF_5_0), node("b", CONNACK_OF_5_0, SUBACK_OF_5_0));
                var service = new OutageProbe(
                        new ProbeScope("run", "service"),
                        List.of(node("c", CONNACK_OF_5_0, SUBACK_OF_5_0)),
                        Optional.empty(),
                        settings)) {
            service.start();
            await().atMost(BOUND)
                    .untilAsserted(() -> assertThat(probe.neverWorked())
                            .endsWith("a, b: connected and subscribed, but it did not acknowledge a QoS 1 publish"
                                    + " within 200ms"));
            await().atMost(BOUND)
                    .untilAsserted(() -> assertThat(service.neverWorked())
                            .isEqualTo("c: connected and subscribed, but no QoS 1 round trip through it completed"
                                    + " within 200ms"));
        }
    }

    @Test
    void aMissingRouteIsNotBlamedOnItsNodes() {
        try (var cluster = new ModelCluster(3)) {
            cluster.cutRoute(0, 1, true);
            try (var probe =
                    new PathProbe(new ProbeScope("run", "route"), cluster.endpoints(), Optional.empty(), settings)) {
                probe.start();
                var onlyTheRoute = "1 of 6 paths: node-0>node-1; node-0, node-1: connected and subscribed, no problem"
                        + " seen there: messages do not get from node to node, are these nodes one cluster?";
                await().atMost(BOUND)
                        .untilAsserted(() -> assertThat(probe.neverWorked()).isEqualTo(onlyTheRoute));
                // A problem is forgotten once the node serves again.
                cluster.kill(0);
                await().atMost(BOUND)
                        .untilAsserted(() -> assertThat(probe.neverWorked())
                                .startsWith("1 of 6 paths: node-0>node-1; node-0: ")
                                .endsWith("; node-1: connected and subscribed, no problem seen there"));
                cluster.start(0);
                await().atMost(BOUND)
                        .untilAsserted(() -> assertThat(probe.neverWorked()).isEqualTo(onlyTheRoute));
            }
        }
    }

    private PathProbe paths(MqttEndpoint first, MqttEndpoint second) {
        var probe = new PathProbe(new ProbeScope("run", "paths"), List.of(first, second), Optional.empty(), settings);
        probe.start();
        return probe;
    }

    /** A listener that answers CONNECT and SUBSCRIBE with these bytes, and nothing else. */
    private MqttEndpoint node(String name, String connAck, String subAck) {
        var bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new MqttDecoder(), new SimpleChannelInboundHandler<MqttMessage>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
                                if (message instanceof MqttConnectMessage) {
                                    send(context, connAck);
                                } else if (message instanceof MqttSubscribeMessage subscribe) {
                                    var id = subscribe.variableHeader().messageId();
                                    send(context, subAck.formatted(id));
                                }
                            }
                        });
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
        return new MqttEndpoint(name, "127.0.0.1", ((InetSocketAddress) bound.localAddress()).getPort());
    }

    private static void send(ChannelHandlerContext context, String hex) {
        context.writeAndFlush(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));
    }
}
