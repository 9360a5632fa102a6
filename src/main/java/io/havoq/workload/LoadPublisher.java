package io.havoq.workload;

import io.havoq.ledger.Outcome;
import io.havoq.ledger.PublisherLog;
import io.havoq.mqtt.PublishOutcome;
import io.havoq.time.RunClock;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One publisher of the load: records what it sends before it sends it, and the outcome once. Thread-safe; numbering and
 * handing over to the client are one step, so that the order in the ledger is the order on the wire.
 */
final class LoadPublisher {
    private final String topic;
    private final PublishPort port;
    private final PublisherLog log;
    private final int cap;
    private final LoadCounters counters;
    private int outstanding;
    private int outstandingAcknowledged;
    private volatile long answeredNanos = RunClock.now();

    LoadPublisher(String topic, PublishPort port, PublisherLog log, int cap, LoadCounters counters) {
        this.topic = topic;
        this.port = port;
        this.log = log;
        this.cap = cap;
        this.counters = counters;
    }

    Optional<String> node() {
        return port.node();
    }

    /** QoS 1 and 2 messages that wait for their outcome. */
    synchronized int outstanding() {
        return outstandingAcknowledged;
    }

    /** Whether the broker has answered a QoS 1 or 2 message since then. */
    boolean answeredSince(long nanos) {
        return answeredNanos - nanos >= 0;
    }

    /**
     * Sends one message unless the client is not connected or too much is outstanding.
     *
     * @param limit no more than this may be outstanding before it, the publisher's own cap aside
     * @return whether it was sent
     */
    boolean offer(int qos, long intendedNanos, int limit) {
        return offer(qos, intendedNanos, limit, outcome -> {});
    }

    /**
     * As the other.
     *
     * @param then told the outcome, after it was recorded
     */
    synchronized boolean offer(int qos, long intendedNanos, int limit, Consumer<PublishOutcome> then) {
        var node = port.node();
        if (node.isEmpty() || outstanding >= Math.min(cap, limit)) {
            return false;
        }
        var message = log.sending(qos, node.get(), intendedNanos, RunClock.now());
        outstanding++;
        outstandingAcknowledged += qos > 0 ? 1 : 0;
        counters.sent(qos);
        port.publish(topic, qos, message.payload(), outcome -> {
            finished(message, outcome);
            then.accept(outcome);
        });
        return true;
    }

    /** A new connection: what is sent from now on travels on it. */
    void connected(String node, boolean sessionPresent, long nowNanos) {
        log.connected(node, sessionPresent, nowNanos);
    }

    private void finished(PublisherLog.Message message, PublishOutcome outcome) {
        synchronized (this) {
            outstanding--;
            outstandingAcknowledged -= message.qos() > 0 ? 1 : 0;
        }
        if (message.qos() > 0 && outcome.outcome() != Outcome.UNKNOWN) {
            answeredNanos = outcome.nanos();
        }
        counters.finished(message.qos(), outcome.outcome());
        log.outcome(message.qos(), message.sequence(), outcome.outcome(), outcome.nanos(), outcome.reason());
    }
}
