package io.havoq.broker.reference;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.netty.NettyRpcProxy;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.io.netty.channel.EventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.nio.NioEventLoopGroup;
import org.apache.ratis.util.JavaUtils;
import org.apache.ratis.util.PeerProxyMap;
import org.jspecify.annotations.Nullable;

/** One connection to each other member, made to the address that {@link PeerAddresses} knows by then. Thread-safe. */
final class Links implements AutoCloseable {
    private final EventLoopGroup group = new NioEventLoopGroup(1);
    private final PeerProxyMap<NettyRpcProxy> proxies;
    private final Map<String, InetSocketAddress> connected = new ConcurrentHashMap<>();

    Links(String name, RaftProperties properties, PeerAddresses addresses) {
        proxies = new PeerProxyMap<>(name, peer -> connect(peer, properties, addresses));
    }

    private NettyRpcProxy connect(RaftPeer peer, RaftProperties properties, PeerAddresses addresses)
            throws IOException {
        var address = addresses.of(peer.getId().toString());
        var there = RaftPeer.newBuilder(peer)
                .setAddress(address.getAddress().getHostAddress() + ":" + address.getPort())
                .build();
        try {
            var connection = new NettyRpcProxy(there, properties, group);
            connected.put(peer.getId().toString(), address);
            return connection;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("connecting to " + there + " was interrupted");
        }
    }

    void add(Collection<RaftPeer> peers) {
        proxies.addRaftPeers(peers);
    }

    /** The connection to the peer; blocks while it is made. */
    NettyRpcProxy to(String peer) throws IOException {
        return proxies.getProxy(RaftPeerId.valueOf(peer));
    }

    /** Where the last connection to the peer was made to; what is thought of its address may have changed since. */
    @Nullable
    InetSocketAddress connected(String peer) {
        return connected.get(peer);
    }

    /** Breaks the connection; the next request makes another. */
    void reset(String peer) {
        proxies.resetProxy(RaftPeerId.valueOf(peer));
    }

    /** Breaks the connection if that is what the failure of a request means. */
    void failed(String peer, Throwable problem) {
        proxies.handleException(RaftPeerId.valueOf(peer), JavaUtils.unwrapCompletionException(problem), false);
    }

    @Override
    public void close() {
        proxies.close();
        var unused = group.shutdownGracefully();
    }
}
