package io.havoq.broker.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.client.impl.ClientProtoUtils;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LinksTest {
    private static final String PEER = "n1";

    private static RaftNettyServerRequestProto request(long call) {
        return RaftNettyServerRequestProto.newBuilder()
                .setRaftClientRequest(ClientProtoUtils.toRaftClientRequestProto(RaftClientRequest.newBuilder()
                        .setClientId(ClientId.randomId())
                        .setServerId(RaftPeerId.valueOf(PEER))
                        .setGroupId(RaftGroupId.randomId())
                        .setCallId(call)
                        .setMessage(Message.valueOf("x"))
                        .setType(RaftClientRequest.staleReadRequestType(-1))
                        .build()))
                .build();
    }

    private static Links links(ServerSocket peer) {
        var links = new Links(
                "test",
                new RaftProperties(),
                new PeerAddresses(
                        Map.of(PEER, new HostPort("127.0.0.1", peer.getLocalPort())),
                        Map.of(),
                        InetAddress::getByName));
        links.add(List.of(
                RaftPeer.newBuilder().setId(PEER).setAddress("127.0.0.1:1").build()));
        return links;
    }

    /**
     * As after a slow link: several requests fail with their connection, and with the first of them somebody connects anew. That needs Netty's
     * thread, on which the others are told of their failure.
     */
    @Test
    @Timeout(60)
    void aConnectionThatEndsWithMuchUnderWayIsFollowedByAnother() throws Exception {
        try (var peer = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var links = links(peer)) {
            var link = links.to(PEER);
            var connecting = new AtomicReference<Thread>();
            var failures = new CountDownLatch(5);
            for (var call = 1; call <= 5; call++) {
                var unused = link.send(request(call)).whenComplete((reply, problem) -> {
                    links.drop(link);
                    var another = new Thread(() -> connect(links), "connects");
                    if (connecting.compareAndSet(null, another)) {
                        another.start();
                        await().atMost(Duration.ofSeconds(10))
                                .until(() -> another.getState() == Thread.State.WAITING
                                        || another.getState() == Thread.State.TERMINATED);
                    }
                    failures.countDown();
                });
            }

            peer.accept().close();

            assertThat(failures.await(10, TimeUnit.SECONDS))
                    .as("all requests failed with their connection")
                    .isTrue();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> !CompletableFuture.supplyAsync(() -> connect(links))
                            .get(5, TimeUnit.SECONDS)
                            .equals(link));
        }
    }

    @Test
    @Timeout(60)
    void aConnectionThatWasReplacedIsNotBrokenForWhatFailedOnTheOldOne() throws Exception {
        try (var peer = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var links = links(peer)) {
            var old = links.to(PEER);
            links.reset(PEER);
            var now = links.to(PEER);
            var answer = now.send(request(1));

            links.drop(old);
            links.drop(old);

            assertThat(links.to(PEER)).isSameAs(now);
            assertThat(answer).isNotDone();
            links.drop(now);
            await().atMost(Duration.ofSeconds(10)).until(answer::isCompletedExceptionally);
        }
    }

    private static Links.Link connect(Links links) {
        try {
            return links.to(PEER);
        } catch (IOException e) {
            throw new AssertionError("could not connect", e);
        }
    }
}
