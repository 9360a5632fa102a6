package io.havoq.environment;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where clients reach one node. The address may change when a node is rebuilt; while an experiment runs only where
 * {@link #location()} follows the node, as it does a pod that comes back with another address.
 *
 * @param host for people, and for telling one broker from another: the node's name or its address when it was asked for
 * @param location the address at this moment
 * @param tls how the connection is secured; empty where it is not
 */
public record MqttEndpoint(String target, String host, int port, Location location, Optional<MqttTls> tls) {
    /** The address of a node at this moment. Asked for each connection, also on event loops: it must answer at once. */
    @FunctionalInterface
    public interface Location {
        InetSocketAddress address();
    }

    private record Fixed(String host, int port) implements Location {
        @Override
        public InetSocketAddress address() {
            return new InetSocketAddress(host, port);
        }
    }

    /** A node that stays where it is, without TLS. */
    public MqttEndpoint(String target, String host, int port) {
        this(target, host, port, new Fixed(host, port), Optional.empty());
    }

    /** The address now, resolved. */
    public InetSocketAddress address() {
        return location.address();
    }

    @Override
    public String toString() {
        return target + " (" + host + ":" + port + ")";
    }
}
