package io.havoq.mqtt;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.MqttTls;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How clients reach an endpoint: where it is now, secured as it wants it, within bounds. */
public final class Transports {
    private Transports() {}

    /** For one connection; the next one asks again, since the node may have moved. */
    public static MqttClientTransportConfig to(MqttEndpoint endpoint, Duration connect, Duration connAck) {
        var transport = MqttClientTransportConfig.builder()
                .serverAddress(endpoint.address())
                .socketConnectTimeout(connect.toMillis(), TimeUnit.MILLISECONDS)
                .mqttConnectTimeout(connAck.toMillis(), TimeUnit.MILLISECONDS);
        return endpoint.tls()
                .map(tls -> transport.sslConfig(secured(tls)))
                .orElse(transport)
                .build();
    }

    private static MqttClientSslConfig secured(MqttTls tls) {
        // Without a verifier of its own the library has the JDK check the name in the certificate.
        return MqttClientSslConfig.builder()
                .trustManagerFactory(tls.trust().orElse(null))
                .build();
    }
}
