package io.havoq.fault.local.network;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/** Reads and writes the packets of a port, one system call each, while its descriptor is open; counts them. */
final class PacketCalls {
    private final Descriptor descriptor;
    private final String readFrom;
    private final String writeTo;
    private final Call reading;
    private final Call writing;
    private final LongAdder read = new LongAdder();
    private final LongAdder written = new LongAdder();
    private final LongAdder failures = new LongAdder();

    /** A system call that moves one packet and does not wait. */
    @FunctionalInterface
    interface Call {
        /** Its result: bytes, or -1 with errno set. */
        long move(int fd, ByteBuffer packet);
    }

    /**
     * Nothing is moved so far.
     *
     * @param what the descriptor is of, for people
     * @param reading fills the packet from its beginning
     * @param writing sends the packet up to its limit
     */
    PacketCalls(Descriptor descriptor, String what, Call reading, Call writing) {
        this.descriptor = descriptor;
        this.readFrom = "read from " + what;
        this.writeTo = "write to " + what;
        this.reading = reading;
        this.writing = writing;
    }

    /** Waits for a packet and sets the limit to its length; -1 when the descriptor is closed instead. */
    int read(ByteBuffer packet) throws IOException {
        if (!descriptor.enter()) {
            return -1;
        }
        try {
            while (true) {
                var length = reading.move(descriptor.fd(), packet.clear());
                if (length > 0) {
                    read.increment();
                    packet.limit((int) length);
                    return (int) length;
                }
                var failure = Libc.failure(readFrom);
                if (failure.errno() != Libc.EAGAIN && failure.errno() != Libc.EINTR) {
                    throw failure;
                }
                if (!descriptor.await()) {
                    return -1;
                }
            }
        } finally {
            descriptor.leave();
        }
    }

    /** Writes a packet. */
    void write(ByteBuffer packet) throws IOException {
        if (!descriptor.enter()) {
            failures.increment();
            throw new IOException("the port is closed");
        }
        try {
            if (writing.move(descriptor.fd(), packet) == -1) {
                failures.increment();
                throw Libc.failure(writeTo);
            }
            written.increment();
        } finally {
            descriptor.leave();
        }
    }

    /** What was moved, beside what the port itself knows to be dropped. */
    Port.Statistics statistics(long dropped) {
        return new Port.Statistics(read.sum(), written.sum(), dropped, failures.sum());
    }
}
