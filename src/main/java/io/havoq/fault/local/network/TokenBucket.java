package io.havoq.fault.local.network;

/**
 * When packets leave a token bucket (tc-tbf(8)). They leave in the order they came, so the moment is known when a packet
 * comes, and what waits is known from the moment the last one leaves. Thread-safe: what a node sends to several others goes
 * through one bucket, as through the one queue of a network device.
 */
final class TokenBucket {
    static final long REFUSED = -1;

    private final Impairment.Shape shape;
    private final double bytesPerNano;
    private final double limit;
    private final double size;
    private double tokens;
    /** The moment that the tokens are counted at: now, or when the last packet that waits leaves. */
    private long counted;

    TokenBucket(Impairment.Shape shape, long now) {
        this.shape = shape;
        bytesPerNano = shape.bytesPerSecond() / 1e9;
        limit = shape.limitBytes();
        size = shape.bufferBytes();
        tokens = size;
        counted = now;
    }

    Impairment.Shape shape() {
        return shape;
    }

    /**
     * When a packet that comes at this moment leaves, or {@link #REFUSED} if it is larger than the bucket or more than the
     * limit would wait.
     */
    synchronized long admit(int bytes, long at) {
        if (bytes > size) {
            return REFUSED;
        }
        if (at > counted) {
            tokens = Math.min(size, tokens + (at - counted) * bytesPerNano);
            counted = at;
        }
        var waiting = (counted - at) * bytesPerNano;
        if (tokens >= bytes) {
            tokens -= bytes;
            return counted;
        }
        if (waiting + bytes > limit) {
            return REFUSED;
        }
        counted += (long) Math.ceil((bytes - tokens) / bytesPerNano);
        tokens = 0;
        return counted;
    }
}
