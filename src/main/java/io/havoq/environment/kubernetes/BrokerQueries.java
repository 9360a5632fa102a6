package io.havoq.environment.kubernetes;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What Prometheus is asked about the brokers after each experiment. Brokers export different ones of these; what one does not export is
 * absent, which says nothing about it.
 */
final class BrokerQueries {
    private BrokerQueries() {}

    /**
     * @param job the value of the label {@code job} that the brokers' targets have
     * @param window over how much time rates are taken
     */
    static Map<String, String> of(String job, Duration window, String namespace, Collection<String> pods) {
        // As in Go's strings (prometheus.io/docs/prometheus/latest/querying/basics, String literals).
        var label = "job=\"" + job.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        var of = "{" + label + "}";
        var over = "[" + window.toSeconds() + "s]";
        var all = new LinkedHashMap<String, String>();
        all.put("availability", "sum(up" + of + ") / count(up" + of + ")");
        all.put(
                "http-success",
                "sum(rate(http_requests_total{" + label + ",status=\"200\"}" + over
                        + ")) / sum(rate(http_requests_total" + of + over + "))");
        for (var quantile : new String[] {"0.50", "0.95", "0.99"}) {
            all.put(
                    "latency-" + quantile,
                    "histogram_quantile(" + quantile + ", sum by (le) (rate(emqx_message_latency_bucket" + of + over
                            + ")))");
        }
        for (var counter : new String[] {
            "emqx_messages_sent_total",
            "emqx_messages_received_total",
            "emqx_messages_dropped_total",
            "emqx_messages_duplicate_total",
            "emqx_packets_sent_total",
            "emqx_packets_received_total",
            "emqx_connections_success_total",
            "emqx_actor_restarts_total",
            "emqx_go_connections_total",
            "emqx_go_supervisor_restarts_total",
            "go_gc_duration_seconds_sum"
        }) {
            all.put(counter, "sum by (instance) (rate(" + counter + of + over + "))");
        }
        all.put(
                "emqx_connections_closed_total",
                "sum(rate(emqx_connections_closed_total{" + label + ",reason=\"error\"}" + over + "))");
        for (var gauge : new String[] {
            "emqx_cluster_inconsistent_nodes",
            "emqx_actor_mailbox_size",
            "emqx_connections_count",
            "emqx_sessions_count",
            "emqx_subscriptions_count",
            "go_goroutines"
        }) {
            all.put(gauge, gauge + of);
        }
        all.put("cpu-percent", "rate(process_cpu_seconds_total" + of + over + ") * 100");
        all.put("memory-mebibytes", "process_resident_memory_bytes" + of + " / 1048576");
        all.put(
                "restarts",
                "kube_pod_container_status_restarts_total{namespace=\"" + namespace + "\",pod=~\""
                        + String.join("|", pods) + "\"}");
        all.put(
                "tcp-retransmissions",
                "rate(node_netstat_Tcp_RetransSegs" + over + ") / rate(node_netstat_Tcp_OutSegs" + over + ")");
        return all;
    }
}
