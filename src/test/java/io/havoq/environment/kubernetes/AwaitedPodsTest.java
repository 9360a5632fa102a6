package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.havoq.environment.EnvironmentException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against what a real cluster said of such pods ({@link RecordedPod}), with its events scripted. */
class AwaitedPodsTest {
    private final MockCluster cluster = new MockCluster();
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void close() {
        cluster.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unschedulable    | Unschedulable              | no node takes it (Unschedulable: ",
                "bad-image        | ImagePullBackOff           | its image cannot be had (ImagePullBackOff: ",
                "no-configmap-env | CreateContainerConfigError | its container cannot be set up (CreateContainerConfigError: ",
                "no-secret-volume | ContainerCreating          | its volumes or its sandbox are not there (FailedMount: secret \"none\" not found)",
                "init-crash       | CrashLoopBackOff           | its container waits (CrashLoopBackOff: back-off ",
            })
    void whatAPodWaitsForIsToldAtOnceAndWhenTheTimeIsUp(String recorded, String reason, String text) {
        var pod = cluster.add(new PodBuilder(firstWith(reason, RecordedPod.of(recorded)))
                .editMetadata()
                .withName("emqx-go-0")
                .withNamespace(MockCluster.NAMESPACE)
                .withLabels(Map.of("app", "emqx-go"))
                .endMetadata()
                .build());
        cluster.answer("GET /api/v1/namespaces/mqtt/pods/emqx-go-0/log", 400, "{}");
        cluster.answer("GET /api/v1/namespaces/mqtt/events", 200, """
                {"kind": "EventList", "apiVersion": "v1", "items": [
                  {"type": "Warning", "reason": "FailedMount", "message": "secret \\"none\\" not found",
                   "involvedObject": {"uid": "%s"}, "lastTimestamp": "2026-11-23T20:00:00Z"}]}""".formatted(
                        pod.getMetadata().getUid()));

        var client = cluster.client();
        var pods = new BrokerPods(client, MockCluster.NAMESPACE, MockCluster.settings(Map.of()), false);
        var awaited = new AwaitedPods(
                pods,
                new PodLogs(client, MockCluster.NAMESPACE),
                new PodWarnings(client, MockCluster.NAMESPACE),
                told::add);

        assertThatThrownBy(() -> awaited.awaitReady(Duration.ofMillis(1)))
                .isInstanceOf(EnvironmentException.class)
                .hasMessageStartingWith("not ready within 1ms (havoq.kubernetes.start-timeout): emqx-go-0: " + text)
                .hasMessageContaining("See kubectl -n mqtt describe pod emqx-go-0; its broker has written no log");
        assertThat(told)
                .hasSizeLessThan(2)
                .allMatch(line -> line.startsWith("waiting for pods to become ready: emqx-go-0: "));
    }

    private static Pod firstWith(String reason, RecordedPod recorded) {
        return recorded.looks().stream()
                .map(RecordedPod.Look::pod)
                .filter(pod -> Serialization.asJson(pod.getStatus()).contains("\"" + reason + "\""))
                .findFirst()
                .orElseThrow();
    }
}
