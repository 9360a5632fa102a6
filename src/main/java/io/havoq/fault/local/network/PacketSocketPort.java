package io.havoq.fault.local.network;

import java.io.IOException;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One end of a veth pair, read and written through a packet socket (packet(7)); the node has the other end. For machines
 * where TUN cannot be opened. The socket is of the kind that leaves the Ethernet header to the kernel. The nodes' ends do not
 * resolve addresses but all have the same hardware address, so that each takes what the others send.
 */
final class PacketSocketPort implements Port {
    private static final byte[] NODE_ADDRESS = {2, 'h', 'a', 'v', 'o', 'q'};
    private static final short IPV4 = 0x0800;
    private static final int ADDRESS_BYTES = 20;
    private static final int RECEIVE_BYTES = 8 << 20;

    /** Commands of linux/ethtool.h. Off: the node would send packets that are larger than the MTU or lack their checksum. */
    private static final int SEND_CHECKSUMS = 0x17;

    private static final int SEND_SEGMENTATION = 0x1f;
    private static final int GENERIC_SEGMENTATION = 0x24;
    private static final int GENERIC_RECEIVE = 0x2c;

    private final Descriptor socket;
    private final PacketCalls packets;
    private final NetworkNamespace.InterfaceCounters counters;
    private final int mtu;
    private final String description;
    /** What the kernel counted and forgot when it was asked before. */
    private long overruns;

    private PacketSocketPort(
            Descriptor socket,
            ByteBuffer destination,
            NetworkNamespace.InterfaceCounters counters,
            int mtu,
            String description) {
        this.socket = socket;
        this.packets = new PacketCalls(
                socket,
                "the packet socket",
                (fd, packet) -> Libc.recv(fd, packet, packet.capacity(), Libc.MSG_DONTWAIT),
                (fd, packet) -> Libc.sendto(fd, packet, packet.limit(), 0, destination, ADDRESS_BYTES));
        this.counters = counters;
        this.mtu = mtu;
        this.description = description;
    }

    /** The switch's end, as made on the thread of the switch's namespace. */
    record End(Descriptor socket, ByteBuffer destination) {}

    /** Sets up the node's end; on the thread of the node's namespace. */
    static PacketSocketPort open(
            NetworkNamespace namespace, String name, End end, Inet4Address address, int prefix, int mtu)
            throws IOException {
        try (var network = new Interface(name)) {
            network.hardwareAddress(NODE_ADDRESS);
            offloadsOff(network);
            network.mtu(mtu);
            network.address(address, prefix);
            network.upWithoutArp();
        }
        return new PacketSocketPort(
                end.socket,
                end.destination,
                NetworkNamespace.counters(name),
                mtu,
                "veth, MTU " + mtu + ", " + namespace.congestionControl() + (namespace.ipv6Off() ? "" : ", IPv6 on"));
    }

    /** Sets up the switch's end and opens its socket; on the thread of the switch's namespace. */
    static End openEnd(String name, int mtu) throws IOException {
        int index;
        try (var network = new Interface(name)) {
            offloadsOff(network);
            network.mtu(mtu);
            index = network.index();
            network.upWithoutArp();
        }
        // No protocol yet: nothing is received before the socket is bound to its interface.
        var socket = new Descriptor(
                Libc.check(Libc.socket(Libc.AF_PACKET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0), "socket(AF_PACKET)"));
        try {
            if (Libc.setsockopt(socket.fd(), Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, integer(RECEIVE_BYTES), 4) == -1) {
                // Not the machine's root: as much as net.core.rmem_max allows. Overruns are counted.
                option(socket, Libc.SOL_SOCKET, Libc.SO_RCVBUF, RECEIVE_BYTES);
            }
            option(socket, Libc.SOL_PACKET, Libc.PACKET_IGNORE_OUTGOING, 1);
            // The kernel gives this end its queue some time after the other end is up, and drops until then.
            option(socket, Libc.SOL_PACKET, Libc.PACKET_QDISC_BYPASS, 1);
            // struct sockaddr_ll: family, protocol, interface, hardware type, packet type, address length, address
            var address = ByteBuffer.allocateDirect(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
            address.putShort((short) Libc.AF_PACKET);
            address.order(ByteOrder.BIG_ENDIAN).putShort(IPV4).order(ByteOrder.nativeOrder());
            address.putInt(index).putShort((short) 0).put((byte) 0).put((byte) NODE_ADDRESS.length);
            address.put(NODE_ADDRESS).rewind();
            Libc.check(Libc.bind(socket.fd(), address, ADDRESS_BYTES), "bind a packet socket to " + name);
            return new End(socket, address);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static void offloadsOff(Interface network) throws IOException {
        network.feature(SEND_SEGMENTATION, false);
        network.feature(GENERIC_SEGMENTATION, false);
        network.feature(GENERIC_RECEIVE, false);
        network.feature(SEND_CHECKSUMS, false);
    }

    private static void option(Descriptor socket, int level, int option, int value) throws IOException {
        Libc.check(
                Libc.setsockopt(socket.fd(), level, option, integer(value), 4),
                "setsockopt " + level + "/" + option + " of a packet socket");
    }

    private static ByteBuffer integer(int value) {
        return ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder()).putInt(0, value);
    }

    @Override
    public int read(ByteBuffer packet) throws IOException {
        return packets.read(packet);
    }

    @Override
    public void write(ByteBuffer packet) throws IOException {
        packets.write(packet);
    }

    @Override
    public synchronized Statistics statistics() throws IOException {
        if (socket.enter()) {
            try {
                // struct tpacket_stats: packets, drops
                var figures = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
                Libc.check(
                        Libc.getsockopt(socket.fd(), Libc.SOL_PACKET, Libc.PACKET_STATISTICS, figures, integer(8)),
                        "read the drops of a packet socket");
                overruns += Integer.toUnsignedLong(figures.getInt(4));
            } finally {
                socket.leave();
            }
        }
        return packets.statistics(overruns + counters.sentAndDropped());
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public void close() {
        socket.close();
        counters.close();
    }
}
