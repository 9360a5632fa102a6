package io.havoq.workload;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.havoq.ledger.SubscriberLog;
import io.havoq.mqtt.ClientObserver;
import io.havoq.mqtt.ClientProfile;
import io.havoq.mqtt.FailoverClient;
import io.havoq.time.RunClock;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One connection of the load, publishing or subscribing: tells the ledger and the statistics what happens to it. */
final class LoadClient implements ClientObserver {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final FailoverClient client;
    private final Connections connections;
    private final LoadCounters counters;
    private final @Nullable SubscriberLog log;
    private final long sessionExpiryNanos;
    private volatile @Nullable LoadPublisher publisher;
    private volatile long connectedNanos;
    private volatile long deliveredNanos = RunClock.now();
    // Touched on the event loop only; 0 means never.
    private long lostNanos;

    LoadClient(ClientProfile profile, Connections connections, LoadCounters counters, @Nullable SubscriberLog log) {
        this.connections = connections;
        this.counters = counters;
        this.log = log;
        this.sessionExpiryNanos = profile.sessionExpiry().toNanos();
        this.client = new FailoverClient(profile, this);
    }

    FailoverClient client() {
        return client;
    }

    /** Says whose publishes are lost sight of when the connection ends. */
    void publishing(LoadPublisher publisher) {
        this.publisher = publisher;
    }

    /**
     * Connects, and subscribes before it counts as connected.
     *
     * @return completes with the granted QoS; 0 for a publisher
     */
    CompletableFuture<Integer> connect(@Nullable String filter, int qos) {
        if (filter == null) {
            return client.connect().thenApply(present -> 0);
        }
        var granted = client.subscribe(filter, qos);
        return client.connect().thenCombine(granted, (present, grant) -> grant);
    }

    /** Whether the connection that it has, if it has one, was made before. */
    boolean connectedBefore(long nanos) {
        return connectedNanos - nanos < 0;
    }

    /** Whether its node has sent it a message, or answered one of its own, since then. */
    boolean heardSince(long nanos) {
        var publishes = publisher;
        return deliveredNanos - nanos >= 0 || (publishes != null && publishes.answeredSince(nanos));
    }

    /** QoS 1 and 2 messages of its own that wait for their outcome. */
    int outstanding() {
        var publishes = publisher;
        return publishes == null ? 0 : publishes.outstanding();
    }

    @Override
    public void connected(String node, boolean sessionPresent, boolean expired, long nowNanos) {
        connectedNanos = nowNanos;
        if (lostNanos != 0) {
            connections.regained(lostNanos, nowNanos);
        }
        var publishes = publisher;
        if (publishes != null) {
            publishes.connected(node, sessionPresent, nowNanos);
        }
        if (log != null) {
            if (expired && !sessionPresent) {
                log.ended(lostNanos + sessionExpiryNanos);
            }
            log.connected(node, sessionPresent, nowNanos);
        }
    }

    @Override
    public void disconnected(String node, String cause, long nowNanos) {
        lostNanos = nowNanos;
        connections.lost(node, nowNanos, outstanding());
        if (log != null) {
            log.disconnected(nowNanos);
        }
    }

    @Override
    public void subscribed(String filter, int grantedQos, long nowNanos) {
        if (log != null) {
            log.subscribed(grantedQos, nowNanos);
        }
    }

    @Override
    public void delivered(Mqtt5Publish message, long nowNanos) {
        deliveredNanos = nowNanos;
        if (log != null) {
            counters.delivered();
            // The library does not show DUP; the ledger draws nothing from it (MQTT 5.0, 3.3.1.1: it proves nothing).
            log.delivered(
                    message.getTopic().toString(),
                    message.getQos().getCode(),
                    false,
                    message.isRetain(),
                    message.getPayload().orElse(EMPTY),
                    nowNanos);
        }
    }
}
