package io.havoq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.environment.EnvironmentException;
import io.havoq.settings.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandPresetTest {
    private static final NodeSpec.Cluster CLUSTER = new NodeSpec.Cluster(List.of(node(0), node(1), node(2)));

    private static NodeSpec node(int index) {
        return new NodeSpec(
                index,
                "emqx-go-" + index,
                "127.0.0.1",
                Map.of(
                        "mqtt",
                        1000 + index,
                        "cluster",
                        2000 + index,
                        "metrics",
                        3000 + index,
                        "dashboard",
                        4000 + index),
                Path.of("/data", "emqx-go-" + index));
    }

    private static Settings command(String command) {
        return Settings.fromSystemProperties().with(BrokerSettings.COMMAND, command);
    }

    @Test
    void placeholdersAreFilledPerNode() {
        var settings = command("sh -c 'exec b --p {mqtt}' \"{peers}\" {data}/x {number} {\"json\":1}")
                .with(BrokerSettings.ENVIRONMENT, "ID={node} ALL={members}");
        var launch = new CommandPreset(settings).launch(node(1), CLUSTER);
        assertThat(launch.command().get(0)).endsWith("/sh");
        assertThat(launch.command().subList(1, 7))
                .containsExactly(
                        "-c", "exec b --p 1001", "127.0.0.1:2000,127.0.0.1:2002", "/data/emqx-go-1/x", "2", "{json:1}");
        assertThat(launch.environment())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("ID", "emqx-go-1", "ALL", "127.0.0.1:2000,127.0.0.1:2001,127.0.0.1:2002"));
    }

    @Test
    void mistakesAreNamedWithTheirSetting() {
        assertThatThrownBy(() -> new CommandPreset(command("sh {port}")).prepare())
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("havoq.broker.command")
                .hasMessageContaining("{port}")
                .hasMessageContaining("{mqtt}");
        assertThatThrownBy(() -> new CommandPreset(command("sh 'x")).prepare()).hasMessageContaining("not closed");
        assertThatThrownBy(() -> new CommandPreset(command("")).prepare()).hasMessageContaining("mosquitto -p {mqtt}");
        assertThatThrownBy(() -> new CommandPreset(command("sh").with(BrokerSettings.ENVIRONMENT, "A")).prepare())
                .hasMessageContaining("NAME=value");
    }

    @Test
    void aCommandLineAloneChoosesTheCommandPreset() {
        assertThat(BrokerPresets.of(command("sh")).name()).isEqualTo("command");
        assertThatThrownBy(() -> BrokerPresets.of(command("sh").with(BrokerSettings.BROKER, "rabbit")))
                .hasMessageContaining("havoq.broker=rabbit")
                .hasMessageContaining("command");
    }

    @Test
    void emqxGoNodesKnowOneAnotherByAddressesOfTheirOwn() {
        var preset = new EmqxGoPreset(Settings.fromSystemProperties().with(BrokerSettings.EMQX_GO_BINARY, "/bin/sh"));
        preset.prepare();
        assertThat(preset.launch(node(1), CLUSTER).environment())
                .containsEntry("NODE_ID", "127.0.0.2")
                .containsEntry("PEER_NODES", "127.0.0.1:2000,127.0.0.3:2002")
                .containsEntry("GRPC_PORT", ":2001")
                .containsEntry("MQTT_PORT", "127.0.0.1:1001");
    }

    @Test
    void emqxGoWithoutBinaryAndVersionSaysWhatToDo() {
        assertThatThrownBy(() -> new EmqxGoPreset(Settings.fromSystemProperties()).prepare())
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("havoq.broker.emqx-go.binary")
                .hasMessageContaining("go build");
    }
}
