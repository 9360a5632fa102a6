package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.EventListBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the events say of a pod that does not come up; reasons and texts are those of a kubelet 1.34.2. */
class PodWarningsTest {
    private final MockCluster cluster = new MockCluster();
    private final PodWarnings warnings = new PodWarnings(cluster.client, MockCluster.NAMESPACE);
    private Pod pod;

    @BeforeEach
    void brokers() {
        cluster.brokers();
        pod = cluster.client
                .pods()
                .inNamespace(MockCluster.NAMESPACE)
                .withName("emqx-go-1")
                .get();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private static Event event(String uid, String type, String reason, String message, String at) {
        return new EventBuilder()
                .withNewMetadata()
                .withName(message)
                .withNamespace(MockCluster.NAMESPACE)
                .endMetadata()
                .withNewInvolvedObject()
                .withKind("Pod")
                .withName("emqx-go-1")
                .withUid(uid)
                .endInvolvedObject()
                .withType(type)
                .withReason(reason)
                .withMessage(message)
                .withLastTimestamp(at)
                .build();
    }

    /** Scripted, since the mock server's memory knows no such field selector. */
    private void said(Event... events) {
        cluster.answer(
                "GET /api/v1/namespaces/mqtt/events?fieldSelector=involvedObject.uid%3D"
                        + pod.getMetadata().getUid(),
                200,
                Serialization.asJson(new EventListBuilder().withItems(events).build()));
    }

    @Test
    void theLatestWarningOfThisPodIsTold() {
        var uid = pod.getMetadata().getUid();
        said(
                event(uid, "Warning", "FailedMount", "an older one", "2026-11-23T23:40:51Z"),
                event(uid, "Warning", "FailedMount", "secret \"nothere\" not found", "2026-11-23T23:43:51Z"),
                event("another", "Warning", "FailedMount", "of another", "2026-11-23T23:59:00Z"),
                // Chaos Mesh's, of the kind Normal.
                event(uid, "Normal", "Failed", "Failed to update conditions", "2026-11-23T23:59:01Z"),
                event(uid, "Warning", "Unhealthy", "Readiness probe failed", "2026-11-23T23:59:02Z"));

        assertThat(warnings.latest(pod)).contains("FailedMount: secret \"nothere\" not found");
    }

    /** The kubelet says both of one mount, in turns (pkg/kubelet/volumemanager). */
    @Test
    void whatABrokerMayHaveUsedUpIsToldThoughSomethingElseWasSaidLater() {
        var uid = pod.getMetadata().getUid();
        said(
                event(
                        uid,
                        "Warning",
                        "FailedMount",
                        "MountVolume.SetUp failed for volume \"s\" : no space left on device",
                        "2026-11-23T23:40:51Z"),
                event(
                        uid,
                        "Warning",
                        "FailedMount",
                        "Unable to attach or mount volumes: timed out waiting for the condition",
                        "2026-11-23T23:42:51Z"));

        assertThat(warnings.latest(pod))
                .hasValueSatisfying(said -> assertThat(said).contains("no space left"));
    }

    @Test
    void aPodOfWhichNothingIsSaidHasNone() {
        assertThat(warnings.latest(pod)).isEmpty();
    }

    @Test
    void eventsThatMayNotBeListedAreToldAsSuch() {
        cluster.refuse("GET /api/v1/namespaces/mqtt/events", 403, "events is forbidden");

        assertThat(warnings.latest(pod))
                .hasValueSatisfying(said -> assertThat(said)
                        .startsWith("its events cannot be listed: ")
                        .contains("forbidden"));
    }
}
