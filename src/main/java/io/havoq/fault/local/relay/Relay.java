package io.havoq.fault.local.relay;

import java.io.IOException;
import java.net.InetSocketAddress;

/** Skeleton. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // a skeleton
public final class Relay implements AutoCloseable {
    public Relay(String name) throws IOException {}

    public int listen(String route, SocketOpener opener, InetSocketAddress target) throws IOException {
        throw new UnsupportedOperationException();
    }

    public void pause(String route) throws IOException {
        throw new UnsupportedOperationException();
    }

    public void resume(String route) throws IOException {
        throw new UnsupportedOperationException();
    }

    public RouteCounters counters(String route) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
