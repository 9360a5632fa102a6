package io.havoq.manifest;

import io.havoq.time.GoDuration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** Writes a fault as the manifest that it stands for; {@link Manifests} reads the same fault from it. */
public final class ManifestWriter {
    private ManifestWriter() {}

    /** The manifest as YAML. */
    public static String write(ChaosSpec spec) {
        return write(spec, namespace(spec));
    }

    static String write(ChaosSpec spec, String namespace) {
        var options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setIndicatorIndent(2);
        options.setIndentWithIndicator(true);
        options.setDereferenceAliases(true);
        return new Yaml(options).dump(tree(spec, namespace));
    }

    /** Where the object goes if no file says so: to the pods. */
    static String namespace(ChaosSpec spec) {
        return spec.selection().selector().namespaces().stream().findFirst().orElse("default");
    }

    private static Map<String, Object> tree(ChaosSpec spec, String namespace) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("apiVersion", "chaos-mesh.org/v1alpha1");
        tree.put("kind", spec.kind());
        var metadata = ordered("name", spec.name(), "namespace", namespace);
        if (spec instanceof PodChaos podChaos && podChaos.powerOff()) {
            metadata.put("annotations", Map.of(PodChaos.POWER_OFF, "true"));
        }
        tree.put("metadata", metadata);
        var body = new LinkedHashMap<String, Object>();
        if (hasAction(spec)) {
            body.put("action", spec.action());
        }
        mode(spec.selection().mode(), body);
        body.put("selector", selector(spec.selection().selector()));
        put(body, "containerNames", spec.containerNames());
        spec.duration().ifPresent(duration -> body.put("duration", GoDuration.format(duration)));
        if (spec instanceof PodChaos podChaos && !podChaos.gracePeriod().isZero()) {
            body.put("gracePeriod", podChaos.gracePeriod().toSeconds());
        }
        if (spec instanceof NetworkChaos network) {
            network(network, body);
        } else if (spec instanceof DnsChaos dns) {
            put(body, "patterns", dns.patterns());
        } else if (spec instanceof TimeChaos time) {
            body.put("timeOffset", GoDuration.format(time.timeOffset()));
            put(body, "clockIds", time.clockIds().stream().map(Enum::name).toList());
        } else if (spec instanceof StressChaos stress) {
            body.put("stressors", stressors(stress));
        } else if (spec instanceof IoChaos io) {
            io(io, body);
        } else if (spec instanceof KernelChaos kernel) {
            body.put("failKernRequest", failKernRequest(kernel));
        }
        tree.put("spec", body);
        return tree;
    }

    private static boolean hasAction(ChaosSpec spec) {
        return !(spec instanceof TimeChaos) && !(spec instanceof StressChaos) && !(spec instanceof KernelChaos);
    }

    private static Map<String, Object> stressors(StressChaos stress) {
        var tree = new LinkedHashMap<String, Object>();
        stress.cpu().ifPresent(cpu -> {
            var inner = new LinkedHashMap<String, Object>();
            inner.put("workers", cpu.workers());
            inner.put("load", cpu.loadPercent());
            tree.put("cpu", inner);
        });
        stress.memory().ifPresent(memory -> {
            var inner = new LinkedHashMap<String, Object>();
            inner.put("workers", memory.workers());
            inner.put("size", memory.size().text());
            inner.put("oomScoreAdj", memory.oomScoreAdj());
            tree.put("memory", inner);
        });
        return tree;
    }

    private static void io(IoChaos io, Map<String, Object> body) {
        body.put("volumePath", io.volumePath());
        io.path().ifPresent(path -> body.put("path", path.text()));
        put(body, "methods", io.methods());
        body.put("percent", io.percent());
        var effect = io.effect();
        if (effect instanceof IoChaos.Effect.Latency latency) {
            body.put("delay", GoDuration.format(latency.delay()));
        } else if (effect instanceof IoChaos.Effect.Fault fault) {
            body.put("errno", fault.errno());
        } else if (effect instanceof IoChaos.Effect.AttrOverride attr) {
            var tree = new LinkedHashMap<String, Object>(attr.numbers());
            attr.times()
                    .forEach((field, time) ->
                            tree.put(field, Map.of("sec", time.getEpochSecond(), "nsec", time.getNano())));
            attr.kind().ifPresent(kind -> tree.put("kind", kind));
            body.put("attr", tree);
        } else if (effect instanceof IoChaos.Effect.Mistake mistake) {
            var tree = new LinkedHashMap<String, Object>();
            tree.put("filling", mistake.filling());
            tree.put("maxOccurrences", mistake.maxOccurrences());
            tree.put("maxLength", mistake.maxLength());
            body.put("mistake", tree);
        }
    }

    private static Map<String, Object> failKernRequest(KernelChaos kernel) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("failtype", kernel.failure().number());
        put(tree, "headers", kernel.headers());
        put(
                tree,
                "callchain",
                kernel.callchain().stream().map(ManifestWriter::frame).toList());
        tree.put("probability", kernel.probability());
        kernel.times().ifPresent(times -> tree.put("times", times));
        return tree;
    }

    private static Map<String, Object> frame(KernelChaos.Frame frame) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("funcname", frame.function());
        frame.parameters().ifPresent(parameters -> tree.put("parameters", parameters));
        frame.predicate().ifPresent(predicate -> tree.put("predicate", predicate));
        return tree;
    }

    private static void network(NetworkChaos network, Map<String, Object> body) {
        body.put("direction", network.direction().text());
        network.target().ifPresent(target -> {
            var tree = new LinkedHashMap<String, Object>();
            mode(target.mode(), tree);
            tree.put("selector", selector(target.selector()));
            body.put("target", tree);
        });
        put(body, "externalTargets", network.externalTargets());
        network.device().ifPresent(device -> body.put("device", device));
        var netem = network.netem();
        netem.delay().ifPresent(delay -> body.put("delay", delay(delay)));
        netem.loss().ifPresent(loss -> body.put("loss", share("loss", loss.percent(), loss.correlationPercent())));
        netem.duplicate()
                .ifPresent(twice ->
                        body.put("duplicate", share("duplicate", twice.percent(), twice.correlationPercent())));
        netem.corrupt()
                .ifPresent(corrupt ->
                        body.put("corrupt", share("corrupt", corrupt.percent(), corrupt.correlationPercent())));
        netem.rate().ifPresent(rate -> body.put("rate", Map.of("rate", ByteRate.format(rate.bytesPerSecond()))));
        network.bandwidth().ifPresent(bandwidth -> body.put("bandwidth", bandwidth(bandwidth)));
    }

    private static Map<String, Object> delay(Netem.Delay delay) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("latency", Latency.format(delay.latency()));
        if (!delay.jitter().isZero()) {
            tree.put("jitter", Latency.format(delay.jitter()));
            correlation(delay.correlationPercent(), tree);
        }
        delay.reorder().ifPresent(reorder -> {
            var inner = share("reorder", reorder.percent(), reorder.correlationPercent());
            inner.put("gap", reorder.gap());
            tree.put("reorder", inner);
        });
        return tree;
    }

    private static Map<String, Object> share(String name, double percent, double correlation) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put(name, Percentage.format(percent));
        correlation(correlation, tree);
        return tree;
    }

    private static void correlation(double percent, Map<String, Object> tree) {
        if (percent > 0) {
            tree.put("correlation", Percentage.format(percent));
        }
    }

    private static Map<String, Object> bandwidth(Bandwidth bandwidth) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("rate", ByteRate.format(bandwidth.bytesPerSecond()));
        tree.put("limit", bandwidth.limitBytes());
        tree.put("buffer", bandwidth.bufferBytes());
        // bits per second, as tc reads a bare number
        bandwidth.peakRate().ifPresent(peak -> tree.put("peakrate", (long) (peak * 8)));
        bandwidth.minBurst().ifPresent(burst -> tree.put("minburst", burst));
        return tree;
    }

    private static void mode(Mode mode, Map<String, Object> body) {
        body.put("mode", mode.text());
        if (mode instanceof Mode.Fixed fixed) {
            body.put("value", Integer.toString(fixed.count()));
        } else if (mode instanceof Mode.FixedPercent share) {
            body.put("value", Integer.toString(share.percent()));
        } else if (mode instanceof Mode.RandomMaxPercent share) {
            body.put("value", Integer.toString(share.percent()));
        }
    }

    private static Map<String, Object> selector(Selector selector) {
        var tree = new LinkedHashMap<String, Object>();
        if (!selector.pods().isEmpty()) {
            // everything else is ignored beside it
            tree.put("pods", new TreeMap<>(selector.pods()));
            return tree;
        }
        put(tree, "namespaces", selector.namespaces());
        put(tree, "labelSelectors", selector.labels());
        put(
                tree,
                "expressionSelectors",
                selector.expressions().stream().map(ManifestWriter::expression).toList());
        put(tree, "annotationSelectors", selector.annotations());
        put(tree, "fieldSelectors", selector.fields());
        put(tree, "podPhaseSelectors", selector.podPhases());
        put(tree, "nodes", selector.nodes());
        return tree;
    }

    private static Map<String, Object> expression(Selector.Expression expression) {
        var tree = ordered(
                "key", expression.key(), "operator", expression.operator().text());
        put(tree, "values", expression.values());
        return tree;
    }

    private static Map<String, Object> ordered(String key, String value, String nextKey, String nextValue) {
        var map = new LinkedHashMap<String, Object>();
        map.put(key, value);
        map.put(nextKey, nextValue);
        return map;
    }

    private static void put(Map<String, Object> tree, String name, List<?> list) {
        if (!list.isEmpty()) {
            tree.put(name, list);
        }
    }

    private static void put(Map<String, Object> tree, String name, Map<String, ?> map) {
        if (!map.isEmpty()) {
            tree.put(name, map);
        }
    }
}
