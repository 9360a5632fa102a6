package io.havoq.broker.reference;

import java.util.concurrent.atomic.LongAdder;

/** What the node counts for {@code /metrics}. Thread-safe. */
final class Counters {
    final LongAdder connectionsAccepted = new LongAdder();
    final LongAdder connectionsClosed = new LongAdder();
    final LongAdder messagesReceived = new LongAdder();
    final LongAdder messagesSent = new LongAdder();
    final LongAdder messagesDropped = new LongAdder();
    final LongAdder packetsReceived = new LongAdder();
    final LongAdder packetsSent = new LongAdder();
    volatile int sessions;
    volatile int subscriptions;
}
