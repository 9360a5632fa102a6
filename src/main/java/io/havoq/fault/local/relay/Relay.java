package io.havoq.fault.local.relay;

import io.havoq.fault.local.loop.SelectorLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The way by which clients in the machine's network reach nodes in networks of their own: a listener on 127.0.0.1 for each
 * route, and for each connection to it one from another network to the route's target. Ends and resets of either leg are
 * passed on as what they are; a far leg that cannot be connected resets the near one, and a client that closes before it
 * is connected withdraws the attempt. One thread serves all connections; another opens the outgoing sockets, because an opener
 * may wait for a node's thread. Thread-safe.
 *
 * <p>What a client sees differs from a direct connection in one thing: it is connected before the target is, so that a
 * target which does not answer shows as silence after the connect instead of during it.
 */
public final class Relay implements AutoCloseable {
    private final String name;
    private final SelectorLoop loop;
    private final ExecutorService opening;
    private final ConcurrentHashMap<String, Route> routes = new ConcurrentHashMap<>();
    private final BufferPool buffers = new BufferPool();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** The threads carry this name. */
    public Relay(String name) throws IOException {
        this.name = name;
        this.loop = new SelectorLoop("relay-" + name);
        this.opening = Executors.newSingleThreadExecutor(task -> {
            var thread = new Thread(task, "relay-open-" + name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Opens a listener on a free port of 127.0.0.1, in the network of the calling thread.
     *
     * @return the port, which stays this route's until the relay is closed
     */
    public int listen(String route, SocketOpener opener, InetSocketAddress target) throws IOException {
        return listen(route, 0, opener, target);
    }

    /**
     * Opens a listener on a port of 127.0.0.1, in the network of the calling thread.
     *
     * @param port the port; 0 for one that is free
     * @return the port, which stays this route's until the relay is closed
     */
    public int listen(String route, int port, SocketOpener opener, InetSocketAddress target) throws IOException {
        var made = new Route(route, opener, target, loop, opening, buffers);
        if (routes.putIfAbsent(route, made) != null) {
            throw new IllegalArgumentException("the relay " + name + " has a route " + route + " already");
        }
        try {
            made.reserve(port);
            return made.resume();
        } catch (IOException e) {
            routes.remove(route);
            made.close();
            throw e;
        }
    }

    /**
     * Closes the route's listener, as when a node's process ends: from the return on, clients are refused. Existing connections
     * stay.
     */
    public void pause(String route) throws IOException {
        route(route).pause();
    }

    /** Opens the route's listener again, on the same port. */
    public void resume(String route) throws IOException {
        route(route).resume();
    }

    /** What went over the route so far. */
    public RouteCounters counters(String route) {
        return route(route).counters();
    }

    private Route route(String route) {
        var known = routes.get(route);
        if (known == null) {
            throw new IllegalArgumentException(
                    "the relay " + name + " has no route " + route + ", only " + routes.keySet());
        }
        return known;
    }

    /** Resets all connections, closes all listeners, and ends the threads. */
    @Override
    public void close() throws IOException {
        if (closed.getAndSet(true)) {
            return;
        }
        opening.shutdownNow();
        try (loop) {
            for (var route : routes.values()) {
                route.close();
            }
            if (!opening.awaitTermination(5, TimeUnit.SECONDS)) {
                throw new IOException("the thread relay-open-" + name + " does not end: an opener of one of the routes "
                        + routes.keySet() + " blocks");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
