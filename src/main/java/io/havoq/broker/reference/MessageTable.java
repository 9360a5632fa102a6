package io.havoq.broker.reference;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The messages of a snapshot, each written once however many queues hold it. */
final class MessageTable {
    private final Map<Long, Message> messages;

    private MessageTable(Map<Long, Message> messages) {
        this.messages = messages;
    }

    static MessageTable empty() {
        return new MessageTable(new TreeMap<>());
    }

    void add(Message message) {
        messages.put(message.id, message);
    }

    Message get(long id) {
        var message = messages.get(id);
        if (message == null) {
            throw new IllegalArgumentException("the snapshot refers to message " + id + ", which it does not hold");
        }
        return message;
    }

    void write(WireOutput out) {
        out.number(messages.size());
        messages.values().forEach(message -> message.write(out));
    }

    static MessageTable read(WireInput in) {
        var count = in.integer();
        var messages = new HashMap<Long, Message>();
        for (var i = 0; i < count; i++) {
            var message = Message.read(in);
            messages.put(message.id, message);
        }
        return new MessageTable(messages);
    }
}
