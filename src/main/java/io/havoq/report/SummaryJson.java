package io.havoq.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.havoq.ledger.QosCounts;
import io.havoq.report.ExperimentResult.Latency;
import io.havoq.report.ExperimentResult.Outage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The shape of {@code summary.json}, field by field, so that a renamed record component cannot change a documented
 * name. What is not known is {@code null}, never absent and never zero. Described in {@code docs/results.md}.
 */
final class SummaryJson {
    /** Raised when a field changes its meaning or goes; new fields do not raise it. */
    static final int SCHEMA = 1;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private SummaryJson() {}

    static ObjectNode run(RunResult run, String name, long process) {
        var node = JSON.objectNode();
        node.put("schema", SCHEMA);
        node.put("run", name);
        node.put("environment", run.environment());
        node.put("broker", run.broker());
        node.put("description", run.description());
        node.put("seed", run.seed());
        node.put("startedAt", run.startedAt().toString());
        node.put("durationMillis", run.durationMillis());
        node.set("host", host());
        var experiments = node.putArray("experiments");
        run.experiments().forEach(result -> experiments.add(experiment(result, process)));
        return node;
    }

    private static ObjectNode host() {
        return JSON.objectNode()
                .put("java", System.getProperty("java.vendor") + " " + System.getProperty("java.version"))
                .put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"))
                .put("kernel", System.getProperty("os.version"))
                .put("processors", Runtime.getRuntime().availableProcessors());
    }

    static ObjectNode experiment(ExperimentResult result, long process) {
        var node = JSON.objectNode();
        node.put("id", result.id());
        node.put("testClass", result.testClass());
        node.put("testName", result.testName());
        node.set("tags", texts(result.tags()));
        node.put("process", process);
        node.put("verdict", result.verdict().word());
        node.put("reason", result.reason().orElse(null));
        node.put("startedAt", result.startedAt().toString());
        node.put("durationMillis", result.durationMillis());
        node.set(
                "violations",
                list(
                        result.violations(),
                        (violation, into) -> into.put("check", violation.check())
                                .put("level", violation.level().name())
                                .put("message", violation.message())));
        node.set("injection", result.injection().map(SummaryJson::injection).orElse(null));
        node.set("recovery", result.recovery().map(SummaryJson::recovery).orElse(null));
        node.set("ledger", ledger(result));
        node.put("acknowledgedInWindow", result.acknowledgedInWindow());
        node.set(
                "throughput",
                result.ledger().isEmpty()
                        ? null
                        : JSON.objectNode()
                                .put("before", result.throughput().before())
                                .put("during", result.throughput().during())
                                .put("after", result.throughput().after()));
        var latency = node.putObject("latencyMillis");
        latency.set("before", latency(result.latencyMillis().before()));
        latency.set("during", latency(result.latencyMillis().during()));
        latency.set("after", latency(result.latencyMillis().after()));
        node.set(
                "checklist",
                list(
                        result.checklist(),
                        (check, into) -> into.put("level", check.level())
                                .put("check", check.name())
                                .put("state", word(check.state()))
                                .put("detail", check.detail())));
        node.set(
                "phases",
                list(
                        result.phases(),
                        (phase, into) -> into.put("name", phase.name())
                                .put("startedAt", phase.startedAt().toString())
                                .put("durationMillis", phase.durationMillis())
                                .put("ok", phase.ok())
                                .put("detail", phase.detail())));
        node.set(
                "manifests", texts(result.manifests().keySet().stream().sorted().toList()));
        node.set("notes", texts(result.notes()));
        return node;
    }

    private static ObjectNode injection(ExperimentResult.Injected injected) {
        var node = JSON.objectNode();
        node.put("requestedAt", instant(injected.requestedAt()));
        node.put("injectedAt", instant(injected.injectedAt()));
        node.put("effectObservedAt", instant(injected.effectObservedAt()));
        node.put("removedAt", instant(injected.removedAt()));
        node.put("effectGoneAt", instant(injected.effectGoneAt()));
        node.set("targets", texts(injected.targets()));
        node.set("proof", texts(injected.proof()));
        node.put("manifestDurationMillis", injected.manifestDurationMillis().orElse(null));
        node.put("heldMillis", injected.heldMillis().orElse(null));
        node.set("figures", texts(injected.figures()));
        return node;
    }

    private static ObjectNode recovery(ExperimentResult.Recovered recovered) {
        var node = JSON.objectNode();
        node.put("serviceRtoMillis", recovered.serviceRtoMillis().orElse(null));
        node.put("clusterRtoMillis", recovered.clusterRtoMillis().orElse(null));
        node.put("targetMillis", recovered.targetMillis());
        node.put("acceptableMillis", recovered.acceptableMillis());
        node.put("clientReconnectMillis", recovered.clientReconnectMillis().orElse(null));
        node.set("outages", list(recovered.outages(), SummaryJson::outage));
        return node;
    }

    private static void outage(Outage outage, ObjectNode into) {
        into.put("from", outage.from().toString());
        into.put("until", outage.until().toString());
        into.put("durationMillis", outage.durationMillis());
    }

    /** {@code null} when nothing was judged: zeros would look like a judgement. */
    private static @Nullable ObjectNode ledger(ExperimentResult result) {
        if (result.ledger().isEmpty()) {
            return null;
        }
        var node = JSON.objectNode();
        for (int qos = 0; qos <= 2; qos++) {
            var counts = result.ledger().get(qos);
            node.set("qos" + qos, counts == null ? null : counts(counts));
        }
        return node;
    }

    private static ObjectNode counts(QosCounts counts) {
        return JSON.objectNode()
                .put("sent", counts.sent())
                .put("acknowledged", counts.acknowledged())
                .put("unknown", counts.unknown())
                .put("refused", counts.refused())
                .put("delivered", counts.delivered())
                .put("lost", counts.lost())
                .put("duplicates", counts.duplicates())
                .put("outOfOrder", counts.outOfOrder())
                .put("phantom", counts.phantom())
                .put("corrupted", counts.corrupted())
                .put("unknownArrived", counts.unknownArrived());
    }

    private static @Nullable ObjectNode latency(Optional<Latency> latency) {
        return latency.map(value -> JSON.objectNode()
                        .put("p50", value.p50())
                        .put("p95", value.p95())
                        .put("p99", value.p99())
                        .put("max", value.max()))
                .orElse(null);
    }

    private static String word(ExperimentResult.Check.State state) {
        return switch (state) {
            case OK -> "ok";
            case VIOLATED -> "violated";
            case NOT_CHECKED -> "not-checked";
        };
    }

    private static @Nullable String instant(Optional<Instant> instant) {
        return instant.map(Instant::toString).orElse(null);
    }

    private static ArrayNode texts(List<String> texts) {
        var array = JSON.arrayNode();
        texts.forEach(array::add);
        return array;
    }

    private static <T> ArrayNode list(List<T> items, BiConsumer<T, ObjectNode> fields) {
        var array = JSON.arrayNode();
        items.forEach(item -> fields.accept(item, array.addObject()));
        return array;
    }
}
