package io.havoq.fault.local.network;

import java.io.IOException;
import java.net.Inet4Address;
import java.nio.ByteBuffer;

/** A TUN device: what the node sends through its interface the switch reads from a file, and the other way round. */
final class TunPort implements Port {
    static final String DEVICE = "/dev/net/tun";

    /** A layer-3 device whose packets carry no header of TUN's own. */
    private static final short TUN_WITHOUT_HEADER = 0x1001;

    /** Packets that may wait for the switch; the default of 500 overruns when a collection stops the switch. */
    private static final int QUEUE = 5_000;

    private final Descriptor device;
    private final NetworkNamespace.InterfaceCounters counters;
    private final int mtu;
    private final String description;
    private final PacketCalls packets;

    private TunPort(Descriptor device, NetworkNamespace.InterfaceCounters counters, int mtu, String description) {
        this.device = device;
        this.packets = new PacketCalls(device, "the TUN interface", TunPort::received, TunPort::sent);
        this.counters = counters;
        this.mtu = mtu;
        this.description = description;
    }

    /** Makes the interface in the calling thread's namespace. It is gone when the port is closed. */
    static TunPort open(NetworkNamespace namespace, String name, Inet4Address address, int prefix, int mtu)
            throws IOException {
        var fd = Libc.check(Libc.open(DEVICE, Libc.O_RDWR | Libc.O_NONBLOCK | Libc.O_CLOEXEC), "open " + DEVICE);
        var device = new Descriptor(fd);
        try {
            var request = Interface.request(name).putShort(TUN_WITHOUT_HEADER);
            Libc.check(Libc.ioctl(fd, Libc.TUNSETIFF, request.rewind()), "make the TUN interface " + name);
            try (var network = new Interface(name)) {
                network.mtu(mtu);
                network.queueLength(QUEUE);
                network.address(address, prefix);
                network.up();
            }
            return new TunPort(
                    device,
                    NetworkNamespace.counters(name),
                    mtu,
                    "TUN, MTU " + mtu + ", " + namespace.congestionControl()
                            + (namespace.ipv6Off() ? "" : ", IPv6 on"));
        } catch (IOException | RuntimeException e) {
            device.close();
            throw e;
        }
    }

    private static long received(int fd, ByteBuffer packet) {
        return Libc.read(fd, packet, packet.capacity());
    }

    /** A damaged version field: the node would throw such a packet away; TUN refuses it as invalid instead. */
    private static long sent(int fd, ByteBuffer packet) {
        var version = packet.get(0) >>> 4 & 0xf;
        return version == 4 || version == 6 ? Libc.write(fd, packet, packet.limit()) : 0;
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
    public Statistics statistics() throws IOException {
        return packets.statistics(counters.sentAndDropped());
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
        device.close();
        counters.close();
    }
}
