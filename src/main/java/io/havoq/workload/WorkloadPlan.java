package io.havoq.workload;

import io.havoq.settings.Settings;
import java.time.Duration;
import java.util.Locale;

/**
 * The shape of a load: who connects, and what is published how often.
 *
 * @param topicPrefix begins every topic; holds the run's identifier, so that nothing of another run is received
 * @param clientPrefix begins every client identifier; likewise
 * @param messagesPerSecond all publishers together
 * @param payloadBytes of every message, the ledger's header included
 * @param subscribeQos what subscribers ask for
 * @param outstandingPerPublisher messages of one publisher that may wait for their outcome
 * @param seed decides order and QoS of the messages
 */
public record WorkloadPlan(
        String topicPrefix,
        String clientPrefix,
        int publishers,
        int subscribers,
        int topics,
        double messagesPerSecond,
        int payloadBytes,
        QosMix qosMix,
        int subscribeQos,
        Duration sessionExpiry,
        Duration keepAlive,
        int outstandingPerPublisher,
        Duration connectTimeout,
        Duration closeTimeout,
        long seed) {
    /** Refuses a shape in which a topic would have no publisher or no subscriber: its messages would prove nothing. */
    public WorkloadPlan {
        if (topics > publishers || topics > subscribers) {
            throw new IllegalArgumentException(topics + " topics for " + publishers + " publishers and " + subscribers
                    + " subscribers: expected at least one of each per topic; lower " + WorkloadSettings.TOPICS.key());
        }
    }

    /** The shape that the settings describe. */
    public static WorkloadPlan from(Settings settings, String topicPrefix, String clientPrefix, long seed) {
        return new WorkloadPlan(
                topicPrefix,
                clientPrefix,
                settings.get(WorkloadSettings.PUBLISHERS),
                settings.get(WorkloadSettings.SUBSCRIBERS),
                settings.get(WorkloadSettings.TOPICS),
                settings.get(WorkloadSettings.RATE),
                settings.get(WorkloadSettings.PAYLOAD),
                settings.get(WorkloadSettings.QOS_MIX),
                settings.get(WorkloadSettings.SUBSCRIBE_QOS),
                settings.get(WorkloadSettings.SESSION_EXPIRY),
                settings.get(WorkloadSettings.KEEP_ALIVE),
                settings.get(WorkloadSettings.OUTSTANDING),
                settings.get(WorkloadSettings.CONNECT_TIMEOUT),
                settings.get(WorkloadSettings.CLOSE_TIMEOUT),
                seed);
    }

    /** The topic that a publisher or subscriber of this number has. */
    public String topicOf(int client) {
        var width = Integer.toString(topics - 1).length();
        return topicPrefix + "/t" + String.format(Locale.ROOT, "%0" + width + "d", client % topics);
    }

    /** The topic that a burst's publisher and subscriber of this number have, and nobody else. */
    String burstTopicOf(int client) {
        return topicPrefix + "/burst/" + client;
    }

    @Override
    public String toString() {
        return publishers + " publishers, " + subscribers + " subscribers, " + topics + " topics, " + messagesPerSecond
                + " msg/s, " + payloadBytes + " B, QoS " + qosMix;
    }
}
