package io.havoq.ledger;

import java.nio.ByteBuffer;

/** What one subscriber saw. Thread-safe. */
public interface SubscriberLog {
    /** CONNACK arrived; to be told before anything is subscribed again. */
    void connected(String node, boolean sessionPresent, long nowNanos);

    /** The connection ended, whoever ended it. */
    void disconnected(long nowNanos);

    /** SUBACK arrived with this granted QoS: the subscription is in force for every message sent after it. */
    void subscribed(int grantedQos, long nowNanos);

    /** UNSUBSCRIBE is about to be sent, or the session has expired by the client's own account: no longer in force. */
    void ended(long nowNanos);

    /** A message was handed over by the client. */
    void delivered(String topic, int qos, boolean dup, boolean retain, ByteBuffer payload, long nowNanos);
}
