package io.havoq.fault.local.relay;

import io.havoq.fault.local.loop.SelectorLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One route of a {@link Relay}. Its port belongs to a socket that is bound and never listens, so that nobody else gets it
 * while the listener is closed: the kernel lets a second socket with SO_REUSEADDR listen beside it (socket(7)), and answers
 * with a reset when none does.
 */
final class Route {
    private static final byte[] LOCAL = {127, 0, 0, 1};
    private static final int BACKLOG = 1024;
    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(50);

    private final String name;
    private final SocketOpener opener;
    private final InetSocketAddress target;
    private final SelectorLoop loop;
    private final Executor opening;
    private final BufferPool buffers;
    private final Tally tally = new Tally();
    private final Set<Connection> connections = new HashSet<>();
    private @Nullable SocketChannel reservation;
    private @Nullable ServerSocketChannel listener;
    private boolean closed;

    Route(
            String name,
            SocketOpener opener,
            InetSocketAddress target,
            SelectorLoop loop,
            Executor opening,
            BufferPool buffers) {
        this.name = name;
        this.opener = opener;
        this.target = target;
        this.loop = loop;
        this.opening = opening;
        this.buffers = buffers;
    }

    /** Takes a port of 127.0.0.1, or a free one for 0, in the network of the calling thread. */
    synchronized void reserve(int port) throws IOException {
        var socket = SocketChannel.open(StandardProtocolFamily.INET);
        reservation = socket;
        socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        var address = new InetSocketAddress(InetAddress.getByAddress(LOCAL), port);
        try {
            socket.bind(address);
        } catch (IOException e) {
            throw new IOException(
                    "cannot reserve " + address + " for the route " + name + " to " + target + ": " + e.getMessage(),
                    e);
        }
    }

    synchronized int resume() throws IOException {
        if (closed || reservation == null) {
            throw new IOException("the route " + name + " is closed");
        }
        var address = (InetSocketAddress) reservation.getLocalAddress();
        if (listener != null) {
            return address.getPort();
        }
        var opened = ServerSocketChannel.open(StandardProtocolFamily.INET);
        try {
            opened.configureBlocking(false);
            opened.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            opened.bind(address, BACKLOG);
            loop.call(() -> {
                SelectionKey[] key = new SelectionKey[1];
                key[0] = loop.register(opened, SelectionKey.OP_ACCEPT, () -> accept(opened, key[0]));
                return key[0];
            });
        } catch (IOException e) {
            opened.close();
            throw new IOException(
                    "cannot listen on " + address + " for the route " + name + " to " + target + ": " + e.getMessage(),
                    e);
        }
        listener = opened;
        return address.getPort();
    }

    synchronized void pause() throws IOException {
        var open = listener;
        if (open == null) {
            return;
        }
        listener = null;
        loop.call(() -> {
            open.close();
            loop.release();
            return open;
        });
    }

    RouteCounters counters() {
        return tally.read();
    }

    /** Resets the connections and gives the port back. */
    synchronized void close() throws IOException {
        closed = true;
        try {
            pause();
            loop.call(() -> {
                List.copyOf(connections).forEach(connection -> connection.reset("the relay is closed"));
                loop.release();
                return connections;
            });
        } finally {
            if (reservation != null) {
                reservation.close();
            }
        }
    }

    private void accept(ServerSocketChannel from, SelectionKey key) {
        try {
            for (var client = from.accept(); client != null; client = from.accept()) {
                begin(client);
            }
        } catch (IOException e) {
            // Most likely no file descriptor is left: the client waits in the backlog, which would be ready for ever.
            tally.failure("cannot accept: " + e.getMessage());
            key.interestOps(0);
            loop.at(System.nanoTime() + ACCEPT_PAUSE.toNanos(), () -> {
                if (key.isValid()) {
                    key.interestOps(SelectionKey.OP_ACCEPT);
                }
            });
        }
    }

    private void begin(SocketChannel client) {
        tally.accepted();
        var connection = new Connection(client, loop, buffers, tally, connections::remove);
        connections.add(connection);
        if (!connection.watch()) {
            return;
        }
        try {
            opening.execute(() -> open(connection));
        } catch (RejectedExecutionException e) {
            connection.reset("the relay is closed");
        }
    }

    /** On the opening thread. */
    private void open(Connection connection) {
        try {
            var far = opener.open();
            loop.execute(() -> connection.connect(far, target));
        } catch (IOException | RuntimeException e) {
            loop.execute(() -> connection.fail("no socket for " + target + ": " + e.getMessage()));
        }
    }
}
