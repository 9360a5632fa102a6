package io.havoq.broker.reference;

import java.util.ArrayList;
import java.util.List;

/**
 * A message on its way to one session.
 *
 * @param qos the lesser of publish and grant
 * @param identifiers of the subscriptions it matched
 */
record Queued(Message message, int qos, boolean retain, List<Integer> identifiers) {

    Outgoing.Deliver toDeliver(int packetId, boolean again, long clock) {
        var left = message.expiresAt == 0 ? 0 : Math.max(1, (message.expiresAt - clock) / 1000);
        return new Outgoing.Deliver(packetId, again, qos, retain, message, identifiers, left);
    }

    void write(WireOutput out) {
        out.number(message.id);
        out.octet(qos | (retain ? 4 : 0));
        out.number(identifiers.size());
        identifiers.forEach(out::number);
    }

    static Queued read(WireInput in, MessageTable messages) {
        var message = messages.get(in.number());
        var flags = in.octet();
        var count = in.integer();
        var identifiers = new ArrayList<Integer>(count);
        for (var i = 0; i < count; i++) {
            identifiers.add(in.integer());
        }
        return new Queued(message, flags & 3, (flags & 4) != 0, List.copyOf(identifiers));
    }
}
