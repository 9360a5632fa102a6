package io.havoq.broker.reference;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.netty.NettyRpcProxy;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerReplyProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.util.JavaUtils;
import org.apache.ratis.util.function.CheckedSupplier;

/**
 * Ratis's Netty transport, which asks {@link Reach} before every request to another member and tells it the outcome. The log
 * goes to the followers over connections of its own, see {@link PipelinedAppender}.
 */
final class RaftRpc implements RaftServerRpc, PipelinedAppender.Transport {
    /** The name that Ratis's configuration has for this transport. Ratis makes one by reflection. */
    public static final class Type implements RpcType {
        @Override
        public String name() {
            return Type.class.getName();
        }

        @Override
        public RpcFactory newFactory(Parameters parameters) {
            return new Factory(parameters);
        }
    }

    private record Factory(Parameters parameters) implements ServerFactory {
        @Override
        public RpcType getRpcType() {
            return SupportedRpcType.NETTY;
        }

        @Override
        public RaftServerRpc newRaftServerRpc(RaftServer server) {
            var netty = ServerFactory.cast(SupportedRpcType.NETTY.newFactory(parameters));
            return new RaftRpc(
                    netty.newRaftServerRpc(server),
                    parameters.getNonNull(REACH, Reach.class),
                    new NettyRpcProxy.PeerMap(server.getId() + "-log", server.getProperties()));
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division server, LeaderState leader, FollowerInfo follower) {
            var rpc = (RaftRpc) server.getRaftServer().getServerRpc();
            return new PipelinedAppender(server, leader, follower, rpc);
        }
    }

    private static final String REACH = "havoq.reach";

    private final RaftServerRpc netty;
    private final Reach reach;
    private final NettyRpcProxy.PeerMap logLinks;

    private RaftRpc(RaftServerRpc netty, Reach reach, NettyRpcProxy.PeerMap logLinks) {
        this.netty = netty;
        this.reach = reach;
        this.logLinks = logLinks;
    }

    /** What a server that uses this transport has to be built with. */
    static Parameters parameters(Reach reach) {
        var parameters = new Parameters();
        parameters.put(REACH, reach, Reach.class);
        return parameters;
    }

    private <T> T ask(RaftRpcRequestProto request, CheckedSupplier<T, IOException> call) throws IOException {
        var peer = request.getReplyId().toStringUtf8();
        reach.require(peer);
        try {
            var reply = call.get();
            reach.answered(peer);
            return reply;
        } catch (IOException e) {
            reach.failed(peer);
            throw e;
        }
    }

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
        return ask(request.getServerRequest(), () -> netty.requestVote(request));
    }

    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) throws IOException {
        return ask(request.getServerRequest(), () -> netty.appendEntries(request));
    }

    @Override
    public CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request) throws IOException {
        var peer = request.getServerRequest().getReplyId().toStringUtf8();
        var id = RaftPeerId.valueOf(peer);
        reach.require(peer);
        var wrapped = RaftNettyServerRequestProto.newBuilder()
                .setAppendEntriesRequest(request)
                .build();
        return logLinks.getProxy(id)
                .sendAsync(wrapped)
                .thenApply(RaftNettyServerReplyProto::getAppendEntriesReply)
                .whenComplete((reply, problem) -> {
                    if (problem == null) {
                        reach.answered(peer);
                    } else {
                        reach.failed(peer);
                        logLinks.handleException(id, JavaUtils.unwrapCompletionException(problem), false);
                    }
                });
    }

    @Override
    public void reset(String peer) {
        reach.failed(peer);
        logLinks.resetProxy(RaftPeerId.valueOf(peer));
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
        return ask(request.getServerRequest(), () -> netty.installSnapshot(request));
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        return ask(request.getServerRequest(), () -> netty.startLeaderElection(request));
    }

    @Override
    public void handleException(RaftPeerId peer, Exception problem, boolean reconnect) {
        netty.handleException(peer, problem, reconnect);
    }

    @Override
    public void addRaftPeers(Collection<RaftPeer> peers) {
        netty.addRaftPeers(peers);
        logLinks.addRaftPeers(peers);
    }

    @Override
    public RpcType getRpcType() {
        return netty.getRpcType();
    }

    @Override
    public void start() throws IOException {
        netty.start();
    }

    @Override
    public InetSocketAddress getInetSocketAddress() {
        return netty.getInetSocketAddress();
    }

    @Override
    public void close() throws IOException {
        logLinks.close();
        netty.close();
    }
}
