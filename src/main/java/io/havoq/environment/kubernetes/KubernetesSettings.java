package io.havoq.environment.kubernetes;

import io.havoq.fault.chaosmesh.ChaosMeshSettings;
import io.havoq.manifest.ManifestSettings;
import io.havoq.settings.Setting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Settings of the Kubernetes environment. Namespace, selector and credentials are those of every environment. */
public final class KubernetesSettings {
    /** How clients get to the pods. */
    public enum Access {
        /** By pod address. */
        POD,
        /** By addresses that lead to a pod each, from outside of the cluster. */
        EXTERNAL,
        /** Through the API server. */
        PORT_FORWARD
    }

    /** Which cluster. */
    public static final Setting<String> CONTEXT = Setting.text(
            "havoq.context",
            "",
            "Context of the kubeconfig that experiments run in, which must be named; in-cluster: where this process itself"
                    + " runs as a pod");

    /** Where the context is found. */
    public static final Setting<String> KUBECONFIG =
            Setting.text("havoq.kubeconfig", "", "The kubeconfig file; default $KUBECONFIG, else ~/.kube/config");

    /** How long faults last. */
    public static final Setting<Duration> MAX_DURATION = Setting.duration(
            "havoq.max-duration",
            "10m",
            "How long a lasting fault is kept in force at most on Kubernetes; Chaos Mesh ends it by itself some time later,"
                    + " should nobody be left to remove it");

    /** How many may be hit. */
    public static final Setting<Integer> MAX_SHARE = Setting.integer(
            "havoq.max-share",
            50,
            1,
            100,
            "Percent of the broker's pods, rounded up, that the faults of one experiment may take out of service on"
                    + " Kubernetes: kill, cut off, or have fail; what asks for more is not injected");

    /** How clients get there. */
    public static final Setting<Access> ACCESS = Setting.choice(
            "havoq.kubernetes.access",
            Access.POD,
            Access.class,
            "How clients reach the pods. pod: at their own addresses, as a runner pod can; external: at"
                    + " havoq.kubernetes.addresses, which sets it; port-forward: through the API server, for smoke runs,"
                    + " where network faults prove nothing");

    /** Where they are from outside. */
    public static final Setting<List<String>> ADDRESSES = Setting.words(
            "havoq.kubernetes.addresses",
            "",
            "Where MQTT clients outside of the cluster reach each pod: one HOST:PORT with {pod}, {ordinal}, {node} or"
                    + " {host-ip} in it, or POD=HOST:PORT for each pod");

    /** MQTT. */
    public static final Setting<Integer> MQTT_PORT = Setting.integer(
            "havoq.kubernetes.port.mqtt", 1883, 1, 65535, "Port of the pods where MQTT clients connect");

    /** Between the nodes. */
    public static final Setting<Integer> CLUSTER_PORT = Setting.integer(
            "havoq.kubernetes.port.cluster",
            8081,
            0,
            65535,
            "Port of the pods where their cluster connects; 0: none that could be checked");

    /** Figures. */
    public static final Setting<Integer> METRICS_PORT = Setting.integer(
            "havoq.kubernetes.port.metrics",
            8082,
            0,
            65535,
            "Port of the pods' metrics; 0: none that could be checked");

    /** What the figures are read from. */
    public static final Setting<String> METRICS_PATH = Setting.text(
            "havoq.kubernetes.metrics.path",
            "/metrics",
            "Page at the metrics port whose text is kept of each experiment; empty: none");

    /** Where roles are told. */
    public static final Setting<Integer> ROLE_PORT = Setting.integer(
            "havoq.kubernetes.role.port",
            0,
            0,
            65535,
            "Port of the pods where an HTTP page tells the node's role, for @Victim; 0: the metrics port");

    /** On which page. */
    public static final Setting<String> ROLE_PATH = Setting.text(
            "havoq.kubernetes.role.path",
            "/health",
            "Path of the page that tells a node's role, with the query if any");

    /** Who leads. */
    public static final Setting<Pattern> ROLE_LEADER = expression(
            "havoq.kubernetes.role.leader",
            "\"role\": ?\"leader\"",
            "Regular expression that is found in that page of a leader, and of nobody else");

    /** Who follows. */
    public static final Setting<Pattern> ROLE_FOLLOWER = expression(
            "havoq.kubernetes.role.follower",
            "\"role\": ?\"follower\"",
            "Regular expression that is found in that page of a follower, and of nobody else");

    /** How much of the logs. */
    public static final Setting<Integer> LOG_SIZE = Setting.integer(
            "havoq.kubernetes.log-size",
            64,
            0,
            4096,
            "MiB of each pod's log at most that are kept of the whole run, under nodes in the results; 0: none are");

