package io.havoq.fault.local.syscall;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** The socket at which processes tell the sandbox that they have a listener to hand over. Its directory's name may be of any length. */
final class Door {
    private static final String NAME = "syscalls";

    private Door() {}

    /** What can be done at an address. */
    @FunctionalInterface
    private interface Action<T> {
        T at(UnixDomainSocketAddress address) throws IOException;
    }

    static ServerSocketChannel open(Path directory) throws IOException {
        return within(directory, address -> {
            var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                return server.bind(address);
            } catch (IOException e) {
                server.close();
                throw e;
            }
        });
    }

    static SocketChannel enter(Path directory) throws IOException {
        return within(directory, SocketChannel::open);
    }

    /** An address may have 107 bytes only (unix(7)): that of an open directory is short. */
    private static <T> T within(Path directory, Action<T> action) throws IOException {
        int fd = Kernel.check(
                Kernel.open(directory.toString(), Kernel.O_PATH | Kernel.O_CLOEXEC), "open(" + directory + ")");
        try {
            return action.at(UnixDomainSocketAddress.of("/proc/self/fd/" + fd + "/" + NAME));
        } finally {
            Kernel.close(fd);
        }
    }
}
