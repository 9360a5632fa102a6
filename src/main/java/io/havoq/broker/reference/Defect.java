package io.havoq.broker.reference;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The defects that can be planted, for testing checkers only. All nodes of a cluster must have the same, because most of
 * them act where the log is applied; which message is hit follows from its place in the log, so that the nodes still agree.
 */
enum Defect {
    /** A correct broker. */
    NONE,
    /** PUBACK, PUBREC and PUBCOMP leave at once; the operation is proposed a second later, and lost with the node. */
    ACK_BEFORE_COMMIT,
    /** One in 50 deliveries at QoS 1 and 2 never happens and counts as acknowledged. */
    DROP_NTH,
    /** One in 20 deliveries at QoS 2 happens twice, under two packet ids. */
    DUPLICATE_QOS2,
    /**
     * One in 25 deliveries at QoS 1 and 2 waits until the next message of the same publisher, topic and QoS was
     * delivered, 11 s at most.
     */
    SWAP_NEIGHBOURS,
    /**
     * The sessions that a node serves when it is killed are forgotten: at its restart, or when the client connects to
     * another node before that.
     */
    FORGET_SESSIONS,
    /** The restart of any node clears every retained message. */
    FORGET_RETAINED,
    /**
     * A node without a majority keeps its port open and goes on alone: it takes connections, acknowledges and delivers to its
     * own clients, and forgets all of it when it finds back.
     */
    MINORITY_ACCEPTS;

    static final long HELD_BACK_MILLIS = 1000;
    static final long SWAP_LIMIT_MILLIS = 11_000;

    /** The word on the command line. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Defect of(String word) {
        return Arrays.stream(values())
                .filter(defect -> defect.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--defect=" + word + ": expected one of "
                        + Arrays.stream(values()).map(Defect::word).collect(Collectors.joining(", "))));
    }

    boolean drops(Message message, Session session, int qos) {
        return this == DROP_NTH && qos > 0 && hits(message, session, 50);
    }

    boolean duplicates(Message message, Session session, int qos) {
        return this == DUPLICATE_QOS2 && qos == 2 && hits(message, session, 20);
    }

    boolean holdsBack(Message message, Session session, int qos) {
        return this == SWAP_NEIGHBOURS && qos > 0 && hits(message, session, 25);
    }

    private static boolean hits(Message message, Session session, int n) {
        return Math.floorMod(message.id + session.clientId.hashCode(), n) == 0;
    }
}
