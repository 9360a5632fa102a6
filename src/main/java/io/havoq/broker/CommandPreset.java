package io.havoq.broker;

import io.havoq.environment.Credentials;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.Role;
import io.havoq.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Any broker by its command line. Placeholders in the command, its environment and its readiness check: {@code {node}} name,
 * {@code {index}} from 0, {@code {number}} from 1, {@code {nodes}} how many, {@code {host}} address, {@code {name}} host name,
 * {@code {data}} directory, {@code {project}} the directory that the run was started in, the ports {@code {mqtt}}, {@code {cluster}}, {@code {metrics}},
 * {@code {dashboard}}; {@code {peers}} the others' and {@code {members}} all cluster addresses as name:port,... The working
 * directory is the node's data directory, so that nothing a broker writes stays.
 */
public final class CommandPreset implements BrokerPreset {
    private static final List<String> PURPOSES = List.of("mqtt", "cluster", "metrics", "dashboard");

    private final Settings settings;

    /** Reads {@link BrokerSettings}. */
    public CommandPreset(Settings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return "command";
    }

    @Override
    public String description() {
        return "command (" + settings.get(BrokerSettings.COMMAND) + ")";
    }

    @Override
    public List<String> portPurposes() {
        return PURPOSES;
    }

    @Override
    public Optional<Credentials> credentials() {
        return BrokerPresets.credentials(settings);
    }

    @Override
    public void prepare() {
        var words = words(BrokerSettings.COMMAND.key(), settings.get(BrokerSettings.COMMAND));
        if (words.isEmpty()) {
            throw new EnvironmentException("havoq.broker=command needs a command line: set havoq.broker.command, e.g."
                    + " -Dhavoq.broker.command='mosquitto -p {mqtt}'");
        }
        // Mistakes in them come to light now, not when the nodes are up.
        var example = example();
        var program = fill(BrokerSettings.COMMAND.key(), words.get(0), example);
        if (Programs.find(program).isEmpty()) {
            throw new EnvironmentException("the program '" + program + "' of havoq.broker.command is not "
                    + (program.contains("/")
                            ? "an executable file (relative paths start at "
                                    + Path.of("").toAbsolutePath() + ")"
                            : "on the PATH (" + System.getenv("PATH") + ")")
                    + ": install it, or give its full path");
        }
        words.forEach(word -> fill(BrokerSettings.COMMAND.key(), word, example));
        environment(example);
        fill(BrokerSettings.READY.key(), settings.get(BrokerSettings.READY), example);
    }

    private static Map<String, String> example() {
        var ports = new LinkedHashMap<String, Integer>();
        PURPOSES.forEach(purpose -> ports.put(purpose, 1));
        var node = new NodeSpec(0, "node", "127.0.0.1", ports, Path.of("/data"));
        return values(node, new NodeSpec.Cluster(List.of(node)));
    }

    @Override
    public Launch launch(NodeSpec node, NodeSpec.Cluster cluster) {
        var values = values(node, cluster);
        var words = words(BrokerSettings.COMMAND.key(), settings.get(BrokerSettings.COMMAND)).stream()
                .map(word -> fill(BrokerSettings.COMMAND.key(), word, values))
                .collect(Collectors.toCollection(ArrayList::new));
        // Found once from the directory that the run was started in; the node has another one.
        Programs.find(words.get(0)).ifPresent(program -> words.set(0, program.toString()));
        return new Launch(words, environment(values));
    }

    private Map<String, String> environment(Map<String, String> values) {
        var environment = new LinkedHashMap<String, String>();
        for (var word : words(BrokerSettings.ENVIRONMENT.key(), settings.get(BrokerSettings.ENVIRONMENT))) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new EnvironmentException(
                        "setting havoq.broker.env: '" + word + "' is not a variable: expected NAME=value");
            }
            environment.put(
                    word.substring(0, equals),
                    fill(BrokerSettings.ENVIRONMENT.key(), word.substring(equals + 1), values));
        }
        return environment;
    }

    @Override
    public boolean ready(NodeSpec node, NodeSpec.Cluster cluster) {
        var check = fill(BrokerSettings.READY.key(), settings.get(BrokerSettings.READY), reached(node, cluster));
        if (check.isBlank()) {
            return ReadinessCheck.mqtt(node.reachable("mqtt"), "havoq-ready-" + node.index(), credentials());
        }
        if (check.startsWith("http://") || check.startsWith("https://")) {
            return ReadinessCheck.http(check);
        }
        return ReadinessCheck.command(words(BrokerSettings.READY.key(), check));
    }

    @Override
    public Duration startTimeout() {
        return settings.get(BrokerSettings.START_TIMEOUT);
    }

    @Override
    public Role role(NodeSpec node) {
        return Role.UNKNOWN;
    }

    /** As the check needs them, which is run outside the nodes' network: host and port become those of the way in. */
    private static Map<String, String> reached(NodeSpec node, NodeSpec.Cluster cluster) {
        var values = values(node, cluster);
        node.ports().keySet().forEach(purpose -> {
            var address = node.reachable(purpose);
            values.put("host", address.getHostString());
            values.put(purpose, Integer.toString(address.getPort()));
        });
        return values;
    }

    private static Map<String, String> values(NodeSpec node, NodeSpec.Cluster cluster) {
        var values = new LinkedHashMap<String, String>();
        values.put("node", node.name());
        values.put("index", Integer.toString(node.index()));
        values.put("number", Integer.toString(node.index() + 1));
        values.put("nodes", Integer.toString(cluster.nodes().size()));
        values.put("host", node.host());
        values.put("name", node.hostName());
        values.put("data", node.dataDirectory().toString());
        values.put("project", Path.of("").toAbsolutePath().toString());
        node.ports().forEach((purpose, port) -> values.put(purpose, Integer.toString(port)));
        values.put(
                "peers",
                cluster.nodes().stream()
                        .filter(other -> other.index() != node.index())
                        .map(other -> other.namedAddress("cluster"))
                        .collect(Collectors.joining(",")));
        values.put(
                "members",
                cluster.nodes().stream()
                        .map(other -> other.namedAddress("cluster"))
                        .collect(Collectors.joining(",")));
        return values;
    }

    private static List<String> words(String key, String text) {
        try {
            return CommandLine.words(text);
        } catch (IllegalArgumentException e) {
            throw new EnvironmentException("setting " + key + ": " + e.getMessage(), e);
        }
    }

    private static String fill(String key, String text, Map<String, String> values) {
        try {
            return CommandLine.fill(text, values);
        } catch (IllegalArgumentException e) {
            throw new EnvironmentException("setting " + key + ": " + e.getMessage(), e);
        }
    }
}
