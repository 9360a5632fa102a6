package io.havoq.broker.reference;

import java.util.List;

/** What an applied operation makes the owner of a session send to its client. */
sealed interface Outgoing {
    /** Reason code: memory for messages is used up (MQTT 5.0, 3.4.2.1). */
    int QUOTA_EXCEEDED = 0x97;

    /** CONNACK: the session is this connection's now. */
    record Connected(boolean sessionPresent) implements Outgoing {}

    /** The session went to another connection (reason 0x8E), or this node was given up: the connection ends. */
    record Closed(boolean takenOver) implements Outgoing {}

    /** PUBACK, with a reason code of MQTT 5.0. */
    record Puback(int packetId, int reason) implements Outgoing {}

    /** PUBREC, with a reason code of MQTT 5.0. */
    record Pubrec(int packetId, int reason) implements Outgoing {}

    /** PUBREL for a message this broker delivers. */
    record Pubrel(int packetId) implements Outgoing {}

    /** PUBCOMP, with a reason code of MQTT 5.0. */
    record Pubcomp(int packetId, int reason) implements Outgoing {}

    /** SUBACK. */
    record Suback(int packetId, List<Integer> codes) implements Outgoing {}

    /** UNSUBACK. */
    record Unsuback(int packetId, List<Integer> codes) implements Outgoing {}

    /** PUBLISH; {@code remainingExpiry} in seconds, 0 for none. */
    record Deliver(
            int packetId,
            boolean again,
            int qos,
            boolean retain,
            Message message,
            List<Integer> identifiers,
            long remainingExpiry)
            implements Outgoing {}
}
