package io.havoq.mqtt;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;

/**
 * Is told what happens to one {@link FailoverClient}, in the order in which it happened. All calls come from the client's
 * event loop, which many clients share: never block in them.
 */
public interface ClientObserver {
    /**
     * CONNACK arrived; nothing has been subscribed again yet.
     *
     * @param sessionPresent what the broker said (MQTT 5.0, 3.2.2.1.1)
     * @param expired whether the client was away for longer than its session lasts, so that the broker may have dropped it
     */
    default void connected(String node, boolean sessionPresent, boolean expired, long nowNanos) {}

    /** An established connection ended, whoever ended it. */
    default void disconnected(String node, String cause, long nowNanos) {}

    /** SUBACK granted a subscription, the first time or again after a lost session. */
    default void subscribed(String filter, int grantedQos, long nowNanos) {}

    /** A message arrived that the client has acknowledged or is about to acknowledge. */
    default void delivered(Mqtt5Publish message, long nowNanos) {}
}
