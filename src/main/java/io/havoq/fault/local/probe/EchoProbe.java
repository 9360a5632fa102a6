package io.havoq.fault.local.probe;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Skeleton. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // a skeleton
public final class EchoProbe implements AutoCloseable {
    public static final int PORT = 7007;

    public EchoProbe(String name) throws IOException {}

    public void add(String node, DatagramOpener opener, InetSocketAddress address) throws IOException {
        throw new UnsupportedOperationException();
    }

    public CompletableFuture<Reading> ping(
            String source, String destination, int count, Duration interval, int payloadBytes, Duration bound) {
        throw new UnsupportedOperationException();
    }

    public CompletableFuture<Train> train(
            String source, String destination, int count, int payloadBytes, Duration bound) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
