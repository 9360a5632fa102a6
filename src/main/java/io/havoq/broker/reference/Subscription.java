package io.havoq.broker.reference;

/**
 * One subscription with its options (MQTT 5.0, 3.8.3.1; 3.1.1 has the QoS only).
 *
 * @param retainHandling 0 retained messages are sent, 1 only for a new subscription, 2 never
 * @param identifier 0 for none
 */
record Subscription(
        String filter, int qos, boolean noLocal, boolean retainAsPublished, int retainHandling, int identifier) {

    void write(WireOutput out) {
        out.text(filter);
        out.octet(qos | (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | retainHandling << 4);
        out.number(identifier);
    }

    static Subscription read(WireInput in) {
        var filter = in.text();
        var options = in.octet();
        return new Subscription(
                filter, options & 3, (options & 4) != 0, (options & 8) != 0, options >> 4 & 3, in.integer());
    }
}
