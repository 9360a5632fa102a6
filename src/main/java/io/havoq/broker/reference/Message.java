package io.havoq.broker.reference;

/** One routed message, shared by every queue that holds it. The number of holders is kept for the limit on memory. */
final class Message {
    /** Place in the order of all messages of the cluster. */
    final long id;

    /** Client id of the publisher. */
    final String publisher;

    final String topic;
    final int qos;
    final byte[] payload;
    final byte[] properties;

    /** Logical milliseconds at which it expires; 0 for never. */
    final long expiresAt;

    /** How many queues, windows and the retained set hold it. */
    int holders;

    Message(long id, String publisher, String topic, int qos, byte[] payload, byte[] properties, long expiresAt) {
        this.id = id;
        this.publisher = publisher;
        this.topic = topic;
        this.qos = qos;
        this.payload = payload;
        this.properties = properties;
        this.expiresAt = expiresAt;
    }

    /** Memory it takes, roughly. */
    long weight() {
        return 160L + payload.length + properties.length + topic.length();
    }

    boolean expired(long clock) {
        return expiresAt != 0 && clock >= expiresAt;
    }

    void write(WireOutput out) {
        out.number(id);
        out.text(publisher);
        out.text(topic);
        out.octet(qos);
        out.blob(payload);
        out.blob(properties);
        out.number(expiresAt);
    }

    static Message read(WireInput in) {
        return new Message(in.number(), in.text(), in.text(), in.octet(), in.blob(), in.blob(), in.number());
    }
}
