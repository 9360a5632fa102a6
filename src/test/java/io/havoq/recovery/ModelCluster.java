package io.havoq.recovery;

import static org.awaitility.Awaitility.await;

import io.havoq.environment.MqttEndpoint;
import io.havoq.time.RunClock;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A few MQTT 5 listeners over one shared state, on one thread, with the faults that probes must see: nodes that are killed,
 * that freeze, routes that are missing, sessions and retained messages that are forgotten. Exact topics and QoS 1 only.
 */
// Netty's write and close futures: whoever waits sees the effect at the client.
@SuppressWarnings({"FutureReturnValueIgnored", "ArrayRecordComponent"})
final class ModelCluster implements AutoCloseable {
    private final NioEventLoopGroup loop = new NioEventLoopGroup(1);
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Session> sessions = new HashMap<>();
    private final Map<String, byte[]> retained = new HashMap<>();
    private final Set<String> cutRoutes = new HashSet<>();

    private static final class Node {
        int port;
        boolean frozen;

        @Nullable
        Channel listener;

        final Set<Channel> clients = new HashSet<>();
    }

    private static final class Session {
        final Set<String> filters = new HashSet<>();
        final Deque<Queued> queue = new ArrayDeque<>();
        boolean persistent;
        int node;
        int packetId;

        @Nullable
        Channel channel;
    }

    private record Queued(String topic, byte[] payload, boolean retain) {}

    ModelCluster(int size) {
        for (var i = 0; i < size; i++) {
            nodes.add(new Node());
            start(i);
        }
    }

    List<MqttEndpoint> endpoints() {
        return nodes.stream()
                .map(node -> new MqttEndpoint("node-" + nodes.indexOf(node), "127.0.0.1", node.port))
                .toList();
    }

