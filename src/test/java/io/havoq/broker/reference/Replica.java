package io.havoq.broker.reference;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A state under test, fed batch by batch as a log would, and everything it wants sent. */
final class Replica {
    static final String A = "node-a";
    static final String B = "node-b";

    final List<Sent> sent = new ArrayList<>();
    final List<byte[]> log = new ArrayList<>();
    static final long TERM = 7;

    private final Defect defect;
    private BrokerState state;
    private final long[] sequence = new long[2];
    private final long[] boot = {1, 1};

    record Sent(String node, long connection, Outgoing packet) {}

    Replica() {
        this(Defect.NONE);
    }

    Replica(Defect defect) {
        this.defect = defect;
        this.state = new BrokerState(this::record, defect);
    }

    private void record(String node, long nodeBoot, long connection, Outgoing packet) {
        sent.add(new Sent(node, connection, packet));
    }

    void a(Operation... operations) {
        apply(new Batch(A, boot[0], ++sequence[0], List.of(operations)));
    }

    void b(Operation... operations) {
        apply(new Batch(B, boot[1], ++sequence[1], List.of(operations)));
    }

    /** Node a was killed and starts again. */
    void restartA() {
        boot[0]++;
        sequence[0] = 0;
        a(new Operation.Hello());
    }

    boolean apply(Batch batch) {
        log.add(batch.encoded());
        return state.apply(Batch.decoded(batch.encoded()), TERM);
    }

    boolean again(int index) {
        return state.apply(Batch.decoded(log.get(index)), TERM);
    }

    byte[] bytes() {
        return state.write();
    }

    /** Goes on from what a snapshot of the present state holds. */
    void throughSnapshot() {
        state = BrokerState.read(state.write(), this::record, defect);
    }

    int sessions() {
        return state.sessions();
    }

    int subscriptions() {
        return state.subscriptions();
    }

    /** What was sent to a connection since the last call, and forgets all of it. */
    List<Outgoing> take(String node, long connection) {
        var packets = sent.stream()
                .filter(one -> one.node().equals(node) && one.connection() == connection)
                .map(Sent::packet)
                .toList();
        sent.clear();
        return packets;
    }

    static Operation.Connect connect(long connection, String clientId) {
        return connect(connection, clientId, 100);
    }

    static Operation.Connect connect(long connection, String clientId, int receiveMaximum) {
        return new Operation.Connect(connection, clientId, 5, false, 3600, receiveMaximum, Integer.MAX_VALUE);
    }

    static Operation.Subscribe subscribe(long connection, String filter, int qos) {
        return new Operation.Subscribe(connection, 1, List.of(new Subscription(filter, qos, false, false, 0, 0)));
    }

    static Operation.Publish publish(long connection, int packetId, int qos, String topic, String payload) {
        return publish(connection, packetId, qos, false, topic, payload);
    }

    static Operation.Publish publish(
            long connection, int packetId, int qos, boolean retain, String topic, String payload) {
        return new Operation.Publish(
                connection, packetId, qos, retain, topic, payload.getBytes(StandardCharsets.UTF_8), new byte[0], 0);
    }

    /** "id:payload" of every PUBLISH among the packets, with "!" before those sent again. */
    static List<String> deliveries(List<Outgoing> packets) {
        return packets.stream()
                .filter(Outgoing.Deliver.class::isInstance)
                .map(Outgoing.Deliver.class::cast)
                .map(delivery -> (delivery.again() ? "!" : "") + delivery.packetId() + ":"
                        + new String(delivery.message().payload, StandardCharsets.UTF_8))
                .toList();
    }
}
