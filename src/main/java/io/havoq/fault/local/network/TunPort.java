package io.havoq.fault.local.network;

import java.io.IOException;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

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
    private final LongAdder read = new LongAdder();
    private final LongAdder written = new LongAdder();
    private final LongAdder failures = new LongAdder();

    private TunPort(Descriptor device, NetworkNamespace.InterfaceCounters counters, int mtu, String description) {
        this.device = device;
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

    @Override
    public int read(ByteBuffer packet) throws IOException {
        if (!device.enter()) {
            return -1;
        }
        try {
            while (true) {
                var length = Libc.read(device.fd(), packet.clear(), packet.capacity());
                if (length > 0) {
                    read.increment();
                    packet.limit((int) length);
                    return (int) length;
                }
                var failure = Libc.failure("read from the TUN interface");
                if (failure.errno() != Libc.EAGAIN && failure.errno() != Libc.EINTR) {
                    throw failure;
                }
                if (!device.await()) {
                    return -1;
                }
            }
        } finally {
            device.leave();
        }
    }

    @Override
    public void write(ByteBuffer packet) throws IOException {
        if (!device.enter()) {
            failures.increment();
            throw new IOException("the port is closed");
        }
        try {
            // A damaged version field: the node would throw such a packet away; TUN refuses it as invalid instead.
            var version = packet.get(0) >>> 4 & 0xf;
            if ((version == 4 || version == 6) && Libc.write(device.fd(), packet, packet.limit()) == -1) {
                failures.increment();
                throw Libc.failure("write to the TUN interface");
            }
            written.increment();
        } finally {
            device.leave();
        }
    }

    @Override
    public Statistics statistics() throws IOException {
        return new Statistics(read.sum(), written.sum(), counters.sentAndDropped(), failures.sum());
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
