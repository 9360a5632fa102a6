package io.havoq.broker;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One node to launch, as an environment lays it out.
 *
 * @param index 0-based ordinal
 * @param name pod name, e.g. {@code emqx-go-0}
 * @param host the address that the node listens on; the same for all its ports
 * @param ports by purpose: {@code mqtt}, {@code cluster}, {@code metrics}, {@code dashboard}
 * @param dataDirectory exists, is empty at the first start, survives restarts
 */
public record NodeSpec(int index, String name, String host, Map<String, Integer> ports, Path dataDirectory) {
    /** {@code host:port} of one purpose. */
    public String address(String purpose) {
        var port = ports.get(purpose);
        if (port == null) {
            throw new IllegalArgumentException(name + " has no port for '" + purpose + "', only " + ports.keySet());
        }
        return host + ":" + port;
    }

    /** Every node of a cluster, in order of index. */
    public record Cluster(List<NodeSpec> nodes) {}
}
