package io.havoq.fault.local.network;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Nodes in real namespaces, 10.77.0.1 and up, on a switch; for tests and benchmarks. */
public final class TestNetwork implements AutoCloseable {
    public static final int PREFIX = 24;
    public static final int MTU = 1500;

    private final List<ExecutorService> threads = new ArrayList<>();
    private final Ports ports;
    private final PacketSwitch packets;

    public TestNetwork(long seed, int nodes, Ports.Kind... kinds) throws IOException {
        this(new PacketSwitch(seed), nodes, kinds);
    }

    TestNetwork(PacketSwitch packets, int nodes, Ports.Kind... kinds) throws IOException {
        this.packets = packets;
        ports = kinds.length == 0 ? Ports.choose() : Ports.choose(kinds);
        try {
            for (var node = 0; node < nodes; node++) {
                var index = node;
                threads.add(Executors.newSingleThreadExecutor(task -> {
                    var thread = new Thread(task, "node-" + index);
                    thread.setDaemon(true);
                    return thread;
                }));
                var port = in(index, () -> ports.open(NetworkNamespace.enter(), address(index), PREFIX, MTU));
                packets.attach(name(index), address(index), port);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
        packets.start();
    }

    public PacketSwitch packets() {
        return packets;
    }

    public Ports ports() {
        return ports;
    }

    public static String name(int node) {
        return "n" + node;
    }

    public static Pair pair(int source, int destination) {
        return new Pair(name(source), name(destination));
    }

    public static Inet4Address address(int node) throws IOException {
        return (Inet4Address) InetAddress.getByAddress(new byte[] {10, 77, 0, (byte) (node + 1)});
    }

    /** Runs this on the node's thread, in its namespace. */
    public <T> T in(int node, Callable<T> work) throws IOException {
        try {
            return threads.get(node).submit(work).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** A socket of the node with this port and a large receive buffer; receiving ends after two seconds. */
    public DatagramSocket socket(int node, int port) throws IOException {
        return in(node, () -> {
            var socket = new DatagramSocket(new InetSocketAddress(address(node), port));
            socket.setReceiveBufferSize(4 << 20);
            socket.setSoTimeout(2_000);
            return socket;
        });
    }

    public static DatagramPacket datagram(int to, int port, byte[] content) throws IOException {
        return new DatagramPacket(content, content.length, address(to), port);
    }

    @Override
    public void close() {
        packets.close();
        ports.close();
        threads.forEach(ExecutorService::shutdown);
    }
}
