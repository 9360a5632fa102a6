package io.havoq.fault.local.network;

import com.sun.jna.Native;
import java.nio.Buffer;

/**
 * The system calls that the JDK does not offer: the only native code of this package, by JNA's direct mapping. A call that
 * fails returns -1; {@link #failure} then, on the same thread and before any other call, tells why. Buffers are direct and
 * taken from their position, whatever their limit. Constants are those of Linux on x86-64 and aarch64, which agree in all that stands here.
 */
final class Libc {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int ENOSPC = 28;

    /** unshare(2). */
    static final int CLONE_NEWNET = 0x4000_0000;

    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x8_0000;

    /** poll(2): there is something to read. */
    static final short POLLIN = 1;

    static final int AF_INET = 2;
    static final int AF_PACKET = 17;
    static final int AF_NETLINK = 16;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int SOCK_CLOEXEC = O_CLOEXEC;
    static final int SOL_SOCKET = 1;
    static final int SO_RCVBUF = 8;
    static final int SO_RCVBUFFORCE = 33;
    static final int SOL_PACKET = 263;
    static final int PACKET_STATISTICS = 6;
    static final int PACKET_QDISC_BYPASS = 20;
    static final int PACKET_IGNORE_OUTGOING = 23;
    static final int MSG_DONTWAIT = 0x40;

    /** prctl(2): how late the calling thread's timers may be, in nanoseconds. */
    static final int PR_SET_TIMERSLACK = 29;

    /** setpriority(2): who is a thread, 0 the calling one. */
    static final int PRIO_PROCESS = 0;

    /** netdevice(7), tun (Documentation/networking/tuntap.rst) and ethtool (linux/sockios.h). */
    static final long TUNSETIFF = 0x4004_54caL;

    static final long SIOCGIFFLAGS = 0x8913;
    static final long SIOCSIFFLAGS = 0x8914;
    static final long SIOCSIFADDR = 0x8916;
    static final long SIOCSIFNETMASK = 0x891c;
    static final long SIOCSIFMTU = 0x8922;
    static final long SIOCSIFHWADDR = 0x8924;
    static final long SIOCGIFINDEX = 0x8933;
    static final long SIOCETHTOOL = 0x8946;

    static {
        Native.register(Libc.class, "c");
    }

    private Libc() {}

    static native int unshare(int flags);

    static native int setpriority(int which, int who, int priority);

    static native int open(String path, int flags);

    static native int close(int fd);

    static native long read(int fd, Buffer buffer, long length);

    static native long write(int fd, Buffer buffer, long length);

    static native int poll(Buffer descriptors, long count, int timeoutMillis);

    static native int eventfd(int initial, int flags);

    static native int ioctl(int fd, long request, Buffer argument);

    static native int socket(int domain, int type, int protocol);

    static native int bind(int fd, Buffer address, int length);

    static native int setsockopt(int fd, int level, int option, Buffer value, int length);

    static native int getsockopt(int fd, int level, int option, Buffer value, Buffer length);

    static native long recv(int fd, Buffer buffer, long length, int flags);

    static native long sendto(int fd, Buffer buffer, long length, int flags, Buffer address, int addressLength);

    static native int prctl(int option, long argument2, long argument3, long argument4, long argument5);

    private static native String strerror(int errno);

    /** What the call that has just failed on this thread failed with. */
    static SystemCallException failure(String call) {
        var errno = Native.getLastError();
        return new SystemCallException(call + ": " + strerror(errno), errno);
    }

    /** The result, unless it is -1. */
    static int check(int result, String call) throws SystemCallException {
        if (result == -1) {
            throw failure(call);
        }
        return result;
    }
}
