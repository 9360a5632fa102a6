package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.havoq.environment.RestartDelay;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the kubelet's statuses say of its back-off. Counts, reasons and times are those of a kubelet 1.34.2 whose pod's container was killed
 * twice by Chaos Mesh, 33 s apart: started again after 1 s the first time, after 15 s the second.
 */
class KubeletBackOffTest {
    private static final String NAME = "emqx-go-1";
    private static final String FIRST_END = "2026-11-23T20:20:14Z";
    private static final String FIRST_START = "2026-11-23T20:20:15Z";
    private static final String SECOND_END = "2026-11-23T20:20:47Z";
    private static final String SECOND_START = "2026-11-23T20:21:02Z";

    private final MockCluster cluster = new MockCluster();

    @BeforeEach
    void brokers() {
        cluster.brokers();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private KubeletBackOff at(String now) {
        return new KubeletBackOff(
                new BrokerPods(cluster.client, MockCluster.NAMESPACE, MockCluster.settings(Map.of()), false),
                Clock.fixed(Instant.parse(now), ZoneOffset.UTC));
    }

    private void says(ContainerStatus status) {
        cluster.client.pods().inNamespace(MockCluster.NAMESPACE).withName(NAME).editStatus(pod -> {
            pod.getStatus().getContainerStatuses().set(0, status);
            return pod;
        });
    }

    private static ContainerStatus running(int restarts, String since, String ended) {
        return status(restarts, ended)
                .withNewState()
                .withNewRunning()
                .withStartedAt(since)
                .endRunning()
                .endState()
                .build();
    }

    private static ContainerStatus waiting(int restarts, String reason, String ended) {
        return status(restarts, ended)
                .withNewState()
                .withNewWaiting()
                .withReason(reason)
                .endWaiting()
                .endState()
                .build();
    }

    private static ContainerStatus ended(int restarts, String ended) {
        return status(restarts, FIRST_END)
                .withNewState()
                .withNewTerminated()
                .withExitCode(137)
                .withFinishedAt(ended)
                .endTerminated()
                .endState()
                .build();
    }

    private static ContainerStatusBuilder status(int restarts, String ended) {
        return new ContainerStatusBuilder()
                .withName("emqx-go")
                .withRestartCount(restarts)
                .withNewLastState()
                .withNewTerminated()
                .withExitCode(137)
                .withReason("Error")
                .withFinishedAt(ended)
                .endTerminated()
                .endLastState();
    }

    @Test
    void aContainerThatWasStartedAtOnceWasNotKept() {
        var backOff = at("2026-11-23T20:20:20Z");
        says(running(1, "2026-11-23T20:10:06Z", "2026-11-23T19:33:19Z"));
        backOff.begin();
        says(ended(1, FIRST_END));
        assertThat(backOff.delays()).isEmpty();
        says(running(2, FIRST_START, FIRST_END));
        assertThat(backOff.delays()).isEmpty();
    }

    @Test
    void oneThatWaitsIsKeptUntilItIsStarted() {
        var backOff = at("2026-11-23T20:20:55Z");
        says(running(2, FIRST_START, FIRST_END));
        backOff.begin();
        says(waiting(2, "CrashLoopBackOff", SECOND_END));
        assertThat(backOff.delays()).singleElement().satisfies(delay -> {
            assertThat(delay.target()).isEqualTo(NAME);
            assertThat(delay.waiting()).isTrue();
            assertThat(delay.since()).isEqualTo(SECOND_END);
            assertThat(delay.by()).contains("CrashLoopBackOff", "kubectl -n mqtt delete pod emqx-go-1");
        });

        says(running(3, SECOND_START, SECOND_END));
        assertThat(backOff.delays())
                .singleElement()
                .extracting(RestartDelay::until)
                .isEqualTo(Optional.of(Instant.parse(SECOND_START)));
        assertThat(backOff.delays().get(0).toString())
                .startsWith("emqx-go-1 was started again 15s after it had ended: ");
    }

    /** Ended by the fault, and then by itself: it waits for what it did. */
    @Test
    void oneThatEndedAgainWaitsForItsOwnEnd() {
        var backOff = at("2026-11-23T20:21:10Z");
        says(running(1, "2026-11-23T20:10:06Z", "2026-11-23T19:33:19Z"));
        backOff.begin();
        says(waiting(2, "CrashLoopBackOff", SECOND_END));
        assertThat(backOff.delays()).isEmpty();
        says(running(3, SECOND_START, SECOND_END));
        assertThat(backOff.delays()).isEmpty();
    }

    @Test
    void oneThatCannotBeStartedDoesNotMerelyWait() {
        var backOff = at("2026-11-23T20:20:55Z");
        says(running(2, FIRST_START, FIRST_END));
        backOff.begin();
        says(waiting(2, "RunContainerError", SECOND_END));
        assertThat(backOff.delays()).isEmpty();
    }

    @Test
    void whatHappenedBeforeTheExperimentIsNoDelayOfIt() {
        var backOff = at("2026-11-23T20:22:00Z");
        says(running(3, SECOND_START, SECOND_END));
        backOff.begin();
        assertThat(backOff.delays()).isEmpty();
    }

    @Test
    void aNewPodOfTheSameNameHasNothingToWaitFor() {
        var backOff = at("2026-11-23T20:22:00Z");
        says(running(2, FIRST_START, FIRST_END));
        backOff.begin();
        cluster.client.pods().inNamespace(MockCluster.NAMESPACE).withName(NAME).delete();
        cluster.add(MockCluster.pod(NAME, "node-a", "127.0.0.1", true).build());
        says(running(3, SECOND_START, SECOND_END));
        assertThat(backOff.delays()).isEmpty();
    }

    @Test
    void aContainerThatWasRestartedNotLongAgoWouldWait() {
        says(running(2, FIRST_START, FIRST_END));
        assertThat(at("2026-11-23T20:29:00Z").wouldWait(NAME))
                .hasValueSatisfying(why -> assertThat(why).contains("restarted it at " + FIRST_START));
        assertThat(at("2026-11-23T20:30:16Z").wouldWait(NAME)).isEmpty();
        assertThat(at("2026-11-23T20:29:00Z").wouldWait("emqx-go-7")).isEmpty();
    }

    @Test
    void aContainerThatHasNeverEndedWouldNot() {
        says(running(0, FIRST_START, ""));
        assertThat(at("2026-11-23T20:20:20Z").wouldWait(NAME)).isEmpty();
    }

    @Test
    void aKubeletThatHasSaidNothingDelaysNothing() {
        var backOff = at("2026-11-23T20:20:20Z");
        says(new ContainerStatusBuilder().withName("emqx-go").build());
        backOff.begin();
        assertThat(backOff.delays()).isEmpty();
        assertThat(backOff.wouldWait(NAME)).isEmpty();
    }
}
