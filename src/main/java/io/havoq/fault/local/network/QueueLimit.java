package io.havoq.fault.local.network;

/**
 * How much the switch holds at most; what comes beyond is dropped and counted as the switch's own failing.
 *
 * @param packets of a pair
 * @param bytes of a pair
 * @param bytesOfAll of all pairs together
 */
record QueueLimit(int packets, long bytes, long bytesOfAll) {
    /** Ten times netem's default in packets, and no more than a quarter of the heap. */
    static QueueLimit ofThisProcess() {
        var all = Math.min(64 << 20, Runtime.getRuntime().maxMemory() / 4);
        return new QueueLimit(10_000, Math.min(all, 8 << 20), all);
    }
}
