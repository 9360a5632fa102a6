package io.havoq.fault.local.relay;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Buffers for what one leg cannot take at once: a connection has one only while it holds bytes back. Confined to the relay's
 * thread.
 */
final class BufferPool {
    /** Bytes that a direction of a connection holds at most. */
    static final int BYTES = 16 * 1024;

    private static final int KEPT = 64;

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(BYTES);

    /** The one that a read goes to first, empty. */
    ByteBuffer scratch() {
        return scratch.clear();
    }

    ByteBuffer take() {
        var kept = free.poll();
        return kept == null ? ByteBuffer.allocateDirect(BYTES) : kept.clear();
    }

    void giveBack(ByteBuffer buffer) {
        if (free.size() < KEPT) {
            free.push(buffer);
        }
    }
}
