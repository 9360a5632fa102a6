package io.havoq.fault.local.dns;

import java.io.IOException;
import java.net.InetSocketAddress;

/** Skeleton. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // a skeleton
public final class DnsServer implements AutoCloseable {
    public static final InetSocketAddress ADDRESS = new InetSocketAddress("127.0.0.53", 53);

    public DnsServer(String name, Zone zone, long seed) throws IOException {}

    public void add(String node, NodeSockets sockets, InetSocketAddress address) throws IOException {
        throw new UnsupportedOperationException();
    }

    public void zone(Zone zone) {
        throw new UnsupportedOperationException();
    }

    public void impose(String rule, String node, DnsFault fault) {
        throw new UnsupportedOperationException();
    }

    public void lift(String rule) {
        throw new UnsupportedOperationException();
    }

    public DnsCounters counters(String node) {
        throw new UnsupportedOperationException();
    }

    public DnsCounters counters(String rule, String node) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
