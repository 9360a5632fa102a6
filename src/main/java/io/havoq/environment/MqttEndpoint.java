package io.havoq.environment;

import java.net.InetSocketAddress;

/** Where clients reach one node. The address may change when a node is rebuilt, never while an experiment runs. */
public record MqttEndpoint(String target, String host, int port) {
    /** The address, resolved. */
    public InetSocketAddress address() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return target + " (" + host + ":" + port + ")";
    }
}
