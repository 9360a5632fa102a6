package io.havoq.fault.local.relay;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One of the two sockets of a relayed connection, with what could not be written to it yet. While that is not written,
 * nothing is read from the other leg: the kernel's windows carry the back-pressure on.
 */
final class Leg {
    private final SocketChannel channel;
    private final BufferPool buffers;
    private final AtomicLong bytesRead;
    private @Nullable SelectionKey key;
    private @Nullable ByteBuffer unwritten;
    private boolean ended;
    private boolean finishing;
    private boolean finished;

    Leg(SocketChannel channel, BufferPool buffers, AtomicLong bytesRead) {
        this.channel = channel;
        this.buffers = buffers;
        this.bytesRead = bytesRead;
    }

    void registered(SelectionKey registered) {
        key = registered;
    }

    SocketChannel channel() {
        return channel;
    }

    /** Does what the channel is ready for. */
    void serve(Leg other) throws IOException {
        var present = key;
        if (present == null) {
            return;
        }
        if (present.isWritable()) {
            writeRest();
        }
        if (present.isReadable()) {
            readTo(other);
        }
    }

    private void readTo(Leg other) throws IOException {
        var scratch = buffers.scratch();
        int length = channel.read(scratch);
        if (length < 0) {
            ended = true;
            other.finish();
        } else if (length > 0) {
            bytesRead.addAndGet(length);
            scratch.flip();
            other.write(scratch);
        }
    }

    /** Reads once into a buffer that is to be passed on later; whether the end was reached. */
    boolean readEarly(ByteBuffer early) throws IOException {
        int length = channel.read(early);
        if (length > 0) {
            bytesRead.addAndGet(length);
        }
        return length < 0;
    }

    void write(ByteBuffer bytes) throws IOException {
        channel.write(bytes);
        if (bytes.hasRemaining()) {
            unwritten = buffers.take().put(bytes).flip();
        }
    }

    /** Writes what is left, and after it the end if the other leg has ended. */
    private void writeRest() throws IOException {
        var rest = unwritten;
        if (rest != null) {
            channel.write(rest);
            if (rest.hasRemaining()) {
                return;
            }
            release();
        }
        if (finishing && !finished) {
            finished = true;
            channel.shutdownOutput();
        }
    }

    private void finish() throws IOException {
        finishing = true;
        writeRest();
    }

    void interest(Leg other) {
        int operations = (unwritten == null ? 0 : SelectionKey.OP_WRITE)
                | (ended || other.unwritten != null ? 0 : SelectionKey.OP_READ);
        if (key != null && key.interestOps() != operations) {
            key.interestOps(operations);
        }
    }

    /** Whether nothing will be read from it or written to it any more. */
    boolean done() {
        return ended && finished;
    }

    void close() throws IOException {
        release();
        channel.close();
    }

    /** Closes it in such a way that its peer sees a reset. */
    void reset() throws IOException {
        release();
        try {
            if (channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } finally {
            channel.close();
        }
    }

    private void release() {
        if (unwritten != null) {
            buffers.giveBack(unwritten);
            unwritten = null;
        }
    }
}
