package io.havoq.broker.reference;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** The node's figures in Prometheus's text format, under EMQX-Go's names where it has them. */
final class Metrics {
    private final Counters counters;
    private final Connections connections;
    private final long started = System.nanoTime();

    Metrics(Counters counters, Connections connections) {
        this.counters = counters;
        this.connections = connections;
    }

    String text(Health health) {
        var out = new StringBuilder(2048);
        gauge(out, "emqx_connections_count", "MQTT connections of this node.", connections.size());
        gauge(out, "emqx_sessions_count", "Sessions of the cluster.", counters.sessions);
        gauge(out, "emqx_subscriptions_count", "Subscriptions of the cluster.", counters.subscriptions);
        counter(out, "emqx_connections_success_total", "CONNECTs accepted.", counters.connectionsAccepted.sum());
        counter(out, "emqx_connections_closed_total", "Connections ended.", counters.connectionsClosed.sum());
        counter(out, "emqx_messages_received_total", "PUBLISH packets received.", counters.messagesReceived.sum());
        counter(out, "emqx_messages_sent_total", "PUBLISH packets sent.", counters.messagesSent.sum());
        counter(out, "emqx_messages_dropped_total", "QoS 0 messages dropped.", counters.messagesDropped.sum());
        counter(out, "emqx_packets_received_total", "Packets received.", counters.packetsReceived.sum());
        counter(out, "emqx_packets_sent_total", "Packets sent.", counters.packetsSent.sum());
        var uptime = Duration.ofNanos(System.nanoTime() - started).toSeconds();
        gauge(out, "emqx_uptime_seconds", "Time since the start of the process.", uptime);
        gauge(out, "havoq_reference_ready", "1 while the node serves clients.", health.ready() ? 1 : 0);
        gauge(
                out,
                "havoq_reference_leader",
                "1 while the node leads.",
                health.role().equals("leader") ? 1 : 0);
        gauge(out, "havoq_reference_members", "Nodes in contact with the leader.", health.members());
        counter(out, "havoq_reference_applied_index", "Log entries applied.", health.applied());
        process(out);
        return out.toString();
    }

    private static void process(StringBuilder out) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            header(out, "process_cpu_seconds_total", "CPU time of the process.", "counter");
            out.append(
                    String.format(Locale.ROOT, "process_cpu_seconds_total %.3f\n", system.getProcessCpuTime() / 1e9));
        }
        var resident = resident();
        if (resident >= 0) {
            gauge(out, "process_resident_memory_bytes", "Resident memory of the process.", resident);
        }
    }

    /** VmRSS of /proc/self/status (proc(5)); -1 where there is none. */
    private static long resident() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            // Not Linux: the metric is absent, as for any exporter there.
            return -1;
        }
    }

    private static void gauge(StringBuilder out, String name, String help, long value) {
        header(out, name, help, "gauge");
        out.append(name).append(' ').append(value).append('\n');
    }

    private static void counter(StringBuilder out, String name, String help, long value) {
        header(out, name, help, "counter");
        out.append(name).append(' ').append(value).append('\n');
    }

    private static void header(StringBuilder out, String name, String help, String type) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }
}
