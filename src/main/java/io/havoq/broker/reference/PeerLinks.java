package io.havoq.broker.reference;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.netty.client.NettyClientRpc;
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
    private final ClientId clientId;
    private final RaftGroupId group;
    private final NettyClientRpc rpc;
    /** One thread for each peer: connecting blocks, and must not hold up the others. */
    private final Map<String, ExecutorService> senders = new TreeMap<>();

    private final AtomicLong calls = new AtomicLong();
    private final Reach reach;
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    PeerLinks(
            ClientId clientId,
            RaftGroupId group,
            List<RaftPeer> peers,
            String self,
            RaftProperties properties,
            Reach reach) {
        this.reach = reach;
        this.clientId = clientId;
        this.group = group;
        this.rpc = new NettyClientRpc(clientId, properties);
        rpc.addRaftPeers(peers);
        for (var peer : peers) {
            var name = peer.getId().toString();
            if (!name.equals(self)) {
                senders.put(name, Executors.newSingleThreadExecutor(task -> {
                    var thread = new Thread(task, "link-" + name);
                    thread.setDaemon(true);
                    return thread;
                }));
            }
        }
    }

    /** Asks each peer whether it lives, unless it still owes the last answer; {@link Contacts} are told. */
    void ask() {
        for (var peer : senders.keySet()) {
            if (asked.add(peer)) {
                var unused = send(peer, new byte[0]).whenComplete((lives, problem) -> asked.remove(peer));
            }
        }
    }

    CompletableFuture<Boolean> send(String peer, byte[] batch) {
        var sender = senders.get(peer);
        if (sender == null) {
            return CompletableFuture.failedFuture(new IOException(peer + " is no peer of this node"));
        }
        var taken = new CompletableFuture<Boolean>();
        sender.execute(() -> {
            try {
                reach.require(peer);
            } catch (IOException e) {
                taken.completeExceptionally(e);
                return;
            }
            var unused = request(peer, batch).whenComplete((reply, problem) -> {
                if (problem == null) {
                    reach.answered(peer);
                    taken.complete(reply.isSuccess() && taken(reply));
                } else {
                    reach.failed(peer);
                    taken.completeExceptionally(problem);
                }
            });
        });
        return taken;
    }

    private CompletableFuture<RaftClientReply> request(String peer, byte[] batch) {
        var id = RaftPeerId.valueOf(peer);
        var request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(id)
                .setGroupId(group)
                .setCallId(calls.incrementAndGet())
                .setMessage(Message.valueOf(ByteString.copyFrom(batch)))
                .setType(RaftClientRequest.staleReadRequestType(0))
                .build();
        return rpc.sendRequestAsync(request).whenComplete((reply, problem) -> {
            if (problem != null) {
                rpc.handleException(id, problem, true);
            }
        });
    }

    private static boolean taken(RaftClientReply reply) {
        var content = reply.getMessage().getContent();
        return content.size() == 1 && content.byteAt(0) == 1;
    }

    @Override
    public void close() throws IOException {
        senders.values().forEach(ExecutorService::shutdownNow);
        rpc.close();
    }
}
