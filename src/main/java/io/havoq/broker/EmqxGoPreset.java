package io.havoq.broker;

import io.havoq.environment.Credentials;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.Role;
import io.havoq.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * EMQX-Go, with static peers. Which of its revisions can be started like this, and why each variable has the value that it
 * has, is in {@code docs/brokers/emqx-go.md}.
 */
public final class EmqxGoPreset implements BrokerPreset {
    private final Settings settings;
    private volatile @Nullable Path binary;

    /** Reads {@link BrokerSettings}. */
    public EmqxGoPreset(Settings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return "emqx-go";
    }

    @Override
    public String description() {
        var given = settings.get(BrokerSettings.EMQX_GO_BINARY);
        var version = settings.get(BrokerSettings.EMQX_GO_VERSION);
        return "EMQX-Go (" + (given.isBlank() ? version.isBlank() ? "no version given" : version : given) + ")";
    }

    @Override
    public List<String> portPurposes() {
        return List.of("mqtt", "cluster", "metrics", "dashboard");
    }

    @Override
    public Optional<Credentials> credentials() {
        var given = BrokerPresets.credentials(settings);
        return given.isPresent() ? given : Optional.of(new Credentials("test", "test"));
    }

    @Override
    public void prepare() {
        var given = settings.get(BrokerSettings.EMQX_GO_BINARY);
        if (given.isBlank()) {
            binary = new GoInstall(settings.get(BrokerSettings.EMQX_GO_VERSION)).install();
        } else {
            binary = Programs.find(given)
                    .orElseThrow(() -> new EnvironmentException("havoq.broker.emqx-go.binary=" + given
                            + " is not an executable file (relative paths start at "
                            + Path.of("").toAbsolutePath() + "): build emqx-go, and give the path of its executable"));
        }
    }

    @Override
    public Launch launch(NodeSpec node, NodeSpec.Cluster cluster) {
        var program = binary;
        if (program == null) {
            throw new IllegalStateException("prepare() comes before launch()");
        }
        var environment = new LinkedHashMap<String, String>();
        // A node forwards to the name under which it dialled: NODE_ID must be the host part of its own entry in
        // PEER_NODES.
        environment.put("NODE_ID", peerHost(node, cluster));
        environment.put("MQTT_PORT", node.address("mqtt"));
        environment.put("METRICS_PORT", node.address("metrics"));
        // Bare ports: the node announces itself as "localhost" followed by this text.
        environment.put("GRPC_PORT", ":" + node.ports().get("cluster"));
        environment.put("DASHBOARD_PORT", ":" + node.ports().get("dashboard"));
        environment.put(
                "PEER_NODES",
                cluster.nodes().stream()
                        .filter(other -> other.index() != node.index())
                        .map(other ->
                                peerHost(other, cluster) + ":" + other.ports().get("cluster"))
                        .collect(Collectors.joining(",")));
        return new Launch(List.of(program.toString()), environment);
    }

    /** A host of each node's own, on Linux anywhere in 127/8; the listener for peers takes all of them. */
    private static String peerHost(NodeSpec node, NodeSpec.Cluster cluster) {
        var hosts = cluster.nodes().stream().map(NodeSpec::host).distinct().count();
        return hosts == cluster.nodes().size() ? node.hostName() : "127.0.0." + (node.index() + 1);
    }

    @Override
    public boolean ready(NodeSpec node, NodeSpec.Cluster cluster) {
        return ReadinessCheck.mqtt(node.reachable("mqtt"), "havoq-ready-" + node.index(), credentials());
    }

    @Override
    public Duration startTimeout() {
        return settings.get(BrokerSettings.START_TIMEOUT);
    }

    @Override
    public Role role(NodeSpec node) {
        return Role.UNKNOWN;
    }
}
