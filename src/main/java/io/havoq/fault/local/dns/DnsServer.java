package io.havoq.fault.local.dns;

import io.havoq.fault.local.loop.SelectorLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The DNS server of all nodes: one address that means another socket in each node's network, so that it knows who asks. It
 * answers from a {@link Zone}, with the faults of DNSChaos where they are imposed. One thread; UDP and TCP. Thread-safe.
 *
 * <p>Names outside the zone do not exist: nothing is forwarded, since nodes have no way out.
 */
public final class DnsServer implements AutoCloseable {
    /** Where a node finds it: as systemd-resolved's, in a range that is the node's own. */
    public static final InetSocketAddress ADDRESS = new InetSocketAddress("127.0.0.53", 53);

    private static final int LONGEST_QUESTION = 4096;

    private final SelectorLoop loop;
    private final long seed;
    private final ConcurrentHashMap<String, Resolution> nodes = new ConcurrentHashMap<>();
    private final ByteBuffer received = ByteBuffer.allocateDirect(LONGEST_QUESTION);
    private volatile Zone zone;
    private volatile String lastFailure = "";

    /** Starts the thread, of this name; the seed decides random answers. */
    public DnsServer(String name, Zone zone, long seed) throws IOException {
        this.zone = zone;
        this.seed = seed;
        this.loop = new SelectorLoop("dns-" + name);
    }

    /** Answers a node's questions to this address from now on. The node's loopback interface must be up. */
    public void add(String node, NodeSockets sockets, InetSocketAddress address) throws IOException {
        var resolution = new Resolution(node, seed);
        if (nodes.putIfAbsent(node, resolution) != null) {
            throw new IllegalArgumentException("the node " + node + " has a DNS server already");
        }
        var server = new StreamQuestions(loop, resolution, () -> zone, this::failed);
        DatagramChannel datagrams = null;
        try {
            datagrams = sockets.datagram();
            datagrams.configureBlocking(false);
            datagrams.bind(address);
            server.listen(sockets.server(), address);
            serve(datagrams, resolution);
        } catch (IOException e) {
            nodes.remove(node);
            server.close();
            if (datagrams != null) {
                datagrams.close();
            }
            throw new IOException(
                    "cannot serve DNS on " + address + " in the network of " + node + " (is its lo up?): "
                            + e.getMessage(),
                    e);
        }
    }

    private void serve(DatagramChannel datagrams, Resolution resolution) throws IOException {
        loop.call(() -> loop.register(datagrams, SelectionKey.OP_READ, () -> answerAll(datagrams, resolution)));
    }

    private void answerAll(DatagramChannel channel, Resolution resolution) {
        try {
            for (var asker = channel.receive(received.clear());
                    asker != null;
                    asker = channel.receive(received.clear())) {
                var question = Question.parse(received.flip());
                if (question.isPresent()) {
                    var answer = resolution.answer(question.get(), zone);
                    channel.send(answer.message(question.get(), question.get().udpPayload()), asker);
                }
            }
        } catch (IOException e) {
            // One asker's doing, such as a socket that is closed again: its resolver asks once more.
            failed(e);
        }
    }

    private void failed(IOException e) {
        lastFailure = String.valueOf(e.getMessage());
    }

    /** Answers from another zone from now on. */
    public void zone(Zone next) {
        zone = next;
    }

    /** Puts a fault on a node's questions. Where several match, the newest decides. */
    public void impose(String rule, String node, DnsFault fault) {
        node(node).impose(rule, fault);
    }

    /** Takes the fault off every node; its counters can still be read. */
    public void lift(String rule) {
        nodes.values().forEach(resolution -> resolution.lift(rule));
    }

    /** All that the node asked so far. */
    public DnsCounters counters(String node) {
        return node(node).counters();
    }

    /** What the node asked while this fault was imposed on it, and how much of that it decided. */
    public DnsCounters counters(String rule, String node) {
        return node(node).counters(rule);
    }

    /** What went wrong last at receiving or sending, empty if nothing did. */
    public String lastFailure() {
        return lastFailure;
    }

    private Resolution node(String node) {
        var known = nodes.get(node);
        if (known == null) {
            throw new IllegalArgumentException("no DNS server for the node " + node + ", only for " + nodes.keySet());
        }
        return known;
    }

    @Override
    public void close() {
        loop.close();
    }
}
