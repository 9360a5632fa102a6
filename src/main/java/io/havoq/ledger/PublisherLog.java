package io.havoq.ledger;

import java.nio.ByteBuffer;

/**
 * What one publisher did, on one topic. A publisher sends each QoS as a stream of its own, numbered from 1. Thread-safe:
 * sends and outcomes may come from different threads.
 */
public interface PublisherLog {
    /** A message about to be sent: its number within its QoS, and the payload that carries the header. */
    record Message(int qos, long sequence, ByteBuffer payload) {}

    /**
     * CONNACK arrived. Messages sent before and after travelled on different connections, between which only
     * acknowledgements establish an order; and with no session present, the client may send what is outstanding again
     * under new packet identifiers, so that further deliveries of it are no QoS 2 duplicates.
     */
    void connected(String node, boolean sessionPresent, long nowNanos);

    /**
     * Records that a message is about to be sent, and makes its payload. Must be called before the client is given it.
     *
     * @param node the target the client is connected to
     * @param intendedNanos when the pacing wanted it to leave; latency counts from here
     */
    Message sending(int qos, String node, long intendedNanos, long nowNanos);

    /** Records the outcome. The first one counts; a later one is ignored and counted as a conflict. */
    void outcome(int qos, long sequence, Outcome outcome, long nowNanos, String reason);

    /** Messages sent and without an outcome, all QoS together. */
    int outstanding();
}
