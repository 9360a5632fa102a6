package io.havoq.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import com.hivemq.client.mqtt.mqtt5.message.publish.pubcomp.Mqtt5PubCompReasonCode;
import io.havoq.ledger.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * How a publish ended, in the three values of the ledger.
 *
 * @param reason the reason code, or why nothing is known; for people
 */
public record PublishOutcome(Outcome outcome, String reason, long nanos) {

    /**
     * Reads the client's result. The client reports a QoS 2 publish whose session ended between PUBREC and PUBCOMP as a
     * success; it is one only if a PUBCOMP was seen.
     *
     * @param error what the client's future failed with
     * @param pubComp the PUBCOMP that completed this very publish, if one did
     */
    static PublishOutcome of(
            MqttQos qos, @Nullable Throwable error, @Nullable Mqtt5PubCompReasonCode pubComp, long nanos) {
        if (error instanceof Mqtt5PubAckException refused) {
            return new PublishOutcome(
                    Outcome.REFUSED, "PUBACK " + refused.getMqttMessage().getReasonCode(), nanos);
        }
        if (error instanceof Mqtt5PubRecException refused) {
            return new PublishOutcome(
                    Outcome.REFUSED, "PUBREC " + refused.getMqttMessage().getReasonCode(), nanos);
        }
        if (error != null) {
            return new PublishOutcome(Outcome.UNKNOWN, Causes.text(error), nanos);
        }
        if (qos != MqttQos.EXACTLY_ONCE) {
            return new PublishOutcome(Outcome.ACKNOWLEDGED, qos == MqttQos.AT_MOST_ONCE ? "written" : "PUBACK", nanos);
        }
        if (pubComp == null) {
            return new PublishOutcome(Outcome.UNKNOWN, "the session ended between PUBREC and PUBCOMP", nanos);
        }
        // 0x92 also answers a PUBREL that the broker no longer knows: nothing is proven either way (MQTT 5.0, 3.7.2.1).
        return new PublishOutcome(
                pubComp.isError() ? Outcome.UNKNOWN : Outcome.ACKNOWLEDGED, "PUBCOMP " + pubComp, nanos);
    }
}
