package io.havoq.broker;

import io.havoq.settings.Setting;
import java.time.Duration;
import java.util.List;

/** Settings of the broker presets. */
public final class BrokerSettings {
    /** Which preset. */
    public static final Setting<String> BROKER =
            Setting.text("havoq.broker", "reference", "Broker of the local cluster: reference, command or emqx-go");

    /** Command line of a node. */
    public static final Setting<String> COMMAND = Setting.text(
            "havoq.broker.command",
            "",
            "Command line that starts one node, with placeholders such as {mqtt} and {data}; sets havoq.broker=command");

    /** Variables of a node. */
    public static final Setting<String> ENVIRONMENT = Setting.text(
            "havoq.broker.env",
            "",
            "Environment of each node as NAME=value words, with the placeholders of havoq.broker.command");

    /** Readiness of a node. */
    public static final Setting<String> READY = Setting.text(
            "havoq.broker.ready",
            "",
            "How to see that a node is ready: a URL that answers 200, or a command that exits with 0 within 1 s; default:"
                    + " an MQTT connection is accepted");

    /** User name. */
    public static final Setting<String> USERNAME =
            Setting.text("havoq.broker.username", "", "User name of the MQTT clients; none if empty");

    /** Password. */
    public static final Setting<String> PASSWORD =
            Setting.text("havoq.broker.password", "", "Password of the MQTT clients");

    /** Time to start. */
    public static final Setting<Duration> START_TIMEOUT = Setting.duration(
            "havoq.broker.start-timeout", "30s", "How long all nodes together may take until they are ready");

    /** EMQX-Go's program. */
    public static final Setting<String> EMQX_GO_BINARY = Setting.text(
            "havoq.broker.emqx-go.binary", "", "An emqx-go executable; if empty, one is installed with the go command");

    /** EMQX-Go's module version. */
    public static final Setting<String> EMQX_GO_VERSION = Setting.text(
            "havoq.broker.emqx-go.version",
            "",
            "Module version (tag or commit) of github.com/turtacn/emqx-go that the go command installs");

    private BrokerSettings() {}

    /** All of them. */
    public static List<Setting<?>> all() {
        return List.of(
                BROKER,
                COMMAND,
                ENVIRONMENT,
                READY,
                USERNAME,
                PASSWORD,
                START_TIMEOUT,
                EMQX_GO_BINARY,
                EMQX_GO_VERSION);
    }
}
