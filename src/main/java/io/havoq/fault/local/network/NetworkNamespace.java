package io.havoq.fault.local.network;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A network namespace of its own (network_namespaces(7)) for one thread, and for the sockets and processes that this thread
 * makes. It ends with the last of them; nothing has to be removed.
 */
public final class NetworkNamespace {
    /** Linux counts the packets of every interface here; the file stays in the namespace of the thread that opened it. */
    private static final Path COUNTERS = Path.of("/proc/thread-self/net/dev");

    private final long threadId;
    private final String congestionControl;
    private final boolean ipv6Off;

    private NetworkNamespace(long threadId, String congestionControl, boolean ipv6Off) {
        this.threadId = threadId;
        this.congestionControl = congestionControl;
        this.ipv6Off = ipv6Off;
    }

    /**
     * Puts the calling thread into a new network namespace with its loopback up and IPv6 off. The thread has to be a platform
     * thread that is kept for this, since it cannot go back.
     *
     * @throws IOException if the kernel refuses; says what would help
     */
    public static NetworkNamespace enter() throws IOException {
        if (Libc.unshare(Libc.CLONE_NEWNET) == -1) {
            var failure = Libc.failure("cannot make a network namespace: unshare(CLONE_NEWNET)");
            throw new IOException(failure.getMessage() + "; " + remedy(failure.errno()), failure);
        }
        try (var loopback = new Interface("lo")) {
            loopback.up();
        }
        return new NetworkNamespace(threadNumber(), readCongestionControl(), turnIpv6Off());
    }

    private static String remedy(int errno) {
        return switch (errno) {
            case Libc.EPERM ->
                "run as root, or in a user namespace (unshare --user --map-root-user); a container needs"
                        + " CAP_SYS_ADMIN and a seccomp profile that allows unshare";
            case Libc.ENOSPC -> "raise the sysctl user.max_net_namespaces";
            default -> "the kernel has to be built with CONFIG_NET_NS";
        };
    }

    /** Otherwise the kernel sends router solicitations of its own accord, which would count as traffic. */
    private static boolean turnIpv6Off() throws IOException {
        try {
            for (var scope : new String[] {"all", "default"}) {
                // The kernel answers by the calling thread's namespace.
                Files.writeString(Path.of("/proc/sys/net/ipv6/conf", scope, "disable_ipv6"), "1");
            }
            return true;
        } catch (NoSuchFileException e) {
            return true; // a kernel without IPv6
        } catch (IOException e) {
            // Read-only /proc/sys in some containers. The switch passes no IPv6 anyway, and the description tells of
            // it.
            return false;
        }
    }

    private static String readCongestionControl() throws IOException {
        return Files.readString(Path.of("/proc/sys/net/ipv4/tcp_congestion_control"))
                .strip();
    }

    private static long threadNumber() throws IOException {
        return Long.parseLong(Files.readSymbolicLink(Path.of("/proc/thread-self"))
                .getFileName()
                .toString());
    }

    /** The thread it belongs to, as the kernel numbers it in the pid namespace of {@code /proc}. */
    public long threadId() {
        return threadId;
    }

    /** TCP's congestion control here, inherited from the host. */
    public String congestionControl() {
        return congestionControl;
    }

    /** Whether IPv6 could be turned off; the switch passes none in any case. */
    public boolean ipv6Off() {
        return ipv6Off;
    }

    /** Opens the counters of an interface; to be called on the namespace's thread, readable from any. */
    static InterfaceCounters counters(String name) throws IOException {
        return new InterfaceCounters(name, new RandomAccessFile(COUNTERS.toFile(), "r"));
    }

    /** The kernel's counters of one interface. */
    static final class InterfaceCounters implements AutoCloseable {
        private static final int SENT_DROPPED = 11;

        private final String name;
        private final RandomAccessFile file;

        private InterfaceCounters(String name, RandomAccessFile file) {
            this.name = name;
            this.file = file;
        }

        /** Packets of the node that found the interface's queue full. */
        synchronized long sentAndDropped() throws IOException {
            file.seek(0);
            for (var line = file.readLine(); line != null; line = file.readLine()) {
                var text = new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.US_ASCII).strip();
                if (text.startsWith(name + ":")) {
                    return Long.parseLong(
                            text.substring(name.length() + 1).strip().split("\\s+", -1)[SENT_DROPPED]);
                }
            }
            throw new IOException(COUNTERS + " does not list " + name + ": the interface is gone");
        }

        @Override
        public synchronized void close() {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot close " + COUNTERS, e); // nothing was written to it
            }
        }
    }
}