    /** Starts a node's listener at the port it had before, if any; returns when it did. */
    long start(int index) {
        var node = nodes.get(index);
        var bootstrap = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new MqttDecoder(), MqttEncoder.INSTANCE, new Client(index));
                    }
                });
        var bound = bootstrap.bind("127.0.0.1", node.port).syncUninterruptibly().channel();
        return onLoop(() -> {
            node.listener = bound;
            node.port = ((InetSocketAddress) bound.localAddress()).getPort();
            return RunClock.now();
        });
    }

    /** Closes a node's listener and connections at once, and returns when that was, after nobody can connect any more. */
    long kill(int index) {
        var node = nodes.get(index);
        var killed = onLoop(() -> {
            if (node.listener != null) {
                node.listener.close();
            }
            node.frozen = false;
            List.copyOf(node.clients).forEach(Channel::close);
            return RunClock.now();
        });
        // The JDK closes a listening socket only when its selector runs next.
        await("the port is closed")
                .pollInterval(Duration.ofMillis(2))
                .atMost(Duration.ofSeconds(5))
                .until(() -> !accepts(node.port));
        return killed;
    }

    /** Closes a node's listener; connections that it has stay. */
    void stopListening(int index) {
        var node = nodes.get(index);
        var unused = onLoop(() -> {
            if (node.listener != null) {
                node.listener.close();
            }
            return RunClock.now();
        });
        await("the port is closed")
                .pollInterval(Duration.ofMillis(2))
                .atMost(Duration.ofSeconds(5))
                .until(() -> !accepts(node.port));
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket()) {
            socket.connect(new MqttEndpoint("node", "127.0.0.1", port).address());
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** A frozen node accepts connections and answers nothing. */
    long freeze(int index, boolean frozen) {
        return onLoop(() -> {
            nodes.get(index).frozen = frozen;
            return RunClock.now();
        });
    }

    /** Messages published at one node do not reach subscribers on another. */
    long cutRoute(int from, int to, boolean cut) {
        return onLoop(() -> {
            if (cut) {
                cutRoutes.add(from + ">" + to);
            } else {
                cutRoutes.remove(from + ">" + to);
            }
            return RunClock.now();
        });
    }

    int sessionCount() {
        return onLoop(sessions::size);
    }

    int retainedCount() {
        return onLoop(retained::size);
    }

    void forgetSessions() {
        onLoop(() -> {
            sessions.clear();
            return true;
        });
    }

    void dropOneQueuedMessage() {
        onLoop(() -> sessions.values().stream()
                .filter(session -> !session.queue.isEmpty())
                .findFirst()
                .orElseThrow()
                .queue
                .poll());
    }

    void forgetOneRetained() {
        onLoop(() -> retained.remove(retained.keySet().iterator().next()));
    }

    private <T> T onLoop(Callable<T> action) {
        try {
            return loop.submit(action).get(5, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("the model cluster's thread did not answer", e);
        }
    }

    private static void deliver(Session session) {
        var channel = session.channel;
        while (channel != null && !session.queue.isEmpty()) {
            var next = session.queue.remove();
            session.packetId = session.packetId % 60_000 + 1;
            channel.writeAndFlush(MqttMessageBuilders.publish()
                    .topicName(next.topic())
                    .qos(MqttQoS.AT_LEAST_ONCE)
                    .messageId(session.packetId)
                    .retained(next.retain())
                    .payload(Unpooled.wrappedBuffer(next.payload()))
                    .build());
        }
    }

    private final class Client extends SimpleChannelInboundHandler<MqttMessage> {
        private final int index;
        private @Nullable String clientId;

        Client(int index) {
            this.index = index;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            nodes.get(index).clients.add(context.channel());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            nodes.get(index).clients.remove(context.channel());
            var session = sessions.get(clientId);
            if (session != null && session.channel == context.channel()) {
                session.channel = null;
                if (!session.persistent) {
                    sessions.remove(clientId);
                }
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
            if (nodes.get(index).frozen) {
                return;
            }
            if (message instanceof MqttConnectMessage connect) {
                connect(context, connect);
                return;
            }
            var session = sessions.get(clientId);
            if (session == null) {
                context.close();
            } else if (message instanceof MqttSubscribeMessage subscribe) {
                subscribe(context, session, subscribe);
            } else if (message instanceof MqttPublishMessage publish) {
                publish(context, publish);
            } else {
                switch (message.fixedHeader().messageType()) {
                    case PINGREQ -> context.writeAndFlush(MqttMessage.PINGRESP);
                    case DISCONNECT -> context.close();
                    default -> {
                        // PUBACK: nothing is kept for redelivery here.
                    }
                }
            }
        }

        private void connect(ChannelHandlerContext context, MqttConnectMessage connect) {
            var id = connect.payload().clientIdentifier();
            clientId = id;
            if (connect.variableHeader().isCleanSession()) {
                sessions.remove(id);
            }
            var present = sessions.containsKey(id);
            var session = sessions.computeIfAbsent(id, key -> new Session());
            var expiry = connect.variableHeader()
                    .properties()
                    .getProperty(MqttProperties.MqttPropertyType.SESSION_EXPIRY_INTERVAL.value());
            session.persistent = expiry instanceof MqttProperties.IntegerProperty seconds && seconds.value() != 0;
            session.channel = context.channel();
            session.node = index;
            MqttConnAckMessage connAck = MqttMessageBuilders.connAck()
                    .returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED)
                    .sessionPresent(present)
                    .properties(new MqttProperties())
                    .build();
            context.writeAndFlush(connAck);
            deliver(session);
        }

        private void subscribe(ChannelHandlerContext context, Session session, MqttSubscribeMessage subscribe) {
            var filters = subscribe.payload().topicSubscriptions();
            var subAck = MqttMessageBuilders.subAck()
                    .packetId(subscribe.variableHeader().messageId());
            filters.forEach(filter -> subAck.addGrantedQos(MqttQoS.AT_LEAST_ONCE));
            context.writeAndFlush(subAck.build());
            filters.forEach(filter -> {
                session.filters.add(filter.topicFilter());
                var kept = retained.get(filter.topicFilter());
                if (kept != null) {
                    session.queue.add(new Queued(filter.topicFilter(), kept, true));
                }
            });
            deliver(session);
        }

        private void publish(ChannelHandlerContext context, MqttPublishMessage publish) {
            var topic = publish.variableHeader().topicName();
            var payload = new byte[publish.payload().readableBytes()];
            publish.payload().readBytes(payload);
            if (publish.fixedHeader().isRetain()) {
                if (payload.length == 0) {
                    retained.remove(topic);
                } else {
                    retained.put(topic, payload);
                }
            }
            sessions.values().stream()
                    .filter(session -> session.filters.contains(topic))
                    .filter(session -> !cutRoutes.contains(index + ">" + session.node))
                    .forEach(session -> {
                        session.queue.add(new Queued(topic, payload, false));
                        deliver(session);
                    });
            context.writeAndFlush(MqttMessageBuilders.pubAck()
                    .packetId(publish.variableHeader().packetId())
                    .build());
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
