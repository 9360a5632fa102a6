package io.havoq.environment.local;

import io.havoq.environment.EnvironmentException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Hands out TCP ports that nothing listens on, below the range from which the kernel takes the ports of outgoing
 * connections: else a client of the load could sit on a node's port while that node is down.
 */
final class FreePorts {
    private static final int LOWEST = 10_000;
    private static final int USUAL_EPHEMERAL = 32_768;
    private static final int TRIES = 1_000;

    private final Set<Integer> given = new HashSet<>();
    private final int end;

    FreePorts() {
        this.end = firstEphemeral();
    }

    int next() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, end);
            if (!given.contains(port) && free(port)) {
                given.add(port);
                return port;
            }
        }
        throw new EnvironmentException("no free TCP port was found between " + LOWEST + " and " + end + " in " + TRIES
                + " tries: end what listens there, or raise net.ipv4.ip_local_port_range");
    }

    private static boolean free(int port) {
        try (var everywhere = new ServerSocket()) {
            everywhere.setReuseAddress(false);
            everywhere.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[4]), port));
            return true;
        } catch (IOException e) {
            return false; // somebody has it
        }
    }

    private static int firstEphemeral() {
        // In one read: a second one on a file of /proc/sys finds its end (proc_dointvec).
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
