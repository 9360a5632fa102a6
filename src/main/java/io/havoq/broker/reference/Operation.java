package io.havoq.broker.reference;

import java.util.List;

/**
 * What a node may propose to the replicated log; applied in the log's order on every node. A connection is named by a
 * number that is unique within one boot of its node, so an operation of a connection that lost its session finds none.
 */
sealed interface Operation {
    /** The number of MQTT's "never": a session that does not expire. */
    long NEVER = 0xFFFF_FFFFL;

    /** The first operation of a node's boot: whatever its earlier boot served is no longer served. */
    record Hello() implements Operation {}

    /** A place in the log: applied, the node that proposed it knows everything that was committed before. */
    record Barrier() implements Operation {}

    /**
     * A client's CONNECT, its credentials already checked.
     *
     * @param version protocol level: 3, 4 or 5
     * @param expiry session expiry in seconds, {@link #NEVER} for never
     * @param receiveMaximum how many QoS 1/2 messages the client takes unacknowledged
     * @param maximumPacketSize in bytes
     */
    record Connect(
            long connection,
            String clientId,
            int version,
            boolean cleanStart,
            long expiry,
            int receiveMaximum,
            long maximumPacketSize)
            implements Operation {}

    /** The connection ended; {@code expiry} in seconds replaces the session's unless it is negative. */
    record Disconnect(long connection, long expiry) implements Operation {}

    /** A SUBSCRIBE, all of its filters valid. */
    record Subscribe(long connection, int packetId, List<Subscription> subscriptions) implements Operation {}

    /** An UNSUBSCRIBE. */
    record Unsubscribe(long connection, int packetId, List<String> filters) implements Operation {}

    /**
     * A PUBLISH.
     *
     * @param packetId 0 at QoS 0
     * @param expirySeconds 0 for none
     * @param properties those to be passed on, as {@link PassedProperties} writes them
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed, and copied often enough
    record Publish(
            long connection,
            int packetId,
            int qos,
            boolean retain,
            String topic,
            byte[] payload,
            byte[] properties,
            long expirySeconds)
            implements Operation {}

    /** A PUBREL of a publisher. */
    record Pubrel(long connection, int packetId) implements Operation {}

    /** A subscriber's PUBACK, or its PUBREC that refuses the message. */
    record Puback(long connection, int packetId) implements Operation {}

    /** A subscriber's PUBREC. */
    record Pubrec(long connection, int packetId) implements Operation {}

    /** A subscriber's PUBCOMP. */
    record Pubcomp(long connection, int packetId) implements Operation {}

    /**
     * The leader's time.
     *
     * @param clock milliseconds of the cluster's logical clock
     * @param members how many nodes the leader is in contact with, itself included; told to all, part of no state
     */
    record Tick(long clock, int members) implements Operation {}

    /**
     * The leader has not heard of this boot of a node for long: its sessions are no longer served.
     *
     * @param term in which the leader found it; in an entry of another term it says nothing. A leader that was cut off found all
     *     others dead, and what it proposed then gets into the log when it is back.
     */
    record NodeDead(String node, long boot, long term) implements Operation {}
}
