package io.havoq.broker.reference;

/** Where the applied state says what is to be sent; only the node and boot named act on it. */
@FunctionalInterface
interface Effects {
    /** Called in the order of the log, on the thread that applies. */
    void send(String node, long boot, long connection, Outgoing packet);
}
