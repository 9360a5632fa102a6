package io.havoq.fault.local.network;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.lang.ref.Reference;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A network interface of the calling thread's namespace, set up by ioctls (netdevice(7)), so that no program is needed for
 * it. To be closed when set up; the interface stays.
 */
final class Interface implements AutoCloseable {
    private static final int REQUEST_BYTES = 40;
    private static final int NAME_BYTES = 16;
    private static final int UP = 0x1;
    private static final int RUNNING = 0x40;
    private static final int NO_ARP = 0x80;
    private static final short ETHERNET = 1;
    private static final int NETLINK_BYTES = 40;
    private static final int NETLINK_ANSWER_BYTES = 256;
    private static final short RTM_NEWLINK = 16;
    private static final short REQUEST_AND_ACKNOWLEDGE = 5;
    private static final short IFLA_TXQLEN = 13;

    private final String name;
    private final int socket;

    Interface(String name) throws IOException {
        this.name = name;
        this.socket = Libc.check(
                Libc.socket(Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0), "socket to set up " + name);
    }

    /** A {@code struct ifreq} with its name set and its position after it. */
    static ByteBuffer request(String name) {
        var request = ByteBuffer.allocateDirect(REQUEST_BYTES).order(ByteOrder.nativeOrder());
        request.put(name.getBytes(StandardCharsets.US_ASCII)).position(NAME_BYTES);
        return request;
    }

    void up() throws IOException {
        flags(UP | RUNNING);
    }

    void upWithoutArp() throws IOException {
        flags(UP | RUNNING | NO_ARP);
    }

    private void flags(int added) throws IOException {
        var request = request(name);
        ioctl(Libc.SIOCGIFFLAGS, request, "read its flags");
        request.putShort(NAME_BYTES, (short) (request.getShort(NAME_BYTES) | added));
        ioctl(Libc.SIOCSIFFLAGS, request, "bring it up");
    }

    void address(Inet4Address address, int prefix) throws IOException {
        ioctl(Libc.SIOCSIFADDR, socketAddress(address.getAddress()), "give it " + address.getHostAddress());
        var mask = prefix == 0 ? 0 : -1 << (32 - prefix);
        ioctl(
                Libc.SIOCSIFNETMASK,
                socketAddress(ByteBuffer.allocate(4).putInt(mask).array()),
                "give it a prefix of " + prefix);
    }

    private ByteBuffer socketAddress(byte[] address) {
        var request = request(name);
        request.putShort((short) Libc.AF_INET).putShort((short) 0).put(address);
        return request;
    }

    void hardwareAddress(byte[] address) throws IOException {
        var request = request(name);
        request.putShort(ETHERNET).put(address);
        ioctl(Libc.SIOCSIFHWADDR, request, "give it a hardware address");
    }

    void mtu(int bytes) throws IOException {
        ioctl(Libc.SIOCSIFMTU, request(name).putInt(bytes), "give it an MTU of " + bytes);
    }

    /** By rtnetlink(7), since the ioctl for it asks for rights outside a user namespace. */
    void queueLength(int packets) throws IOException {
        var message = ByteBuffer.allocateDirect(NETLINK_BYTES).order(ByteOrder.nativeOrder());
        // struct nlmsghdr: length, type, flags, sequence, port
        message.putInt(NETLINK_BYTES).putShort(RTM_NEWLINK).putShort(REQUEST_AND_ACKNOWLEDGE);
        message.putInt(1).putInt(0);
        // struct ifinfomsg: family, padding, type, index, flags, change; then one attribute: length, type, value
        message.putInt(0).putInt(index()).putInt(0).putInt(0);
        message.putShort((short) 8).putShort(IFLA_TXQLEN).putInt(packets).rewind();
        var purpose = "interface " + name + ": cannot give it a queue of " + packets;
        var netlink = Libc.check(
                Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, 0), purpose + ": socket(AF_NETLINK)");
        try {
            // The answer is struct nlmsghdr and then an error number, 0 or negative.
            var answer = ByteBuffer.allocateDirect(NETLINK_ANSWER_BYTES).order(ByteOrder.nativeOrder());
            if (Libc.write(netlink, message, NETLINK_BYTES) == -1
                    || Libc.read(netlink, answer, NETLINK_ANSWER_BYTES) == -1) {
                throw Libc.failure(purpose);
            }
            var error = -answer.getInt(16);
            if (error != 0) {
                throw new SystemCallException(purpose + ": errno " + error, error);
            }
        } finally {
            Libc.close(netlink);
        }
    }

    int index() throws IOException {
        var request = request(name);
        ioctl(Libc.SIOCGIFINDEX, request, "find its index");
        return request.getInt(NAME_BYTES);
    }

    /** Sets one of ethtool's on-off features by its command (linux/ethtool.h). */
    void feature(int command, boolean on) throws IOException {
        var value = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        value.putInt(command).putInt(on ? 1 : 0);
        var request = request(name);
        try {
            request.putLong(Pointer.nativeValue(Native.getDirectBufferPointer(value)));
            ioctl(Libc.SIOCETHTOOL, request, "set its feature 0x" + Integer.toHexString(command));
        } finally {
            Reference.reachabilityFence(value);
        }
    }

    private void ioctl(long command, ByteBuffer request, String purpose) throws IOException {
        Libc.check(Libc.ioctl(socket, command, request.rewind()), "interface " + name + ": cannot " + purpose);
    }

    @Override
    public void close() throws IOException {
        Libc.check(Libc.close(socket), "close");
    }
}
