package io.havoq.broker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.havoq.environment.Credentials;
import io.havoq.environment.OwnJvm;
import io.havoq.environment.Role;
import io.havoq.settings.Settings;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The reference broker of this project: a replicated MQTT cluster that starts with nothing installed. */
public final class ReferencePreset implements BrokerPreset {
    private static final String MAIN = "io.havoq.broker.reference.ReferenceBroker";
    private static final String CLUSTER = "cluster";
    private static final String METRICS = "metrics";
    private static final Credentials LOGIN = new Credentials("test", "test");
    private static final int HTTP_MILLIS = 450;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Settings settings;

    /** The reference broker with the defect and the heap that the settings name. */
    public ReferencePreset(Settings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String description() {
        var defect = settings.get(ReferenceSettings.DEFECT);
        return "Havoq reference cluster (Apache Ratis)" + (defect.equals("none") ? "" : ", planted defect: " + defect);
    }

    @Override
    public List<String> portPurposes() {
        return List.of("mqtt", CLUSTER, METRICS);
    }

    @Override
    public Optional<Credentials> credentials() {
        return Optional.of(LOGIN);
    }

    @Override
    public void prepare() {
        ReferenceClassPath.find();
    }

    @Override
    public Launch launch(NodeSpec node, NodeSpec.Cluster cluster) {
        var command = new ArrayList<>(OwnJvm.words());
        command.addAll(flags());
        command.add("-cp");
        command.add(
                ReferenceClassPath.find().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        command.add(MAIN);
        command.add("--node=" + node.name());
        command.add("--mqtt=" + node.address("mqtt"));
        command.add("--raft=" + node.address(CLUSTER));
        command.add("--http=" + node.address(METRICS));
        command.add("--peers="
                + cluster.nodes().stream()
                        .map(peer -> peer.name() + "@" + peer.namedAddress(CLUSTER))
                        .collect(Collectors.joining(",")));
        command.add("--data=" + node.dataDirectory());
        command.add("--username=" + LOGIN.username());
        command.add("--password=" + LOGIN.password());
        command.add("--defect=" + settings.get(ReferenceSettings.DEFECT));
        return new Launch(command, Map.of());
    }

    /** Flags for a small process that starts quickly; three of them share two cores with the test. */
    private List<String> flags() {
        return List.of(
                "-Xmx" + settings.get(ReferenceSettings.HEAP) + "m",
                "-XX:MaxDirectMemorySize=64m",
                "-Xss512k",
                "-Xshare:auto",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.net.preferIPv4Stack=true",
                "-Dio.netty.allocator.numHeapArenas=2",
                "-Dio.netty.allocator.numDirectArenas=2",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.log.io.havoq=info",
                // Ratis tells of every refused connection to a dead peer, with a stack trace.
                "-Dorg.slf4j.simpleLogger.log.org.apache.ratis=error",
                "-Dorg.slf4j.simpleLogger.log.org.apache.ratis.util.LifeCycle=off",
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ");
    }

    @Override
    public boolean ready(NodeSpec node, NodeSpec.Cluster cluster) {
        return health(node)
                .filter(health -> health.path("ready").asBoolean()
                        && health.path("members").asInt() == cluster.nodes().size())
                .isPresent();
    }

    @Override
    public Duration startTimeout() {
        return Duration.ofSeconds(60);
    }

    /** It takes about 200 MiB: heap, class metadata, code, Netty's buffers. */
    @Override
    public int memoryMebibytes() {
        return Math.max(512, 2 * settings.get(ReferenceSettings.HEAP) + 256);
    }

    @Override
    public Role role(NodeSpec node) {
        return switch (health(node).map(health -> health.path("role").asText()).orElse("")) {
            case "leader" -> Role.LEADER;
            case "follower" -> Role.FOLLOWER;
            default -> Role.UNKNOWN;
        };
    }

    @Override
    public Optional<WallClock> clock(NodeSpec node) {
        return health(node)
                .map(health -> health.path("clock"))
                .filter(JsonNode::isIntegralNumber)
                .map(clock ->
                        new WallClock(Instant.ofEpochMilli(clock.asLong()), Duration.ofMillis(1), "HTTP /health"));
    }

    private static String address(NodeSpec node) {
        var reached = node.reachable(METRICS);
        return reached.getHostString() + ":" + reached.getPort();
    }

    /** The node's own word on its health; empty if it does not answer in time or not in JSON. */
    private static Optional<JsonNode> health(NodeSpec node) {
        HttpURLConnection connection = null;
        try {
            connection = (HttpURLConnection)
                    URI.create("http://" + address(node) + "/health").toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(HTTP_MILLIS);
            connection.setReadTimeout(HTTP_MILLIS);
            var body = connection.getResponseCode() < 400 ? connection.getInputStream() : connection.getErrorStream();
            if (body == null) {
                return Optional.empty();
            }
            try (body) {
                return Optional.ofNullable(JSON.readTree(body));
            }
        } catch (IOException | UncheckedIOException e) {
            // A dead, frozen or starting node: exactly what is being asked.
            return Optional.empty();
        } finally {
            if (connection != null) {
                connection.disconnect();
            }
        }
    }
}
