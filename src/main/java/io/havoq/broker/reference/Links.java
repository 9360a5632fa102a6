package io.havoq.broker.reference;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.netty.NettyRpcProxy;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerReplyProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.io.netty.channel.EventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.nio.NioEventLoopGroup;
import org.apache.ratis.util.IOUtils;
import org.apache.ratis.util.JavaUtils;
import org.apache.ratis.util.PeerProxyMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to each other member, made to the address that {@link PeerAddresses} knows by then. Thread-safe. */
final class Links implements AutoCloseable {
    /**
     * One connection that was made.
     *
     * @param address where to; what is thought of the peer's address may have changed since
     */
    record Link(String peer, InetSocketAddress address, NettyRpcProxy proxy) implements Closeable {
        CompletableFuture<RaftNettyServerReplyProto> send(RaftNettyServerRequestProto request) {
            return proxy.sendAsync(request);
        }

        @Override
        public void close() {
            proxy.close();
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Links.class);

    private final EventLoopGroup group = new NioEventLoopGroup(1);
    private final PeerProxyMap<Link> proxies;
    /** The connection to each peer, until somebody broke it or is about to. */
    private final Map<String, Link> standing = new ConcurrentHashMap<>();

    private final ExecutorService breaker;

    Links(String name, RaftProperties properties, PeerAddresses addresses) {
        proxies = new PeerProxyMap<>(name, peer -> connect(peer, properties, addresses));
        breaker = Executors.newSingleThreadExecutor(task -> {
            var thread = new Thread(task, "breaks-" + name);
            thread.setDaemon(true);
            return thread;
        });
    }

    private Link connect(RaftPeer peer, RaftProperties properties, PeerAddresses addresses) throws IOException {
        var name = peer.getId().toString();
        var address = addresses.of(name);
        var there = RaftPeer.newBuilder(peer)
                .setAddress(address.getAddress().getHostAddress() + ":" + address.getPort())
                .build();
        try {
            var link = new Link(name, address, new NettyRpcProxy(there, properties, group));
            standing.put(name, link);
            return link;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("connecting to " + there + " was interrupted");
        }
    }

    void add(Collection<RaftPeer> peers) {
        proxies.addRaftPeers(peers);
    }

    /** The connection to the peer; blocks while it is made. */
    Link to(String peer) throws IOException {
        return proxies.getProxy(RaftPeerId.valueOf(peer));
    }

    /**
     * Breaks the connection; the next request makes another. Not for who is told of a request's outcome: that is {@link #drop}.
     */
    void reset(String peer) {
        standing.remove(peer);
        proxies.resetProxy(RaftPeerId.valueOf(peer));
    }

    /** Breaks the connection if that is what the failure of a request means. Not for who is told of a request's outcome. */
    void failed(String peer, Throwable problem) {
        if (broken(problem)) {
            reset(peer);
        }
    }

    /** As {@link #drop} if that is what the failure of a request means. */
    void failed(Link link, Throwable problem) {
        if (broken(problem)) {
            drop(link);
        }
    }

    private static boolean broken(Throwable problem) {
        return IOUtils.shouldReconnect(JavaUtils.unwrapCompletionException(problem));
    }

    /**
     * Breaks this connection soon, if it is still the one to its peer. Returns at once: Ratis tells of the requests that fail with a connection
     * while it holds that connection's lock, for which Netty's thread may wait; and whoever makes the next connection waits for
     * Netty's thread while it holds the lock that breaking one needs.
     */
    void drop(Link link) {
        if (standing.remove(link.peer(), link)) {
            try {
                breaker.execute(() -> proxies.resetProxy(RaftPeerId.valueOf(link.peer())));
            } catch (RejectedExecutionException e) {
                LOG.debug("{} is not broken: all connections are being closed", link, e);
            }
        }
    }

    @Override
    public void close() {
        breaker.shutdown();
        proxies.close();
        var unused = group.shutdownGracefully();
    }
}
