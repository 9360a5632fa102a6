package io.havoq.broker.reference;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The MQTT port: open while this node may serve clients, closed otherwise. One thread opens and closes it. */
final class MqttListener implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final long CONNECT_SECONDS = 10;

    private final InetSocketAddress address;
    private final MqttConnection.Services services;
    private final int clientLimit;
    private final EventLoopGroup acceptor = new NioEventLoopGroup(1, new DefaultThreadFactory("mqtt-accept", true));
    private final EventLoopGroup workers = new NioEventLoopGroup(2, new DefaultThreadFactory("mqtt", true));
    private final AtomicLong lastConnection = new AtomicLong();
    private @Nullable Channel channel;

    MqttListener(HostPort address, MqttConnection.Services services, int clientLimit) {
        this.address = new InetSocketAddress(address.host(), address.port());
        this.services = services;
        this.clientLimit = clientLimit;
    }

    void open() {
        channel = new ServerBootstrap()
                .group(acceptor, workers)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel client) {
                        accept(client);
                    }
                })
                .bind(address)
                .syncUninterruptibly()
                .channel();
    }

    private void accept(SocketChannel client) {
        if (services.connections().size() >= clientLimit) {
            var unused = client.close();
            return;
        }
        client.pipeline()
                .addLast(new IdleStateHandler(CONNECT_SECONDS, 0, 0, TimeUnit.SECONDS))
                .addLast(new MqttDecoder(MqttConnection.MAXIMUM_PACKET_SIZE))
                .addLast(MqttEncoder.INSTANCE)
                .addLast(new MqttConnection(lastConnection.incrementAndGet(), client, services));
    }

    /** Closes the port; existing connections stay. */
    void shut() {
        var open = channel;
        if (open != null) {
            open.close().syncUninterruptibly();
            channel = null;
        }
    }

    @Override
    public void close() {
        shut();
        var unused = acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        var unusedToo = workers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
