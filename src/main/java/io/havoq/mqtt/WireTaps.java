package io.havoq.mqtt;

import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientConfig;
import com.hivemq.client.mqtt.mqtt5.advanced.interceptor.qos1.Mqtt5IncomingQos1Interceptor;
import com.hivemq.client.mqtt.mqtt5.advanced.interceptor.qos2.Mqtt5IncomingQos2Interceptor;
import com.hivemq.client.mqtt.mqtt5.advanced.interceptor.qos2.Mqtt5OutgoingQos2Interceptor;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.pubcomp.Mqtt5PubComp;
import com.hivemq.client.mqtt.mqtt5.message.publish.pubcomp.Mqtt5PubCompBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.pubcomp.Mqtt5PubCompReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.pubrec.Mqtt5PubRec;
import com.hivemq.client.mqtt.mqtt5.message.publish.pubrec.Mqtt5PubRecBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.pubrel.Mqtt5PubRel;
import com.hivemq.client.mqtt.mqtt5.message.publish.pubrel.Mqtt5PubRelBuilder;
import java.util.function.Consumer;

/** Sees the acknowledgements where the client library's results are silent about them; changes nothing. */
final class WireTaps
        implements Mqtt5IncomingQos1Interceptor, Mqtt5IncomingQos2Interceptor, Mqtt5OutgoingQos2Interceptor {
    private final Consumer<Mqtt5Publish> acknowledging;
    private final Consumer<Mqtt5PubCompReasonCode> completed;

    WireTaps(Consumer<Mqtt5Publish> acknowledging, Consumer<Mqtt5PubCompReasonCode> completed) {
        this.acknowledging = acknowledging;
        this.completed = completed;
    }

    @Override
    public void onPublish(Mqtt5ClientConfig client, Mqtt5Publish publish, Mqtt5PubAckBuilder pubAck) {
        acknowledging.accept(publish);
    }

    @Override
    public void onPublish(Mqtt5ClientConfig client, Mqtt5Publish publish, Mqtt5PubRecBuilder pubRec) {
        acknowledging.accept(publish);
    }

    @Override
    public void onPubRel(Mqtt5ClientConfig client, Mqtt5PubRel pubRel, Mqtt5PubCompBuilder pubComp) {}

    @Override
    public void onPubRec(
            Mqtt5ClientConfig client, Mqtt5Publish publish, Mqtt5PubRec pubRec, Mqtt5PubRelBuilder pubRel) {}

    @Override
    public void onPubRecError(Mqtt5ClientConfig client, Mqtt5Publish publish, Mqtt5PubRec pubRec) {}

    @Override
    public void onPubComp(Mqtt5ClientConfig client, Mqtt5PubRel pubRel, Mqtt5PubComp pubComp) {
        completed.accept(pubComp.getReasonCode());
    }
}
