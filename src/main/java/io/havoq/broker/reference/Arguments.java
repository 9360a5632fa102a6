package io.havoq.broker.reference;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The command line of a node: {@code --key=value} each.
 *
 * @param peers name and raft address of every member, this node included, the same on all
 * @param username empty for no check of credentials
 * @param snapshotEvery entries of the log between two snapshots
 */
record Arguments(
        String node,
        InetSocketAddress mqtt,
        InetSocketAddress raft,
        InetSocketAddress http,
        Map<String, String> peers,
        Path data,
        String username,
        String password,
        Defect defect,
        int snapshotEvery,
        int clientLimit) {

    private static final Set<String> REQUIRED = Set.of("node", "mqtt", "raft", "http", "peers", "data");
    private static final Map<String, String> DEFAULTS = Map.of(
            "username", "", "password", "", "defect", "none", "snapshot-every", "20000", "client-limit", "10000");

    static Arguments parse(String... arguments) {
        var given = new LinkedHashMap<>(DEFAULTS);
        for (var argument : arguments) {
            var equals = argument.indexOf('=');
            var key = argument.startsWith("--") && equals > 2 ? argument.substring(2, equals) : "";
            if (!REQUIRED.contains(key) && !DEFAULTS.containsKey(key)) {
                throw new IllegalArgumentException("argument '" + argument + "' is unknown: expected --key=value with "
                        + new TreeSet<>(REQUIRED) + " and optionally " + new TreeSet<>(DEFAULTS.keySet()));
            }
            given.put(key, argument.substring(equals + 1));
        }
        var missing = new TreeSet<>(REQUIRED);
        missing.removeAll(given.keySet());
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("missing arguments " + missing + ", each as --key=value");
        }
        var peers = peers(given.get("peers"));
        if (!peers.containsKey(given.get("node"))) {
            throw new IllegalArgumentException(
                    "--peers names " + peers.keySet() + ", not this node " + given.get("node"));
        }
        return new Arguments(
                given.get("node"),
                address("mqtt", given.get("mqtt")),
                address("raft", given.get("raft")),
                address("http", given.get("http")),
                peers,
                Path.of(given.get("data")),
                given.get("username"),
                given.get("password"),
                Defect.of(given.get("defect")),
                number("snapshot-every", given.get("snapshot-every")),
                number("client-limit", given.get("client-limit")));
    }

    private static Map<String, String> peers(String text) {
        var peers = new LinkedHashMap<String, String>();
        Arrays.stream(text.split(",")).forEach(peer -> {
            var at = peer.indexOf('@');
            if (at < 1) {
                throw new IllegalArgumentException("--peers: '" + peer + "' is not name@host:port");
            }
            address("peers", peer.substring(at + 1));
            peers.put(peer.substring(0, at), peer.substring(at + 1));
        });
        return peers;
    }

    private static InetSocketAddress address(String key, String text) {
        var colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("--" + key + ": '" + text + "' is not host:port");
        }
        return new InetSocketAddress(text.substring(0, colon), number(key, text.substring(colon + 1)));
    }

    private static int number(String key, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--" + key + ": '" + text + "' is not a whole number", e);
        }
    }
}
