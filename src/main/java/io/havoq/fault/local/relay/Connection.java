package io.havoq.fault.local.relay;

import io.havoq.fault.local.loop.SelectorLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One relayed connection: a near leg from the client and a far leg to the target. Confined to the relay's thread.
 *
 * <p>While the far leg is being connected, what the client sends is kept, up to one buffer, and the client is watched: if it
 * closes meanwhile, the attempt is withdrawn. Otherwise a client that gave up during a partition would reach the broker when it
 * heals, and take its session over from the client's present connection.
 */
final class Connection {
    private final SelectorLoop loop;
    private final BufferPool buffers;
    private final Tally tally;
    private final Consumer<Connection> onEnd;
    private final Leg near;
    private @Nullable Leg far;
    private @Nullable ByteBuffer early;
    private @Nullable SelectionKey nearKey;
    private boolean connected;
    private boolean ended;

    Connection(SocketChannel client, SelectorLoop loop, BufferPool buffers, Tally tally, Consumer<Connection> onEnd) {
        this.loop = loop;
        this.buffers = buffers;
        this.tally = tally;
        this.onEnd = onEnd;
        this.near = new Leg(client, buffers, tally.toTarget());
    }

    /** Begins to watch the client; false if it is gone already. */
    boolean watch() {
        try {
            prepare(near.channel());
            nearKey = loop.register(near.channel(), SelectionKey.OP_READ, this::nearReady);
            near.registered(nearKey);
            return true;
        } catch (IOException e) {
            reset("client: " + e.getMessage());
            return false;
        }
    }

    private static void prepare(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /** Connects the far leg, unless the client has left. */
    void connect(SocketChannel channel, InetSocketAddress target) {
        var leg = new Leg(channel, buffers, tally.fromTarget());
        try {
            if (ended) {
                leg.close();
                return;
            }
            far = leg;
            prepare(channel);
            if (channel.connect(target)) {
                leg.registered(loop.register(channel, 0, this::farReady));
                established(leg);
            } else {
                leg.registered(loop.register(channel, SelectionKey.OP_CONNECT, this::farReady));
            }
        } catch (IOException | RuntimeException e) {
            fail("cannot connect to " + target + ": " + e.getMessage());
        }
    }

    private void nearReady() {
        if (ended) {
            return;
        }
        try {
            if (connected && far != null) {
                serve(near, far);
            } else {
                keep();
            }
        } catch (IOException e) {
            reset("client: " + e.getMessage());
        }
    }

    private void keep() throws IOException {
        if (early == null) {
            early = buffers.take();
        }
        if (near.readEarly(early)) {
            reset("client closed before the target was connected");
        } else if (!early.hasRemaining() && nearKey != null) {
            nearKey.interestOps(0);
        }
    }

    private void farReady() {
        var leg = far;
        if (ended || leg == null) {
            return;
        }
        if (!connected) {
            try {
                if (leg.channel().finishConnect()) {
                    established(leg);
                }
            } catch (IOException e) {
                fail("cannot connect: " + e.getMessage());
            }
            return;
        }
        try {
            serve(leg, near);
        } catch (IOException e) {
            reset("target: " + e.getMessage());
        }
    }

    private void established(Leg leg) throws IOException {
        connected = true;
        if (early != null) {
            leg.write(early.flip());
            buffers.giveBack(early);
            early = null;
        }
        near.interest(leg);
        leg.interest(near);
    }

    /** Moves what can be moved between a leg that is ready and the other one. */
    private void serve(Leg ready, Leg other) throws IOException {
        ready.serve(other);
        if (ready.done() && other.done()) {
            end();
            near.close();
            if (far != null) {
                far.close();
            }
            return;
        }
        ready.interest(other);
        other.interest(ready);
    }

    /** Ends it because the far leg cannot be made. */
    void fail(String why) {
        if (!ended) {
            tally.failed(why);
            end();
            resetLegs();
        }
    }

    /** Ends it so that both sides see a reset. */
    void reset(String why) {
        if (!ended) {
            tally.reset(why);
            end();
            resetLegs();
        }
    }

    private void end() {
        ended = true;
        if (early != null) {
            buffers.giveBack(early);
            early = null;
        }
        tally.ended();
        onEnd.accept(this);
    }

    private void resetLegs() {
        for (var leg : far == null ? new Leg[] {near} : new Leg[] {near, far}) {
            try {
                leg.reset();
            } catch (IOException e) {
                tally.failure("cannot close: " + e.getMessage());
            }
        }
    }
}
