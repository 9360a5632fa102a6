package io.havoq.fault.local.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.fault.local.dns.DnsFault.Action;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DnsServerTest {
    private static final String HEADLESS = "emqx-go-headless.default.svc.cluster.local";
    private static final String FIRST = "emqx-go-0." + HEADLESS;
    private static final NodeSockets HERE = new NodeSockets() {
        @Override
        public DatagramChannel datagram() throws IOException {
            return DatagramChannel.open();
        }

        @Override
        public ServerSocketChannel server() throws IOException {
            return ServerSocketChannel.open();
        }
    };

    private DnsServer server;
    private InetSocketAddress address;
    private InetSocketAddress otherAddress;
    private DatagramSocket asking;

    @BeforeEach
    void start() throws IOException {
        server = new DnsServer("test", zone(3), 42);
        address = free("127.0.0.53");
        otherAddress = new InetSocketAddress("127.0.0.54", address.getPort());
        server.add("node-0", HERE, address);
        server.add("node-1", HERE, otherAddress);
        asking = new DatagramSocket();
        asking.setSoTimeout(5_000);
    }

    @AfterEach
    void stop() {
        server.close();
        asking.close();
    }

    private static Zone zone(int pods) throws IOException {
        var addresses = new LinkedHashMap<String, Inet4Address>();
        for (int i = 0; i < pods; i++) {
            addresses.put("emqx-go-" + i, (Inet4Address) InetAddress.getByName("10.71.0." + (i + 1)));
        }
        return Zone.statefulSet("default", "emqx-go-headless", List.of("emqx-go-mqtt"), addresses);
    }

    private static InetSocketAddress free(String host) throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName(host))) {
            return new InetSocketAddress(host, taken.getLocalPort());
        }
    }

    private Message.Reply ask(byte[] query) throws IOException {
        return ask(query, address);
    }

    private Message.Reply ask(byte[] query, InetSocketAddress at) throws IOException {
        asking.send(new DatagramPacket(query, query.length, at));
        var packet = new DatagramPacket(new byte[4096], 4096);
        asking.receive(packet);
        return Message.read(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
    }

    private Message.Reply ask(String name, int type) throws IOException {
        return ask(Message.query(7, name, type));
    }

    @Test
    void givesAPodItsAddressWhateverTheCaseAndRepeatsTheQuestionAsItCame() throws IOException {
        var mixed = "EMQX-go-0." + HEADLESS;
        var reply = ask(Message.query(0xbeef, mixed, Message.A));
        assertThat(reply.id()).isEqualTo(0xbeef);
        assertThat(reply.flags()).isEqualTo(0x8500);
        assertThat(reply.question()).isEqualTo(mixed);
        assertThat(reply.addresses()).containsExactly("10.71.0.1");
        assertThat(reply.lives()).containsExactly(5);
    }

    @Test
    void givesAServiceAllAddressesEachFirstInTurn() throws IOException {
        var firsts = new ArrayList<String>();
        for (int i = 0; i < 3; i++) {
            var addresses =
                    ask("emqx-go-mqtt.default.svc.cluster.local", Message.A).addresses();
            assertThat(addresses).containsExactlyInAnyOrder("10.71.0.1", "10.71.0.2", "10.71.0.3");
            firsts.add(addresses.get(0));
        }
        assertThat(firsts).doesNotHaveDuplicates();
        assertThat(ask(HEADLESS, Message.A).addresses()).hasSize(3);
    }

    @Test
    void tellsANameWithoutSuchARecordFromOneThatDoesNotExist() throws IOException {
        for (var type : List.of(Message.AAAA, Message.SRV)) {
            assertThat(ask(FIRST, type).code()).isEqualTo(Answer.NO_ERROR);
            assertThat(ask(FIRST, type).data()).isEmpty();
        }
        assertThat(ask("svc.cluster.local", Message.A).code()).isEqualTo(Answer.NO_ERROR);
        assertThat(ask("emqx-go-9." + HEADLESS, Message.A).code()).isEqualTo(Answer.NAME_ERROR);
        assertThat(ask("example.org", Message.A).code()).isEqualTo(Answer.NAME_ERROR);
    }

    @Test
    void namesAnAddressAfterItsPod() throws IOException {
        var reply = ask("2.0.71.10.in-addr.arpa", Message.PTR);
        assertThat(Message.name(ByteBuffer.wrap(reply.data().get(0)))).isEqualTo("emqx-go-1." + HEADLESS);
        assertThat(ask("9.0.71.10.in-addr.arpa", Message.PTR).code()).isEqualTo(Answer.NAME_ERROR);
    }

    @Test
    void namesTheAddressOfALonePodAfterThePod() throws IOException {
        server.zone(zone(1));
        var reply = ask("1.0.71.10.in-addr.arpa", Message.PTR);
        assertThat(Message.name(ByteBuffer.wrap(reply.data().get(0)))).isEqualTo(FIRST);
    }

    @Test
    void anAddressThatCannotBeHadIsSaidWithTheNodeAndCanBeTriedAgain() throws IOException {
        assertThatThrownBy(() -> server.add("node-2", HERE, address))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("node-2")
                .hasMessageContaining(address.toString());
        server.add("node-2", HERE, new InetSocketAddress("127.0.0.55", address.getPort()));
        assertThat(server.counters("node-2")).isEqualTo(new DnsCounters(0, 0));
    }

    @Test
    void aDotWithinALabelSeparatesNothing() throws IOException {
        var query = Message.query(1, "emqx-go-0_" + HEADLESS, Message.A);
        query[12 + 1 + "emqx-go-0".length()] = '.';
        assertThat(ask(query).code()).isEqualTo(Answer.NAME_ERROR);
    }

    @Test
    void refusesWhatItDoesNotImplement() throws IOException {
        var notify = Message.query(1, FIRST, Message.A);
        notify[2] = 4 << 3;
        assertThat(ask(notify).code()).isEqualTo(Answer.NOT_IMPLEMENTED);
        var chaosClass = Message.query(1, FIRST, Message.A);
        chaosClass[chaosClass.length - 1] = 3;
        assertThat(ask(chaosClass).code()).isEqualTo(Answer.REFUSED);
        var twoQuestions = Message.query(1, FIRST, Message.A);
        twoQuestions[5] = 2;
        assertThat(ask(twoQuestions).code()).isEqualTo(Answer.FORMAT_ERROR);
        var longerThanItIs = Message.query(1, FIRST, Message.A, 4096);
        longerThanItIs[longerThanItIs.length - 1] = 1;
        assertThat(ask(longerThanItIs).code()).isEqualTo(Answer.FORMAT_ERROR);
    }

    @Test
    void anAnswerGetsNoAnswer() throws IOException {
        var answer = Message.query(1, FIRST, Message.A);
        answer[2] |= (byte) 0x80;
        asking.send(new DatagramPacket(answer, answer.length, address));
        // The next one that is due comes first: the server works in order.
        assertThat(ask(Message.query(2, FIRST, Message.A)).id()).isEqualTo(2);
    }

    @Test
    void anErrorIsAServerFailureForTheNamesNodesAndTimeOfTheRule() throws IOException {
        server.impose("dns", "node-0", new DnsFault(Action.ERROR, name -> name.equals(FIRST)));
        for (var type : List.of(Message.A, Message.AAAA, Message.SRV)) {
            assertThat(ask(FIRST, type).code()).isEqualTo(Answer.SERVER_FAILURE);
        }
        assertThat(ask("EMQX-GO-0." + HEADLESS, Message.A).code()).isEqualTo(Answer.SERVER_FAILURE);
        assertThat(ask("emqx-go-1." + HEADLESS, Message.A).addresses()).containsExactly("10.71.0.2");
        assertThat(ask(Message.query(1, FIRST, Message.A), otherAddress).code()).isEqualTo(Answer.NO_ERROR);
        server.lift("dns");
        assertThat(ask(FIRST, Message.A).addresses()).containsExactly("10.71.0.1");
        assertThat(server.counters("dns", "node-0")).isEqualTo(new DnsCounters(5, 4));
        assertThat(server.counters("node-0")).isEqualTo(new DnsCounters(6, 4));
        assertThat(server.counters("node-1")).isEqualTo(new DnsCounters(1, 0));
        assertThatThrownBy(() -> server.counters("dns", "node-1")).hasMessageContaining("node-1");
    }

    @Test
    void aRandomAddressIsAsChaosMeshGivesItAndFollowsFromTheSeed() throws IOException {
        server.impose("dns", "node-0", new DnsFault(Action.RANDOM, NamePattern.ALL));
        var given = new ArrayList<String>();
        for (int i = 0; i < 5; i++) {
            var reply = ask("not.in.the.zone", Message.A);
            assertThat(reply.lives()).containsExactly(10);
            given.addAll(reply.addresses());
        }
        assertThat(given).hasSize(5).doesNotHaveDuplicates();
        assertThat(ask(FIRST, Message.AAAA).addresses()).containsExactly("2001:db8:0:0:0:123:12:1");
        assertThat(ask(FIRST, Message.SRV).code()).isEqualTo(Answer.SERVER_FAILURE);
        try (var again = new DnsServer("again", zone(3), 42)) {
            var at = free("127.0.0.53");
            again.add("node-0", HERE, at);
            again.impose("dns", "node-0", new DnsFault(Action.RANDOM, NamePattern.ALL));
            var same = new ArrayList<String>();
            for (int i = 0; i < 5; i++) {
                same.addAll(ask(Message.query(1, FIRST, Message.A), at).addresses());
            }
            assertThat(same).isEqualTo(given);
        }
    }

    @Test
    void theNewestOfTheFaultsThatMatchDecides() throws IOException {
        server.impose("old", "node-0", new DnsFault(Action.RANDOM, NamePattern.ALL));
        server.impose("new", "node-0", new DnsFault(Action.ERROR, name -> name.equals(FIRST)));
        assertThat(ask(FIRST, Message.A).code()).isEqualTo(Answer.SERVER_FAILURE);
        assertThat(ask(HEADLESS, Message.A).data()).hasSize(1);
        server.lift("new");
        assertThat(ask(FIRST, Message.A).code()).isEqualTo(Answer.NO_ERROR);
        assertThat(server.counters("old", "node-0")).isEqualTo(new DnsCounters(3, 2));
        assertThat(server.counters("new", "node-0")).isEqualTo(new DnsCounters(2, 1));
    }

    @Test
    void whatDoesNotFitADatagramComesByTcp() throws IOException {
        server.zone(zone(60));
        var small = ask(HEADLESS, Message.A);
        assertThat(small.flags() & 0x0200).isNotZero();
        assertThat(small.data()).isEmpty();
        var extended = ask(Message.query(3, HEADLESS, Message.A, 4096));
        assertThat(extended.data()).hasSize(60);
        assertThat(extended.additional()).isEqualTo(1);
        try (var stream = new Socket(address.getAddress(), address.getPort())) {
            stream.setSoTimeout(5_000);
            var out = new DataOutputStream(stream.getOutputStream());
            var in = new DataInputStream(stream.getInputStream());
            var query = Message.query(4, HEADLESS, Message.A);
            var twice = ByteBuffer.allocate(2 * (2 + query.length));
            twice.putShort((short) query.length)
                    .put(query)
                    .putShort((short) query.length)
                    .put(query);
            out.write(twice.array(), 0, 5);
            out.flush();
            out.write(twice.array(), 5, twice.capacity() - 5);
            for (int i = 0; i < 2; i++) {
                var answer = in.readNBytes(in.readUnsignedShort());
                assertThat(Message.read(ByteBuffer.wrap(answer)).data()).hasSize(60);
            }
        }
    }

    @Test
    void survivesWhateverIsSent() throws IOException {
        var random = new Random(7);
        asking.setSoTimeout(1);
        var valid = Message.query(1, FIRST, Message.A, 4096);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes;
            if (random.nextBoolean()) {
                bytes = new byte[random.nextInt(600)];
                random.nextBytes(bytes);
            } else {
                bytes = java.util.Arrays.copyOf(valid, random.nextInt(valid.length + 1));
                for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            Question.parse(ByteBuffer.wrap(bytes))
                    .ifPresent(question -> assertThat(new Resolution("fuzz", 1)
                                    .answer(question, new Zone(Map.of()))
                                    .message(question, question.udpPayload())
                                    .remaining())
                            .isBetween(12, 4096));
            if (i % 50 == 0) {
                asking.send(new DatagramPacket(bytes, bytes.length, address));
            }
        }
        asking.setSoTimeout(5_000);
        // Answers to some of those may come first.
        Message.Reply reply;
        asking.send(new DatagramPacket(Message.query(0x7171, FIRST, Message.A), valid.length - 11, address));
        do {
            var packet = new DatagramPacket(new byte[4096], 4096);
            asking.receive(packet);
            reply = Message.read(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
        } while (reply.id() != 0x7171);
        assertThat(reply.addresses()).containsExactly("10.71.0.1");
        assertThat(server.lastFailure()).isEmpty();
    }

    @Test
    void closingGivesTheAddressBack() throws IOException {
        server.close();
        asking.setSoTimeout(100);
        assertThatThrownBy(() -> ask(FIRST, Message.A)).isInstanceOf(SocketTimeoutException.class);
        try (var free = new DatagramSocket(address)) {
            assertThat(free.getLocalPort()).isEqualTo(address.getPort());
        }
    }
}
