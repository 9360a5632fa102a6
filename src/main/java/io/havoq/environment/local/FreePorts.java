package io.havoq.environment.local;

import io.havoq.environment.EnvironmentException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Hands out TCP ports that nothing listens on, below the range from which the kernel takes the ports of outgoing
 * connections: else a client of the load could sit on a node's port while that node is down. Until it is closed nobody else is handed
 * them: neither another run on this machine, which looks for ports at the same time.
 */
final class FreePorts implements AutoCloseable {
    private static final int LOWEST = 10_000;
    private static final int USUAL_EPHEMERAL = 32_768;
    private static final int TRIES = 1_000;
    private static final System.Logger LOG = System.getLogger(FreePorts.class.getName());

    private final Map<Integer, SocketChannel> given = new HashMap<>();
    private final int end;

    FreePorts() {
        this.end = firstEphemeral();
    }

    synchronized int next() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, end);
            if (!given.containsKey(port) && take(port)) {
                return port;
            }
        }
        throw new EnvironmentException("no free TCP port was found between " + LOWEST + " and " + end + " in " + TRIES
                + " tries: end what listens there, or raise net.ipv4.ip_local_port_range");
    }

    private boolean take(int port) {
        SocketChannel holder = null;
        try {
            holder = SocketChannel.open(StandardProtocolFamily.INET);
            // Alone on all addresses, which a second one that looks is refused,
            holder.setOption(StandardSocketOptions.SO_REUSEADDR, false);
            holder.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[4]), port));
            // but not to who is told the port and says that he shares it (socket(7), SO_REUSEADDR: this one never
            // listens).
            holder.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            given.put(port, holder);
            return true;
        } catch (IOException e) {
            close(holder);
            return false; // somebody has it
        }
    }

    /** From now on the ports are those of whoever listens there. Idempotent. */
    @Override
    public synchronized void close() {
        given.values().forEach(FreePorts::close);
    }

    private static void close(@Nullable SocketChannel holder) {
        try {
            if (holder != null) {
                holder.close();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a port's holder cannot be closed", e);
        }
    }

    private static int
            firstEphemeral() { // In one read: a second one on a file of /proc/sys finds its end (proc_dointvec).
        try (var in = Files.newInputStream(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))) {
            var range = new String(in.readNBytes(100), StandardCharsets.US_ASCII).strip();
            int first = Integer.parseInt(range.split("\\s+", 2)[0]);
            // A range that leaves no room below it: then any free port is as good as another.
            return first > LOWEST + 1_000 ? first : USUAL_EPHEMERAL;
        } catch (IOException e) {
            return USUAL_EPHEMERAL; // not Linux
        }
    }
}
