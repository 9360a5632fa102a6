package io.havoq.environment;

import io.havoq.manifest.Candidate;
import java.util.List;
import java.util.Map;

/**
 * One broker node as faults and checks see it: a snapshot, taken when it was asked for.
 *
 * @param name pod name, e.g. {@code emqx-go-0}
 * @param uid identity of the pod: a pod kill gives a new one, a container kill keeps it
 * @param restartCount restarts of the container within this pod; 0 for a new pod
 * @param ready whether its readiness check passed after its last start
 * @param ports by purpose ({@code mqtt}, {@code cluster}, {@code metrics}), as host:port; may lie in a network namespace of their own
 */
public record Target(
        String name,
        String namespace,
        Map<String, String> labels,
        Map<String, String> annotations,
        String phase,
        boolean ready,
        List<String> containers,
        String nodeName,
        String uid,
        int restartCount,
        Map<String, String> ports)
        implements Candidate {
    /** Copies the collections. */
    public Target {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        containers = List.copyOf(containers);
        ports = Map.copyOf(ports);
    }
}
