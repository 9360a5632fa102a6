package io.havoq.broker.reference;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage.StartupOption;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node as a member of the Raft group: submits batches where it leads, forwards them where another does. */
final class RaftMember implements Uplink, AutoCloseable {
    private static final RaftGroupId GROUP =
            RaftGroupId.valueOf(UUID.nameUUIDFromBytes("havoq-reference".getBytes(StandardCharsets.US_ASCII)));

    private static final Logger LOG = LoggerFactory.getLogger(RaftMember.class);
    private static final long STEP_DOWN_MILLIS = 3000;
    private static final long LOOK_AGAIN_MILLIS = 1500;

    private final String node;
    private final RaftServer server;
    private final Bundler bundler = new Bundler(this::append);
    private final PeerAddresses addresses;
    private final Contacts contacts;
    private final PeerLinks links;
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();
    private final ScheduledExecutorService lookup = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task, "names");
        thread.setDaemon(true);
        return thread;
    });

    RaftMember(Arguments arguments, PeerAddresses addresses, RaftProperties properties, BrokerStateMachine machine)
            throws IOException {
        this.node = arguments.node();
        List<RaftPeer> peers = arguments.peers().entrySet().stream()
                .map(peer -> RaftPeer.newBuilder()
                        .setId(peer.getKey())
                        .setAddress(peer.getValue().toString())
                        .build())
                .toList();
        this.addresses = addresses;
        this.contacts = new Contacts(addresses.peers(), System.nanoTime());
        this.server = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(node))
                .setGroup(RaftGroup.valueOf(GROUP, peers))
                .setStateMachine(machine)
                .setProperties(properties)
                .setParameters(RaftRpc.parameters(new Reach(addresses, contacts), addresses))
                .setOption(StartupOption.RECOVER)
                .build();
        this.links = new PeerLinks(clientId, GROUP, peers, addresses, properties, new Reach(addresses, contacts));
    }

    void start() throws IOException {
        var unused = lookup.scheduleWithFixedDelay(
                addresses::askAgain, LOOK_AGAIN_MILLIS, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        server.start();
    }

    /** The peers that this node has not found since it started; empty once it has had a majority. */
    List<String> missing() {
        var missing = addresses.unconfirmed();
        var found = 1 + addresses.peers().size() - missing.size();
        return 2 * found > 1 + addresses.peers().size() ? List.of() : missing;
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

    long term() {
        return info().getCurrentTerm();
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

    /** Asks the other members whether they live, for {@link #majority()}. */
    void ask() {
        links.ask();
    }

    /** When a majority was last known to be there, whatever became of the log. */
    long majority() {
        var now = System.nanoTime();
        var role = info().getRoleInfoProto();
        if (role.hasFollowerInfo() && info().getLeaderId() != null) {
            var leader = role.getFollowerInfo().getLeaderInfo();
            contacts.heard(
                    leader.getId().getId().toStringUtf8(),
                    now - TimeUnit.MILLISECONDS.toNanos(leader.getLastRpcElapsedTimeMs()));
        }
        return contacts.majority(now);
    }

    /**
     * Gives up leading. Ratis does that by itself only if nothing is proposed for an election timeout, and there is always
     * something: its check of the majority comes when its queue of events is empty.
     */
    void stepDown() {
        try {
            var unused = server.transferLeadershipAsync(new TransferLeadershipRequest(
                            clientId, server.getId(), GROUP, calls.incrementAndGet(), null, STEP_DOWN_MILLIS))
                    .whenComplete((reply, problem) -> {
                        if (problem != null) {
                            LOG.warn("{} cannot step down", node, problem);
                        }
                    });
        } catch (IOException e) {
            LOG.warn("{} cannot step down", node, e);
        }
    }

    private CompletableFuture<Boolean> submit(byte[] batch) {
        return bundler.add(batch);
    }

    private CompletableFuture<Boolean> append(byte[] entry) {
        var request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(server.getId())
                .setGroupId(GROUP)
                .setCallId(calls.incrementAndGet())
                .setMessage(Message.valueOf(ByteString.copyFrom(entry)))
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
        lookup.shutdownNow();
        bundler.close();
        links.close();
        server.close();
    }
}
