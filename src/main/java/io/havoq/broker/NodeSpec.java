package io.havoq.broker;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One node to launch, as an environment lays it out.
 *
 * @param index 0-based ordinal
 * @param name pod name, e.g. {@code emqx-go-0}
 * @param host the address that the node listens on; the same for all its ports
 * @param hostName the name by which the nodes find each other; the address where there is no name service
 * @param ports by purpose: {@code mqtt}, {@code cluster}, {@code metrics}, {@code dashboard}
 * @param reach by purpose, the {@code host:port} at which this JVM reaches the node itself whatever happens between the
 *     nodes and their clients: for readiness checks and questions about its health
 * @param dataDirectory exists, is empty at the first start, survives restarts
 */
public record NodeSpec(
        int index,
        String name,
        String host,
        String hostName,
        Map<String, Integer> ports,
        Map<String, String> reach,
        Path dataDirectory) {
    /** Copies the collections. */
    public NodeSpec {
        ports = Map.copyOf(ports);
        reach = Map.copyOf(reach);
    }

    /** A node that is reached where it listens, and found by its address. */
    public NodeSpec(int index, String name, String host, Map<String, Integer> ports, Path dataDirectory) {
        this(
                index,
                name,
                host,
                host,
                ports,
                ports.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, port -> host + ":" + port.getValue())),
                dataDirectory);
    }

    /** {@code host:port} of one purpose, where the node listens. */
    public String address(String purpose) {
        return host + ":" + port(purpose);
    }

    /** {@code name:port} of one purpose, as the other nodes know it. */
    public String namedAddress(String purpose) {
        return hostName + ":" + port(purpose);
    }

    /** Where this JVM reaches the node for one purpose. */
    public InetSocketAddress reachable(String purpose) {
        port(purpose);
        var address = reach.get(purpose);
        if (address == null) {
            throw new IllegalArgumentException(
                    name + " cannot be reached for '" + purpose + "', only " + reach.keySet());
        }
        int colon = address.lastIndexOf(':');
        return new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }

    private int port(String purpose) {
        var port = ports.get(purpose);
        if (port == null) {
            throw new IllegalArgumentException(name + " has no port for '" + purpose + "', only " + ports.keySet());
        }
        return port;
    }

    /** Every node of a cluster, in order of index. */
    public record Cluster(List<NodeSpec> nodes) {}
}
