package io.havoq.fault.local.dns;

import io.havoq.fault.local.loop.SelectorLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** DNS over TCP for one node (RFC 7766): messages with their length before them, a few connections, no long silence. */
final class StreamQuestions {
    private static final int MOST_CONNECTIONS = 32;
    private static final int LONGEST = 0xffff;
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private final SelectorLoop loop;
    private final Resolution resolution;
    private final Supplier<Zone> zone;
    private final Consumer<IOException> failed;
    private @Nullable ServerSocketChannel server;
    private int open;

    StreamQuestions(SelectorLoop loop, Resolution resolution, Supplier<Zone> zone, Consumer<IOException> failed) {
        this.loop = loop;
        this.resolution = resolution;
        this.zone = zone;
        this.failed = failed;
    }

    void listen(ServerSocketChannel channel, InetSocketAddress address) throws IOException {
        server = channel;
        channel.configureBlocking(false);
        channel.bind(address, MOST_CONNECTIONS);
        loop.call(() -> loop.register(channel, SelectionKey.OP_ACCEPT, () -> accept(channel)));
    }

    void close() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    private void accept(ServerSocketChannel channel) {
        try {
            for (var asker = channel.accept(); asker != null; asker = channel.accept()) {
                if (open == MOST_CONNECTIONS) {
                    asker.close();
                    continue;
                }
                asker.configureBlocking(false);
                open++;
                new Stream(asker).begin();
            }
        } catch (IOException e) {
            failed.accept(e);
        }
    }

    /** One connection: one message after another. */
    private final class Stream {
        private final SocketChannel channel;
        private final ByteBuffer in = ByteBuffer.allocate(2 + LONGEST);
        private @Nullable ByteBuffer out;
        private @Nullable SelectionKey key;
        private long heardNanos = System.nanoTime();
        private boolean closed;

        Stream(SocketChannel channel) {
            this.channel = channel;
        }

        void begin() throws IOException {
            key = loop.register(channel, SelectionKey.OP_READ, this::ready);
            watch();
        }

        private void watch() {
            loop.at(heardNanos + SILENCE.toNanos(), () -> {
                if (closed) {
                    return;
                }
                if (System.nanoTime() - heardNanos >= SILENCE.toNanos()) {
                    close();
                } else {
                    watch();
                }
            });
        }

        private void ready() {
            try {
                if (out == null && channel.read(in) < 0) {
                    close();
                    return;
                }
                heardNanos = System.nanoTime();
                while (write() && next()) {
                    // the next message is in the buffer already
                }
                if (key != null && !closed) {
                    key.interestOps(out == null ? SelectionKey.OP_READ : SelectionKey.OP_WRITE);
                }
            } catch (IOException e) {
                failed.accept(e);
                close();
            }
        }

        /** Whether everything is written. */
        private boolean write() throws IOException {
            var rest = out;
            if (rest != null) {
                channel.write(rest);
                if (rest.hasRemaining()) {
                    return false;
                }
                out = null;
            }
            return true;
        }

        /** Whether a whole message was there and has an answer now. */
        private boolean next() {
            if (closed || in.position() < 2 || in.position() < 2 + (in.getShort(0) & 0xffff)) {
                return false;
            }
            in.flip();
            int length = in.getShort() & 0xffff;
            var question = Question.parse(in.slice(in.position(), length));
            in.position(in.position() + length).compact();
            if (question.isEmpty()) {
                close();
                return false;
            }
            var answer = resolution.answer(question.get(), zone.get()).message(question.get(), LONGEST);
            out = ByteBuffer.allocate(2 + answer.remaining())
                    .putShort((short) answer.remaining())
                    .put(answer)
                    .flip();
            return true;
        }

        private void close() {
            if (closed) {
                return;
            }
            closed = true;
            open--;
            try {
                channel.close();
            } catch (IOException e) {
                failed.accept(e);
            }
        }
    }
}
