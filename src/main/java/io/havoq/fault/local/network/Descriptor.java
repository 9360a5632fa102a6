package io.havoq.fault.local.network;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor that several threads use and one of them closes. Closing it under a reader would neither wake the reader
 * nor keep it from reading whatever gets the number next: so readers also wait for an event, and the descriptor is closed
 * when the last user has left.
 */
final class Descriptor {
    private static final int POLL_BYTES = 16;

    private final int fd;
    private final int wake;
    private final AtomicInteger users = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Object left = new Object();
    /** Two {@code struct pollfd}; used by the one reader. */
    private final ByteBuffer waits = ByteBuffer.allocateDirect(POLL_BYTES).order(ByteOrder.nativeOrder());

    /** Takes over the descriptor. */
    Descriptor(int fd) throws IOException {
        this.fd = fd;
        this.wake = Libc.eventfd(0, Libc.O_NONBLOCK | Libc.O_CLOEXEC);
        if (wake == -1) {
            var failure = Libc.failure("eventfd");
            Libc.close(fd);
            throw failure;
        }
        waits.putInt(0, fd).putShort(4, Libc.POLLIN).putInt(8, wake).putShort(12, Libc.POLLIN);
    }

    int fd() {
        return fd;
    }

    /** Whether the descriptor may be used until {@link #leave}. */
    boolean enter() {
        users.incrementAndGet();
        if (closed.get()) {
            leave();
            return false;
        }
        return true;
    }

    void leave() {
        if (users.decrementAndGet() == 0 && closed.get()) {
            synchronized (left) {
                left.notifyAll();
            }
        }
    }

    /** Waits, inside {@link #enter}, until there is something to read; false when it is closed instead. */
    boolean await() throws IOException {
        while (Libc.poll(waits, 2, -1) == -1) {
            var failure = Libc.failure("poll");
            if (failure.errno() != Libc.EINTR) {
                throw failure;
            }
        }
        return !closed.get();
    }

    void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        var one = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder()).putLong(0, 1);
        Libc.write(wake, one, 8);
        var interrupted = false;
        synchronized (left) {
            while (users.get() > 0) {
                try {
                    left.wait();
                } catch (InterruptedException e) {
                    interrupted = true; // the users leave at once
                }
            }
        }
        Libc.close(fd);
        Libc.close(wake);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
