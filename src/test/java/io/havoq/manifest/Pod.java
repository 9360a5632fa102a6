package io.havoq.manifest;

import java.util.List;
import java.util.Map;

/** A candidate as the tests need it. */
record Pod(
        String name,
        String namespace,
        Map<String, String> labels,
        Map<String, String> annotations,
        String phase,
        List<String> containers,
        String nodeName)
        implements Candidate {

    static Pod broker(int index) {
        return new Pod(
                "emqx-go-" + index,
                "default",
                Map.of("app", "emqx-go", "index", Integer.toString(index)),
                Map.of("team", "mqtt"),
                "Running",
                List.of("emqx-go", "metrics"),
                "worker-" + index);
    }

    /** As a StatefulSet labels it. */
    static Pod ofStatefulSet(int index) {
        var name = "emqx-go-" + index;
        return new Pod(
                name,
                "default",
                Map.of("app", "emqx-go", "statefulset.kubernetes.io/pod-name", name),
                Map.of(),
                "Running",
                List.of("emqx-go"),
                "worker-" + index);
    }

    Pod in(String other) {
        return new Pod(name, other, labels, annotations, phase, containers, nodeName);
    }

    Pod inPhase(String other) {
        return new Pod(name, namespace, labels, annotations, other, containers, nodeName);
    }

    Pod withContainers(String... names) {
        return new Pod(name, namespace, labels, annotations, phase, List.of(names), nodeName);
    }
}
