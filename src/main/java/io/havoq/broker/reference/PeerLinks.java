package io.havoq.broker.reference;

import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.client.impl.ClientProtoUtils;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerReplyProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * Carries batches to the other members over Ratis's own port. They travel as stale reads, which are answered at once
 * and in order: a write through Ratis's Netty server holds the connection's thread until it is committed.
 */
final class PeerLinks implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 3;

    private final ClientId clientId;
    private final RaftGroupId group;
    private final PeerAddresses addresses;
    private final Links links;
    /** One thread for each peer: connecting blocks, and must not hold up the others. */
    private final Map<String, ExecutorService> senders = new TreeMap<>();

    private final AtomicLong calls = new AtomicLong();
    private final Reach reach;
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    PeerLinks(
            ClientId clientId,
            RaftGroupId group,
            List<RaftPeer> peers,
            PeerAddresses addresses,
            RaftProperties properties,
            Reach reach) {
        this.reach = reach;
        this.clientId = clientId;
        this.group = group;
        this.addresses = addresses;
        this.links = new Links("batches", properties, addresses);
        links.add(peers);
        for (var name : addresses.peers()) {
            senders.put(name, Executors.newSingleThreadExecutor(task -> {
                var thread = new Thread(task, "link-" + name);
                thread.setDaemon(true);
                return thread;
            }));
        }
    }

    /** Asks each peer who it is, unless it still owes the last answer; {@link Contacts} are told. */
    void ask() {
        senders.forEach((peer, sender) -> {
            if (asked.add(peer)) {
                sender.execute(() -> {
                    try {
                        reach.requireAnyone(peer);
                        var unused = name(peer).whenComplete((lives, problem) -> asked.remove(peer));
                    } catch (IOException e) {
                        addresses.silent(peer);
                        asked.remove(peer);
                    }
                });
            }
        });
    }

    private CompletableFuture<Void> name(String peer) throws IOException {
        var link = link(peer);
        return request(link, new byte[0])
                .thenAccept(reply -> {
                    var name = reply.getMessage().getContent().toStringUtf8();
                    if (!name.equals(peer)) {
                        throw new IllegalStateException(
                                "expected " + peer + " at " + link.address() + ", but there is " + name);
                    }
                })
                .whenComplete((right, problem) -> {
                    if (problem == null) {
                        addresses.confirm(peer, link.address());
                        reach.answered(peer);
                    } else {
                        addresses.silent(peer);
                        reach.failed(peer);
                        links.drop(link);
                    }
                });
    }

    /** Hands over a batch; tells whether it was taken. */
    CompletableFuture<Boolean> send(String peer, byte[] batch) {
        var sender = senders.get(peer);
        if (sender == null) {
            return CompletableFuture.failedFuture(new IOException(peer + " is no peer of this node"));
        }
        var taken = new CompletableFuture<Boolean>();
        sender.execute(() -> {
            try {
                reach.require(peer);
                var link = link(peer);
                var unused = request(link, batch).whenComplete((reply, problem) -> {
                    if (problem == null) {
                        reach.answered(peer);
                        taken.complete(taken(reply));
                    } else {
                        reach.failed(peer);
                        links.drop(link);
                        taken.completeExceptionally(problem);
                    }
                });
            } catch (IOException e) {
                taken.completeExceptionally(e);
            }
        });
        return taken;
    }

    private Links.Link link(String peer) throws IOException {
        try {
            return links.to(peer);
        } catch (IOException e) {
            // What could not be connected once would be refused for ever after.
            reach.failed(peer);
            links.reset(peer);
            throw e;
        }
    }

    private CompletableFuture<RaftClientReply> request(Links.Link link, byte[] content) {
        var request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(RaftPeerId.valueOf(link.peer()))
                .setGroupId(group)
                .setCallId(calls.incrementAndGet())
                .setMessage(Message.valueOf(ByteString.copyFrom(content)))
                .setType(RaftClientRequest.staleReadRequestType(-1))
                .build();
        var wrapped = RaftNettyServerRequestProto.newBuilder()
                .setRaftClientRequest(ClientProtoUtils.toRaftClientRequestProto(request))
                .build();
        return link.send(wrapped)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .thenCompose(reply -> successful(link.peer(), reply));
    }

    private static CompletableFuture<RaftClientReply> successful(String peer, RaftNettyServerReplyProto answer) {
        var reply = ClientProtoUtils.toRaftClientReply(answer.getRaftClientReply());
        return reply.isSuccess()
                ? CompletableFuture.completedFuture(reply)
                : CompletableFuture.failedFuture(new ConnectException(peer + " refused: " + reply.getException()));
    }

    private static boolean taken(RaftClientReply reply) {
        var content = reply.getMessage().getContent();
        return content.size() == 1 && content.byteAt(0) == 1;
    }

    @Override
    public void close() {
        senders.values().forEach(ExecutorService::shutdownNow);
        links.close();
    }
}
