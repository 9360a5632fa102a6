package io.havoq.mqtt;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How one client connects and stays connected. Everything that MQTT or the client library would otherwise choose by itself
 * is said here or fixed in {@link FailoverClient}.
 *
 * @param endpoints where it may connect, in the order of the cluster; more than one means that it fails over among them
 * @param firstEndpoint index of the one it tries first
 * @param cleanStart whether the first connection starts a new session (MQTT 5.0, 3.1.2.4); later ones resume it
 * @param sessionExpiry how long the broker keeps the session without a connection, whole seconds (MQTT 5.0, 3.1.2.11.2)
 * @param keepAlive after this long without traffic the client asks whether the broker is there, and after as long again gives up
 * @param receiveMaximum how many QoS 1 and 2 messages may be in flight towards the client (MQTT 5.0, 3.1.2.11.3)
 */
public record ClientProfile(
        String clientId,
        List<MqttEndpoint> endpoints,
        int firstEndpoint,
        Optional<Credentials> credentials,
        boolean cleanStart,
        Duration sessionExpiry,
        Duration keepAlive,
        int receiveMaximum) {
    /** In-flight messages towards a client unless something else is said. */
    public static final int DEFAULT_RECEIVE_MAXIMUM = 1000;

    /** Copies the list and refuses what could never connect. */
    public ClientProfile {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException(
                    "client " + clientId + " has no endpoint to connect to: expected at least one host:port");
        }
        if (firstEndpoint < 0 || firstEndpoint >= endpoints.size()) {
            throw new IllegalArgumentException("client " + clientId + ": first endpoint " + firstEndpoint
                    + " is out of range: expected 0 to " + (endpoints.size() - 1));
        }
        if (receiveMaximum < 1 || receiveMaximum > 65_535) {
            throw new IllegalArgumentException(
                    "client " + clientId + ": receive maximum " + receiveMaximum + " is out of range: 1 to 65535");
        }
    }
}
