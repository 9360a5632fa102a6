package io.havoq.recovery;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientExecutorConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5SimpleAuth;
import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.mqtt.Transports;
import io.havoq.settings.Settings;
import io.reactivex.schedulers.Schedulers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the probes' MQTT 5 clients: every default that matters is set, and all of them share two event loop threads, which the
 * client library ends with the last connection. Callbacks run on these threads and must not block.
 */
final class ProbeClients {
    private static final int KEEP_ALIVE_SECONDS = 10;
    private static final AtomicInteger THREADS = new AtomicInteger();

    // One executor object for all: the library keeps one event loop group per executor object.
    private static final Executor THREAD_PER_LOOP = task -> {
        var thread = new Thread(task, "havoq-probe-io-" + THREADS.incrementAndGet());
        thread.setDaemon(true);
        thread.start();
    };
    private static final MqttClientExecutorConfig EVENT_LOOPS = MqttClientExecutorConfig.builder()
            .nettyExecutor(THREAD_PER_LOOP)
            .nettyThreads(2)
            .applicationScheduler(Schedulers.from(Runnable::run))
            .build();

    private final Optional<Credentials> credentials;
    private final Duration connect;
    private final Duration connAck;

    ProbeClients(Optional<Credentials> credentials, Settings settings) {
        this.credentials = credentials;
        this.connect = settings.get(RecoverySettings.CONNECT_TIMEOUT);
        this.connAck = settings.get(RecoverySettings.CONNACK_TIMEOUT);
    }

    /** A builder for a client of one node that does not reconnect by itself; its connects say {@link #keepAliveSeconds()}. */
    Mqtt5ClientBuilder client(MqttEndpoint endpoint, String clientId) {
        var builder = MqttClient.builder()
                .useMqttVersion5()
                .identifier(clientId)
                .executorConfig(EVENT_LOOPS)
                .transportConfig(transport(endpoint));
        return credentials
                .map(login -> builder.simpleAuth(Mqtt5SimpleAuth.builder()
                        .username(login.username())
                        .password(login.password().getBytes(StandardCharsets.UTF_8))
                        .build()))
                .orElse(builder);
    }

    /** Where the node is now. */
    MqttClientTransportConfig transport(MqttEndpoint endpoint) {
        return Transports.to(endpoint, connect, connAck);
    }

    static int keepAliveSeconds() {
        return KEEP_ALIVE_SECONDS;
    }
}
