package io.havoq.fault.local.probe;

import io.havoq.fault.local.loop.SelectorLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The second witness of a network fault: datagrams between the nodes, counted and timed at their ends, whatever the switch
 * between them says of itself. One thread serves the sockets of all nodes. Thread-safe; the futures complete on that thread,
 * so that what depends on them must not block.
 */
public final class EchoProbe implements AutoCloseable {
    /** The port of the echo. */
    public static final int PORT = 7007;

    private static final int BUFFER = 1 << 20;
    private static final int MOST = 1_000_000;
    /** Sent at a stretch before what has come in is read. */
    private static final int STRETCH = 16;

    private final SelectorLoop loop;
    private final long token = new SecureRandom().nextLong();
    private final Map<String, Station> stations = new ConcurrentHashMap<>();
    private final Map<Integer, Series> running = new HashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicLong strays = new AtomicLong();
    private final ByteBuffer in = ByteBuffer.allocateDirect(Datagram.MOST);
    private final ByteBuffer out = ByteBuffer.allocateDirect(Datagram.MOST);

    /** Starts the thread, of this name. */
    public EchoProbe(String name) throws IOException {
        loop = new SelectorLoop("probe-" + name);
    }

    /** Echoes at this address of the node's from now on, and can ask from there. */
    public void add(String node, DatagramOpener opener, InetSocketAddress address) throws IOException {
        add(node, opener, address, address);
    }

