package io.havoq.broker.reference;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The command line of a node: {@code --key=value} each.
 *
 * @param raft where this node listens for the others
 * @param peers name and raft address of every member, this node included; hosts may be names, see {@link Names}
 * @param username empty for no check of credentials
 * @param snapshotEvery entries of the log between two snapshots
 */
record Arguments(
        String node,
        HostPort mqtt,
        HostPort raft,
        HostPort http,
        Map<String, HostPort> peers,
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
                HostPort.parse("mqtt", given.get("mqtt")),
                HostPort.parse("raft", given.get("raft")),
                HostPort.parse("http", given.get("http")),
                peers,
                Path.of(given.get("data")),
                given.get("username"),
                given.get("password"),
                Defect.of(given.get("defect")),
                number("snapshot-every", given.get("snapshot-every")),
                number("client-limit", given.get("client-limit")));
    }

    private static Map<String, HostPort> peers(String text) {
        var peers = new LinkedHashMap<String, HostPort>();
        Arrays.stream(text.split(",")).forEach(peer -> {
            var at = peer.indexOf('@');
            if (at < 1) {
                throw new IllegalArgumentException("--peers: '" + peer + "' is not name@host:port");
            }
            peers.put(peer.substring(0, at), HostPort.parse("peers", peer.substring(at + 1)));
        });
        return peers;
    }

    /** The members without this node. */
    Map<String, HostPort> others() {
        var others = new LinkedHashMap<>(peers);
        others.remove(node);
        return others;
    }

    /** Every host that has to have an address before the node can start; what it is itself, it need not ask for. */
    Set<String> hosts() {
        var hosts = new TreeSet<>(List.of(mqtt.host(), raft.host()));
        peers.forEach((name, address) -> {
            if (!name.equals(node)) {
                hosts.add(address.host());
            }
        });
        return hosts;
    }

    /** The same with addresses in the place of names; its own place among the peers is where it listens. */
    Arguments resolved(Map<String, String> addresses) {
        var found = new LinkedHashMap<String, HostPort>();
        peers.forEach((name, address) -> found.put(name, numeric(name.equals(node) ? raft : address, addresses)));
        return new Arguments(
                node,
                numeric(mqtt, addresses),
                numeric(raft, addresses),
                http,
                found,
                data,
                username,
                password,
                defect,
                snapshotEvery,
                clientLimit);
    }

    private static HostPort numeric(HostPort address, Map<String, String> addresses) {
        return new HostPort(addresses.getOrDefault(address.host(), address.host()), address.port());
    }

    static int number(String key, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--" + key + ": '" + text + "' is not a whole number", e);
        }
    }
}
