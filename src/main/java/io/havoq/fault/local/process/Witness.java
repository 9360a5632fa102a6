package io.havoq.fault.local.process;

import io.havoq.fault.Proof;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Sees a node's process end by other means than the engine that ended it: a TCP connection to its MQTT port, opened before and
 * held open, whose break the kernel tells; and the process itself, by its entry in /proc.
 */
final class Witness implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Witness.class.getName());
    private static final int CONNECT_MILLIS = 1_000;
    /** Often enough to notice that the witness was dismissed, without a wait of its own. */
    private static final int READ_MILLIS = 5_000;

    private final String target;
    private final String address;
    private final @Nullable Socket socket;
    private final Optional<HostProcess> process;
    private final long untilNanos;
    private volatile @Nullable Proof broken;
    private volatile @Nullable Proof vanished;
    private volatile boolean dismissed;

    private Witness(
            String target, String address, @Nullable Socket socket, Optional<HostProcess> process, Duration bound) {
        this.target = target;
        this.address = address;
        this.socket = socket;
        this.process = process;
        this.untilNanos = System.nanoTime() + bound.toNanos();
    }

    /**
     * Opens a witness; one that cannot connect still watches the process.
     *
     * @param bound how long it watches the connection at most
     */
    static Witness open(String target, InetSocketAddress mqtt, OptionalLong hostPid, Duration bound) {
        var process = process(hostPid);
        var socket = new Socket();
        try {
            socket.connect(mqtt, CONNECT_MILLIS);
            socket.setSoTimeout(READ_MILLIS);
        } catch (IOException refused) {
            // The node does not serve, so there is no connection that could break: /proc remains.
            close(socket);
            return new Witness(target, mqtt.toString(), null, process, bound);
        }
        var witness = new Witness(target, mqtt.toString(), socket, process, bound);
        var thread = new Thread(witness::watch, "havoq-witness-" + target);
        thread.setDaemon(true);
        thread.start();
        return witness;
    }

    /** A witness that watches the process only: of an end that its connections are not told. */
    static Witness ofProcess(String target, OptionalLong hostPid) {
        return new Witness(target, "", null, process(hostPid), Duration.ZERO);
    }

    private static Optional<HostProcess> process(OptionalLong hostPid) {
        return hostPid.isPresent() ? HostProcess.of(hostPid.getAsLong()) : Optional.empty();
    }

    private void watch() {
        var connection = socket;
        if (connection == null) {
            return;
        }
        try (connection) {
            var in = connection.getInputStream();
            while (System.nanoTime() - untilNanos < 0) {
                try {
                    if (in.read() < 0) {
                        broken = proof("was closed by the node's end");
                        return;
                    }
                } catch (SocketTimeoutException e) {
                    LOG.log(System.Logger.Level.TRACE, "{0} still holds its connection", target);
                }
            }
        } catch (IOException e) {
            // A socket that was closed here saw nothing.
            if (!dismissed) {
                broken = proof("broke (" + e.getMessage() + ")");
            }
        }
    }

    private Proof proof(String what) {
        return new Proof(target, "witness connection to " + address + " " + what, System.nanoTime(), true);
    }

    /** The break of the connection, once it broke. */
    Optional<Proof> broken() {
        return Optional.ofNullable(broken);
    }

    /** That the process is gone from /proc, once it was looked for and not found. */
    Optional<Proof> vanished() {
        var seen = vanished;
        if (seen == null && process.isPresent() && !process.get().exists()) {
            seen = new Proof(target, "process " + process.get() + " is gone from /proc", System.nanoTime(), true);
            vanished = seen;
        }
        return Optional.ofNullable(seen);
    }

    /** Whether the end was seen by the best means this witness had. */
    boolean saw() {
        return socket == null ? vanished().isPresent() : broken != null;
    }

    @Override
    public void close() {
        dismissed = true;
        if (socket != null) {
            close(socket);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket cannot be closed", e);
        }
    }
}
