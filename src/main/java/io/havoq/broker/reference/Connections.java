package io.havoq.broker.reference;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The MQTT connections of this node, and the way of applied effects to them. */
final class Connections implements Effects {
    private final String node;
    private final long boot;
    private final Map<Long, MqttConnection> open = new ConcurrentHashMap<>();
    /** Those with effects of the entry that is being applied. */
    private final Set<MqttConnection> touched = new LinkedHashSet<>();

    Connections(String node, long boot) {
        this.node = node;
        this.boot = boot;
    }

    void add(MqttConnection connection) {
        open.put(connection.id(), connection);
    }

    void remove(MqttConnection connection) {
        open.remove(connection.id());
    }

    int size() {
        return open.size();
    }

    @Override
    public synchronized void send(String owner, long ownerBoot, long connection, Outgoing packet) {
        if (ownerBoot == boot && owner.equals(node)) {
            var target = open.get(connection);
            if (target != null) {
                target.effect(packet);
                touched.add(target);
            }
        }
    }

    /** After each applied entry, on the thread that applies: what it caused goes out. */
    synchronized void flush() {
        if (!touched.isEmpty()) {
            touched.forEach(MqttConnection::flushEffects);
            touched.clear();
        }
    }

    /** Drops every connection, without a word: this node can promise nothing any more. */
    void closeAll() {
        new ArrayList<>(open.values()).forEach(MqttConnection::abort);
    }

    /** Reads on where reading was stopped. */
    void resumeReading() {
        open.values().forEach(MqttConnection::resumeReading);
    }
}
