package io.havoq.broker.reference;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage.StartupOption;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/** This node as a member of the Raft group: submits batches where it leads, forwards them where another does. */
final class RaftMember implements Uplink, AutoCloseable {
    private static final RaftGroupId GROUP =
            RaftGroupId.valueOf(UUID.nameUUIDFromBytes("havoq-reference".getBytes(StandardCharsets.US_ASCII)));

    private final String node;
    private final RaftServer server;
    private final PeerLinks links;
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();

    RaftMember(Arguments arguments, RaftProperties properties, BrokerStateMachine machine) throws IOException {
        this.node = arguments.node();
        List<RaftPeer> peers = arguments.peers().entrySet().stream()
                .map(peer -> RaftPeer.newBuilder()
                        .setId(peer.getKey())
                        .setAddress(peer.getValue())
                        .build())
                .toList();
        this.server = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(node))
                .setGroup(RaftGroup.valueOf(GROUP, peers))
                .setStateMachine(machine)
                .setProperties(properties)
                .setOption(StartupOption.RECOVER)
                .build();
        this.links = new PeerLinks(clientId, GROUP, peers, node, properties);
    }

    void start() throws IOException {
        server.start();
    }

    private DivisionInfo info() {
        try {
            return server.getDivision(GROUP).getInfo();
        } catch (IOException e) {
            throw new IllegalStateException("the raft group of this node is gone", e);
        }
    }

    /** Whether Ratis gave up on this node for good. */
    boolean closed() {
        LifeCycle.State state = info().getLifeCycleState();
        return state.isClosingOrClosed() || state == LifeCycle.State.EXCEPTION;
    }

    @Override
    public @Nullable Leader leader() {
        var info = info();
        var id = info.getLeaderId();
        return id == null ? null : new Leader(id.toString(), info.getCurrentTerm());
    }

    /** {@code leader}, {@code follower} or {@code candidate}. */
    String role() {
        RaftPeerRole role = info().getCurrentRole();
        return switch (role) {
            case LEADER -> "leader";
            case FOLLOWER -> "follower";
            default -> "candidate";
        };
    }

    boolean leads() {
        return info().isLeader() && info().isLeaderReady();
    }

    long applied() {
        return info().getLastAppliedIndex();
    }

    /** At the leader: how long ago each other member answered, in milliseconds. */
    Map<String, Long> silence() {
        var found = new java.util.TreeMap<String, Long>();
        var role = info().getRoleInfoProto();
        if (role.hasLeaderInfo()) {
            role.getLeaderInfo()
                    .getFollowerInfoList()
                    .forEach(follower ->
                            found.put(follower.getId().getId().toStringUtf8(), follower.getLastRpcElapsedTimeMs()));
        }
        return found;
    }

    /** Submits a batch of another node, where this one leads; false otherwise. */
    boolean submitForeign(byte[] batch) {
        if (!leads()) {
            return false;
        }
        // What becomes of it shows in the log; its node sends it again if need be.
        var unused = submit(batch);
        return true;
    }

    @Override
    public CompletableFuture<Boolean> offer(Leader leader, byte[] batch) {
        return leader.node().equals(node) ? submit(batch) : links.send(leader.node(), batch);
    }

    private CompletableFuture<Boolean> submit(byte[] batch) {
        var request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(server.getId())
                .setGroupId(GROUP)
                .setCallId(calls.incrementAndGet())
                .setMessage(Message.valueOf(ByteString.copyFrom(batch)))
                .setType(RaftClientRequest.writeRequestType())
                .build();
        Supplier<CompletableFuture<Boolean>> failed = () -> CompletableFuture.completedFuture(false);
        try {
            return server.submitClientRequestAsync(request).thenApply(reply -> reply.isSuccess());
        } catch (IOException e) {
            // Not running yet or not any more: the same as no leader.
            return failed.get();
        }
    }

    @Override
    public void close() throws IOException {
        links.close();
        server.close();
    }
}
