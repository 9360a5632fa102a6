package io.havoq.environment.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a cluster of Kubernetes 1.34.2 (containerd, one node) said of a pod, look by look: recorded with {@code kubectl get pods -o json}
 * every few seconds, without what no reading looks at, and without looks that saw nothing new.
 */
record RecordedPod(List<Look> looks) {
    /** One answer. */
    record Look(Instant at, Pod pod) {}

    static RecordedPod of(String name) {
        try (var file = RecordedPod.class.getResourceAsStream("/held/" + name + ".json")) {
            var looks = new ArrayList<Look>();
            for (JsonNode look : new ObjectMapper().readTree(file)) {
                looks.add(new Look(
                        Instant.parse(look.path("at").asText()),
                        Serialization.unmarshal(look.path("pod").toString(), Pod.class)));
            }
            return new RecordedPod(looks);
        } catch (IOException e) {
            throw new IllegalStateException("test resource /held/" + name + ".json", e);
        }
    }

    Pod first() {
        return looks.get(0).pod();
    }

    Pod last() {
        return looks.get(looks.size() - 1).pod();
    }

    /** The first look at which a container waited for a reason. */
    Look waiting(String reason) {
        return look(pod -> pod.getStatus().getContainerStatuses().stream()
                .anyMatch(status -> status.getState().getWaiting() != null
                        && reason.equals(status.getState().getWaiting().getReason())));
    }

    private Look look(Predicate<Pod> wanted) {
        return looks.stream()
                .filter(look -> wanted.test(look.pod()))
                .findFirst()
                .orElseThrow();
    }
}
