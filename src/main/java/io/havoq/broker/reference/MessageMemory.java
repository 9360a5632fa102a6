package io.havoq.broker.reference;

/** Counts what all held messages weigh, so that a publish can be refused before memory ends. Deterministic. */
final class MessageMemory {
    private static final long PER_HOLDER = 64;

    private final long limit;
    private long used;

    MessageMemory(long limit) {
        this.limit = limit;
    }

    void hold(Message message) {
        used += PER_HOLDER + (message.holders++ == 0 ? message.weight() : 0);
    }

    void release(Message message) {
        used -= PER_HOLDER + (--message.holders == 0 ? message.weight() : 0);
    }

    boolean full() {
        return used >= limit;
    }

    long used() {
        return used;
    }
}