    /** Likewise, for a node whose address is another one as seen by the others. */
    void add(String node, DatagramOpener opener, InetSocketAddress address, InetSocketAddress seen) throws IOException {
        var echo = opener.open();
        try {
            var asking = opener.open();
            try {
                prepare(echo, address);
                prepare(asking, new InetSocketAddress(address.getAddress(), 0));
                var station = new Station(node, seen, echo, asking);
                if (stations.putIfAbsent(node, station) != null) {
                    throw new IllegalArgumentException("the node " + node + " has an echo already");
                }
                try {
                    loop.call(() -> {
                        loop.register(asking, SelectionKey.OP_READ, () -> receive(asking));
                        return loop.register(echo, SelectionKey.OP_READ, () -> receive(echo));
                    });
                } catch (IOException e) {
                    stations.remove(node, station);
                    throw e;
                }
            } catch (IOException | RuntimeException e) {
                asking.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            echo.close();
            throw new IOException("cannot echo at " + address + " of " + node + ": " + e.getMessage(), e);
        }
    }

    private static void prepare(DatagramChannel channel, InetSocketAddress address) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER);
        channel.bind(address);
    }

    /**
     * Sends datagrams from one node to another and counts what comes back.
     *
     * @param count how many
     * @param interval from one to the next, kept to within milliseconds; zero is as fast as possible
     * @param payloadBytes of each, 28 to 65507
     * @param bound after which one is unanswered
     */
    public CompletableFuture<Reading> ping(
            String source, String destination, int count, Duration interval, int payloadBytes, Duration bound) {
        check(count, payloadBytes, bound);
        if (interval.isNegative()) {
            throw new IllegalArgumentException("interval must not be negative: " + interval);
        }
        var ping = new Ping(
                numbers.incrementAndGet(),
                station(source),
                station(destination),
                count,
                payloadBytes,
                interval.toNanos(),
                bound.toNanos());
        loop.execute(() -> begin(ping));
        return ping.future();
    }

    /**
     * Sends datagrams back to back and measures the rate at which they arrive: what a bandwidth fault is seen by. Enough of them
     * are needed to outlast the bucket that a limit lets pass at once.
     *
     * @param count how many
     * @param payloadBytes of each, 28 to 65507
     * @param bound after the last was sent, how long arrivals are waited for
     */
    public CompletableFuture<Train> train(
            String source, String destination, int count, int payloadBytes, Duration bound) {
        check(count, payloadBytes, bound);
        var train = new TrainRun(
                numbers.incrementAndGet(), station(source), station(destination), count, payloadBytes, bound.toNanos());
        loop.execute(() -> begin(train));
        return train.future();
    }

    /** Datagrams that came in and are not, or not recognizably, this probe's. */
    public long strays() {
        return strays.get();
    }

    private static void check(int count, int bytes, Duration bound) {
        if (count < 1 || count > MOST) {
            throw new IllegalArgumentException("count must be 1 to " + MOST + ": " + count);
        }
        if (bytes < Datagram.HEADER || bytes > Datagram.MOST) {
            throw new IllegalArgumentException(
                    "payload must be " + Datagram.HEADER + " to " + Datagram.MOST + " bytes: " + bytes);
        }
        if (bound.isNegative() || bound.isZero()) {
            throw new IllegalArgumentException("bound must be positive: " + bound);
        }
    }

    private Station station(String node) {
        var known = stations.get(node);
        if (known == null) {
            throw new IllegalArgumentException("no echo at the node " + node + ", only at " + stations.keySet());
        }
        return known;
    }

    private void begin(Series series) {
        running.put(series.number, series);
        send(series, System.nanoTime());
    }

    /** Sends what is due. */
    private void send(Series series, long startNanos) {
        for (int i = 0; i < STRETCH && !series.allTried(); i++) {
            int sequence = series.sent + series.unsent;
            long now = System.nanoTime();
            if (now - startNanos < sequence * series.intervalNanos()) {
                break;
            }
            Datagram.make(out, token, series.kind(), series.number, sequence, series.bytes);
            series.sending(sequence, now);
            try {
                if (series.source.asking().send(out, series.destination.address()) > 0) {
                    series.sent++;
                } else if (series.intervalNanos() == 0) {
                    // The socket's buffer is full, as it soon is behind a slow link: once more when there is room.
                    loop.at(now + 1_000_000, () -> send(series, startNanos));
                    return;
                } else {
                    unsent(series, "the buffer of the sending socket is full");
                }
            } catch (IOException e) {
                unsent(series, String.valueOf(e.getMessage()));
            }
        }
        if (series.allTried()) {
            awaitRest(series, System.nanoTime());
        } else {
            long next = startNanos + (series.sent + series.unsent) * series.intervalNanos();
            loop.at(Math.max(next, System.nanoTime()), () -> send(series, startNanos));
        }
    }

    private static void unsent(Series series, String why) {
        series.unsent++;
        series.lastFailure = why;
    }

    private void awaitRest(Series series, long lastSentNanos) {
        loop.at(lastSentNanos + series.boundNanos, () -> end(series));
        endEarly(series);
    }

    /** If all is there, waits for copies only. */
    private void endEarly(Series series) {
        if (series.allTried() && !series.endingEarly && series.patienceNanos() < series.boundNanos) {
            series.endingEarly = true;
            loop.at(System.nanoTime() + series.patienceNanos(), () -> end(series));
        }
    }

    private void end(Series series) {
        if (running.remove(series.number) != null) {
            series.complete();
        }
    }

    private void receive(DatagramChannel channel) {
        try {
            for (var sender = channel.receive(in.clear()); sender != null; sender = channel.receive(in.clear())) {
                handle(channel, (InetSocketAddress) sender, System.nanoTime());
            }
        } catch (IOException e) {
            // The one error a bound datagram socket hands out here is an earlier send's; what it cost is unanswered.
            strays.incrementAndGet();
        }
    }

    private void handle(DatagramChannel channel, InetSocketAddress sender, long now) {
        in.flip();
        var series = Datagram.belongs(in, token) ? running.get(Datagram.series(in)) : null;
        if (series == null) {
            strays.incrementAndGet();
            return;
        }
        boolean intact = Datagram.intact(in) && Datagram.sequence(in) < series.count;
        int kind = Datagram.kind(in);
        if (channel == series.source.asking()) {
            if (intact && kind == Datagram.REPLY) {
                series.answered(Datagram.sequence(in), now);
                endEarly(series);
            } else {
                series.damaged();
            }
        } else if (channel == series.destination.echo()) {
            if (intact) {
                series.arrived(Datagram.sequence(in), now);
                endEarly(series);
            }
            if (kind == Datagram.REQUEST) {
                echo(channel, sender, series);
            }
        } else {
            strays.incrementAndGet();
        }
    }

    private void echo(DatagramChannel channel, InetSocketAddress sender, Series series) {
        try {
            if (channel.send(Datagram.reply(in), sender) == 0) {
                series.unechoed();
            }
        } catch (IOException e) {
            series.unechoed();
            series.lastFailure = "echo: " + e.getMessage();
        }
    }

    /** Ends the thread and closes the sockets; series under way fail. */
    @Override
    public void close() {
        loop.execute(() -> {
            for (var series : List.copyOf(running.values())) {
                series.future()
                        .completeExceptionally(new IOException("the probe was closed while " + series.source.name()
                                + " asked " + series.destination.name()));
            }
            running.clear();
        });
        loop.close();
    }
}
