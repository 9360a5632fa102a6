package io.havoq.broker.reference;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.conf.Parameters;
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
                    new Links("log", server.getProperties(), parameters.getNonNull(ADDRESSES, PeerAddresses.class)),
                    new Links("votes", server.getProperties(), parameters.getNonNull(ADDRESSES, PeerAddresses.class)));
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division server, LeaderState leader, FollowerInfo follower) {
            var rpc = (RaftRpc) server.getRaftServer().getServerRpc();
            return new PipelinedAppender(server, leader, follower, rpc);
        }
    }

    private static final String REACH = "havoq.reach";
    private static final String ADDRESSES = "havoq.addresses";

    private final RaftServerRpc netty;
    private final Reach reach;
    private final Links logLinks;
    private final Links voteLinks;

    private RaftRpc(RaftServerRpc netty, Reach reach, Links logLinks, Links voteLinks) {
        this.netty = netty;
        this.reach = reach;
        this.logLinks = logLinks;
        this.voteLinks = voteLinks;
    }

    /** What a server that uses this transport has to be built with. */
    static Parameters parameters(Reach reach, PeerAddresses addresses) {
        var parameters = new Parameters();
        parameters.put(ADDRESSES, addresses, PeerAddresses.class);
        parameters.put(REACH, reach, Reach.class);
        return parameters;
    }

    private RaftNettyServerReplyProto ask(RaftRpcRequestProto request, RaftNettyServerRequestProto wrapped)
            throws IOException {
        var peer = request.getReplyId().toStringUtf8();
        reach.require(peer);
        try {
            var reply = voteLinks.to(peer).proxy().send(request, wrapped);
            reach.answered(peer);
            return reply;
        } catch (IOException e) {
            reach.failed(peer);
            voteLinks.failed(peer, e);
            throw e;
        }
    }

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
        var wrapped = RaftNettyServerRequestProto.newBuilder()
                .setRequestVoteRequest(request)
                .build();
        return ask(request.getServerRequest(), wrapped).getRequestVoteReply();
    }

    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) throws IOException {
        throw new UnsupportedOperationException("the log travels through append");
    }

    @Override
    public CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request) throws IOException {
        var peer = request.getServerRequest().getReplyId().toStringUtf8();
        reach.require(peer);
        var wrapped = RaftNettyServerRequestProto.newBuilder()
                .setAppendEntriesRequest(request)
                .build();
        var link = link(peer);
        return link.send(wrapped)
                .thenApply(RaftNettyServerReplyProto::getAppendEntriesReply)
                .whenComplete((reply, problem) -> {
                    if (problem == null) {
                        reach.answered(peer);
                    } else {
                        reach.failed(peer);
                        logLinks.failed(link, problem);
                    }
                });
    }

    private Links.Link link(String peer) throws IOException {
        try {
            return logLinks.to(peer);
        } catch (IOException e) {
            // What could not be connected once would be refused for ever after.
            reset(peer);
            throw e;
        }
    }

    @Override
    public void reset(String peer) {
        reach.failed(peer);
        logLinks.reset(peer);
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
        var wrapped = RaftNettyServerRequestProto.newBuilder()
                .setInstallSnapshotRequest(request)
                .build();
        return ask(request.getServerRequest(), wrapped).getInstallSnapshotReply();
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        var wrapped = RaftNettyServerRequestProto.newBuilder()
                .setStartLeaderElectionRequest(request)
                .build();
        return ask(request.getServerRequest(), wrapped).getStartLeaderElectionReply();
    }

    @Override
    public void handleException(RaftPeerId peer, Exception problem, boolean reconnect) {
        voteLinks.failed(peer.toString(), problem);
    }

    @Override
    public void addRaftPeers(Collection<RaftPeer> peers) {
        netty.addRaftPeers(peers);
        logLinks.add(peers);
        voteLinks.add(peers);
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
        voteLinks.close();
        netty.close();
    }
}
