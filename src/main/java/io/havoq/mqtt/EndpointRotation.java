package io.havoq.mqtt;

import io.havoq.environment.MqttEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Decides where a client tries next, and how long it waits before. After a lost connection, and while it has not yet tried
 * every endpoint, it waits 10 ms only; after a full round without success the wait doubles up to 500 ms with jitter, so that
 * a thousand clients do not hammer a cluster that is down. Half of the clients go round forwards and half backwards: a
 * node's clients spread over all the others when it dies, instead of falling on its neighbour. Not thread-safe.
 */
final class EndpointRotation {
    static final Duration FIRST_DELAY = Duration.ofMillis(10);
    static final Duration MAX_DELAY = Duration.ofMillis(500);

    private final List<MqttEndpoint> endpoints;
    private final int stride;
    private final RandomGenerator random;
    private int index;

    EndpointRotation(List<MqttEndpoint> endpoints, int first, boolean forwards, RandomGenerator random) {
        this.endpoints = endpoints;
        this.stride = forwards ? 1 : endpoints.size() - 1;
        this.random = random;
        this.index = first;
    }

    /** The index of the endpoint in use or being tried. */
    int index() {
        return index;
    }

    /** The endpoint in use or being tried. */
    MqttEndpoint current() {
        return endpoints.get(index);
    }

    /** Turns to the next endpoint. */
    MqttEndpoint advance() {
        index = (index + stride) % endpoints.size();
        return current();
    }

    /**
     * The wait before the next attempt.
     *
     * @param failedAttempts attempts that failed since the client was last connected; 0 right after the connection was lost
     */
    Duration delay(int failedAttempts) {
        if (failedAttempts < endpoints.size()) {
            return FIRST_DELAY;
        }
        var doublings = Math.min(failedAttempts - endpoints.size() + 1, 10);
        var full = Math.min(FIRST_DELAY.toMillis() << doublings, MAX_DELAY.toMillis());
        return Duration.ofMillis(full / 2 + random.nextLong(full / 2 + 1));
    }
}