    /** Which container is the broker. */
    public static final Setting<String> CONTAINER =
            Setting.text("havoq.kubernetes.container", "", "The broker's container in its pods; empty: the first one");

    /** Time to become ready. */
    public static final Setting<Duration> START_TIMEOUT = Setting.duration(
            "havoq.kubernetes.start-timeout", "2m", "How long all pods together may take until they are ready");

    /** One run at a time. */
    public static final Setting<Duration> LEASE_DURATION = Setting.duration(
            "havoq.kubernetes.lease-duration",
            "30s",
            "How long the Lease that keeps other runs out of the namespace stands without being renewed, 3s at least; it is"
                    + " renewed three times as often");

    /** Where Chaos Mesh is. */
    public static final Setting<String> CHAOS_MESH_NAMESPACE = Setting.text(
            "havoq.kubernetes.chaos-mesh-namespace", "chaos-mesh", "The namespace that Chaos Mesh is installed in");

    /** Metrics. */
    public static final Setting<String> PROMETHEUS = Setting.text(
            "havoq.prometheus",
            "",
            "URL of the Prometheus that has the broker's metrics, e.g. http://prometheus:9090; what it has of an experiment's"
                    + " time is kept with it, and nothing is asserted");

    /** Whose metrics. */
    public static final Setting<String> PROMETHEUS_JOB = Setting.text(
            "havoq.prometheus.job", "emqx-go", "Value of the label job that the brokers' metrics have in Prometheus");

    /** For a Prometheus that asks for one. */
    public static final Setting<String> PROMETHEUS_TOKEN =
            Setting.text("havoq.prometheus.token", "", "Bearer token that the Prometheus is asked with; never printed");

    /** For a Prometheus that asks for one. */
    public static final Setting<String> PROMETHEUS_USERNAME = Setting.text(
            "havoq.prometheus.username", "", "User that the Prometheus is asked as, by basic authentication");

    /** The user's. */
    public static final Setting<String> PROMETHEUS_PASSWORD =
            Setting.text("havoq.prometheus.password", "", "Password of havoq.prometheus.username; never printed");

    /** Whether connections are secured. */
    public static final Setting<Boolean> TLS =
            Setting.flag("havoq.mqtt.tls", false, "Whether MQTT clients connect over TLS (Kubernetes only)");

    /** Whom to trust. */
    public static final Setting<String> TLS_TRUST = Setting.text(
            "havoq.mqtt.tls.trust",
            "",
            "PEM file with the certificates of the authorities that sign the broker's; empty: the JVM's. Sets"
                    + " havoq.mqtt.tls");

    /** What the certificate must say. */
    public static final Setting<String> TLS_SERVER_NAME = Setting.text(
            "havoq.mqtt.tls.server-name",
            "",
            "The name that the broker's certificate must have, with {pod} and {ordinal}; default: the name in the address."
                    + " Sets havoq.mqtt.tls");

    private KubernetesSettings() {}

    private static Setting<Pattern> expression(String key, String defaultText, String description) {
        return new Setting<>(key, defaultText, description, text -> {
            try {
                // Where nobody says what to look for, nothing is found.
                return Pattern.compile(text.isEmpty() ? "(?!)" : text);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException("'" + text + "' is no regular expression: " + e.getDescription(), e);
            }
        });
    }

    /** What the preflight understands. */
    static List<Setting<?>> preflight() {
        var all = new ArrayList<>(all());
        all.addAll(ChaosMeshSettings.all());
        all.addAll(ManifestSettings.all());
        return all;
    }

    /** All of them. */
    public static List<Setting<?>> all() {
        return List.of(
                CONTEXT,
                KUBECONFIG,
                MAX_DURATION,
                MAX_SHARE,
                ACCESS,
                ADDRESSES,
                MQTT_PORT,
                CLUSTER_PORT,
                METRICS_PORT,
                METRICS_PATH,
                ROLE_PORT,
                ROLE_PATH,
                ROLE_LEADER,
                ROLE_FOLLOWER,
                LOG_SIZE,
                CONTAINER,
                START_TIMEOUT,
                LEASE_DURATION,
                CHAOS_MESH_NAMESPACE,
                PROMETHEUS,
                PROMETHEUS_JOB,
                PROMETHEUS_TOKEN,
                PROMETHEUS_USERNAME,
                PROMETHEUS_PASSWORD,
                TLS,
                TLS_TRUST,
                TLS_SERVER_NAME);
    }
}
