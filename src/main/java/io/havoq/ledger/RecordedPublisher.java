package io.havoq.ledger;

import java.util.List;

/** A publisher's side of the ledger: three streams, one for each QoS, under one lock. */
final class RecordedPublisher implements PublisherLog {
    private final Ledger ledger;
    private final int id;
    private final String clientId;
    private final String topic;
    private final List<MessageStream> streams =
            List.of(new MessageStream(this, 0), new MessageStream(this, 1), new MessageStream(this, 2));
    private int connection;
    private boolean connectedBefore;
    private String node = "";
    private long conflicts;

    RecordedPublisher(Ledger ledger, int id, String clientId, String topic) {
        this.ledger = ledger;
        this.id = id;
        this.clientId = clientId;
        this.topic = topic;
    }

    @Override
    public synchronized void connected(String node, boolean sessionPresent, long nowNanos) {
        connection++;
        this.node = node;
        // What was recorded before the first connection was never given to a broker: it cannot be sent a second time.
        if (!sessionPresent && connectedBefore) {
            streams.get(1).republish();
            streams.get(2).republish();
        }
        connectedBefore = true;
    }

    @Override
    public Message sending(int qos, String node, long intendedNanos, long nowNanos) {
        var stream = stream(qos);
        var at = ledger.times().pack(nowNanos);
        long sequence;
        synchronized (this) {
            if (!node.equals(this.node)) {
                connection++;
                this.node = node;
            }
            sequence = stream.send(node, connection, at);
        }
        var header = new PayloadHeader(qos, id, ledger.runId(), sequence, intendedNanos);
        return new Message(qos, sequence, header.payload(ledger.payloadBytes()));
    }

    @Override
    public void outcome(int qos, long sequence, Outcome outcome, long nowNanos, String reason) {
        var stream = stream(qos);
        synchronized (this) {
            if (!stream.settle(sequence, outcome, connection, ledger.times().pack(nowNanos))) {
                conflicts++;
                return;
            }
        }
        if (outcome != Outcome.ACKNOWLEDGED) {
            ledger.reasons().count(outcome, qos, reason);
        }
    }

    @Override
    public synchronized int outstanding() {
        return (int) streams.stream().mapToLong(MessageStream::outstanding).sum();
    }

    synchronized long conflicts() {
        return conflicts;
    }

    MessageStream stream(int qos) {
        if (qos < 0 || qos > 2) {
            throw new IllegalArgumentException("QoS " + qos + " of publisher " + clientId + "; expected 0, 1 or 2");
        }
        return streams.get(qos);
    }

    List<MessageStream> streams() {
        return streams;
    }

    int id() {
        return id;
    }

    String topic() {
        return topic;
    }

    @Override
    public String toString() {
        return "publisher " + clientId + " on " + topic;
    }
}
