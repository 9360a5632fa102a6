package io.havoq.environment.local;

import io.havoq.broker.NodeSpec;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.PortCheck;
import io.havoq.fault.local.network.NetworkControl;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the nodes listen, and how they are reached from here. */
sealed interface NodeNetwork {
    /** The nodes, laid out. */
    List<NodeSpec> nodes();

    /** One of them. */
    default NodeSpec node(String name) {
        return nodes().stream()
                .filter(spec -> spec.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new EnvironmentException("there is no node '" + name + "'"));
    }

    /** Where clients reach them, in the same order. */
    List<MqttEndpoint> endpoints();

    /** Why a node's port accepts no connections, asked where it listens; empty if it does. */
    Optional<String> portProblem(NodeSpec node, String purpose);

    /** In few words, for people. */
    String description();

    /**
     * The machine's own network: every node at 127.0.0.1, on ports of its own.
     *
     * @param reason why the nodes have no network of their own
     * @param remedy what would have to change
     */
    record Host(String reason, String remedy, List<NodeSpec> nodes) implements NodeNetwork {
        static Host of(String reason, String remedy, List<String> names, List<Map<String, Integer>> ports, Path data) {
            var nodes = new ArrayList<NodeSpec>();
            for (var name : names) {
                int index = nodes.size();
                nodes.add(new NodeSpec(index, name, "127.0.0.1", ports.get(index), data.resolve(name)));
            }
            return new Host(reason, remedy, List.copyOf(nodes));
        }

        @Override
        public List<MqttEndpoint> endpoints() {
            return nodes.stream()
                    .map(node -> new MqttEndpoint(
                            node.name(), node.host(), node.ports().get("mqtt")))
                    .toList();
        }

        @Override
        public Optional<String> portProblem(NodeSpec node, String purpose) {
            return PortCheck.problem(node.address(purpose));
        }

        @Override
        public String description() {
            return "on this machine's network (" + reason + ")";
        }
    }

    /**
     * A network of the nodes' own: every node with an address and a host name, all on the same ports, a packet switch between
     * them; clients come in through a relay, from an address of their own.
     */
    record Own(
            NetworkControl control,
            String how,
            Map<String, NetworkControl.Address> places,
            List<NodeSpec> nodes,
            List<MqttEndpoint> endpoints)
            implements NodeNetwork {
        /** The ports that the plan's deployment has; what else a broker needs follows on. */
        private static final Map<String, Integer> PORTS =
                Map.of("mqtt", 1883, "cluster", 8081, "metrics", 8082, "dashboard", 18083);

        private static final int FURTHER = 20_000;

        /** @param local free ports of this machine, for each node */
        static Own of(
                NetworkControl control,
                String how,
                Map<String, NetworkControl.Address> addresses,
                List<String> purposes,
                List<Map<String, Integer>> local,
                Path data)
                throws IOException {
            var ports = new LinkedHashMap<String, Integer>();
            for (var purpose : purposes) {
                ports.put(purpose, PORTS.getOrDefault(purpose, FURTHER + ports.size()));
            }
            var nodes = new ArrayList<NodeSpec>();
            var endpoints = new ArrayList<MqttEndpoint>();
            for (var node : addresses.entrySet()) {
                if (node.getKey().equals(NetworkControl.CLIENTS)) {
                    continue;
                }
                var name = node.getKey();
                var reach = new LinkedHashMap<String, String>();
                for (var port : ports.entrySet()) {
                    // Asked on the node's own side: a cut between the nodes and their clients does not make a node
                    // unready.
                    int relayed = control.listen(name, port.getKey(), port.getValue(), NetworkControl.Side.NODE, 0);
                    reach.put(port.getKey(), "127.0.0.1:" + relayed);
                }
                nodes.add(new NodeSpec(
                        nodes.size(),
                        name,
                        node.getValue().ip(),
                        node.getValue().hostName(),
                        ports,
                        reach,
                        data.resolve(name)));
                // Not a port that the kernel may give to a client while the node is down.
                int clients = control.listen(
                        name,
                        "mqtt",
                        ports.get("mqtt"),
                        NetworkControl.Side.CLIENTS,
                        local.get(nodes.size() - 1).get("mqtt"));
                endpoints.add(new MqttEndpoint(name, "127.0.0.1", clients));
            }
            return new Own(control, how, addresses, List.copyOf(nodes), List.copyOf(endpoints));
        }

        @Override
        public Optional<String> portProblem(NodeSpec node, String purpose) {
            return control.connects(node.name(), node.ports().get(purpose));
        }

        @Override
        public String description() {
            return "a network namespace each (" + how + ")";
        }
    }
}
