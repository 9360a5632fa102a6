package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a broker did itself is not excused, however much it looks like the cluster's doing. */
class HeldPodsExcusesTest {
    private static final Instant MADE = Instant.parse("2026-11-23T23:33:35Z");
    private static final ContainerState RUNS = new ContainerStateBuilder()
            .withNewRunning(MADE.plusSeconds(1).toString())
            .build();

    private Instant now = MADE;
    private final HeldPods held = new HeldPods(
            "mqtt",
            new Clock() {
                @Override
                public ZoneOffset getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(java.time.ZoneId zone) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public Instant instant() {
                    return now;
                }
            },
            pod -> Optional.empty());

    private void lookFor(int seconds, Pod pod) {
        for (var second = 0; second < seconds; second += 2) {
            now = now.plusSeconds(2);
            held.saw(List.of(pod));
        }
    }

    private static Pod waiting(String reason, String message) {
        return new PodBuilder(RecordedPod.of("bad-image").first())
                .editStatus()
                .editFirstContainerStatus()
                .withState(new ContainerStateBuilder()
                        .withNewWaiting(message, reason)
                        .build())
                .endContainerStatus()
                .endStatus()
                .build();
    }

    /** A kubelet that takes no pod any more, since a broker has filled its disk (pkg/kubelet/eviction, lifecycle). */
    @ParameterizedTest
    @CsvSource({
        "Failed, Evicted, Pod was rejected: The node had condition: [DiskPressure].",
        "Failed, OutOfmemory, Pod was rejected: Node didn't have enough resource: memory",
        "Succeeded, , "
    })
    void aPodThatHasEndedIsNotBeingStarted(String phase, String reason, String message) {
        held.begin(List.of());
        lookFor(
                60,
                new PodBuilder(RecordedPod.of("bad-image").first())
                        .editStatus()
                        .withPhase(phase)
                        .withReason(reason)
                        .withMessage(message)
                        .withContainerStatuses(List.of())
                        .endStatus()
                        .build());

        assertThat(held.delays()).isEmpty();
    }

    /** Kubelets before 1.32 say why in the first of both only. */
    @Test
    void aBackOffAfterWhatABrokerMayHaveUsedUpIsNotExcused() {
        held.begin(List.of());
        for (var round = 0; round < 3; round++) {
            lookFor(4, waiting("ErrImagePull", "failed to extract layer: write /x: no space left on device"));
            lookFor(20, waiting("ImagePullBackOff", "Back-off pulling image \"broker:1\""));
        }

        assertThat(held.delays()).isEmpty();
    }

    /** Beside a container whose image is not found. */
    private static Pod withBroker(ContainerState state, boolean ready) {
        return new PodBuilder(waiting("ErrImagePull", "not found"))
                .editStatus()
                .addToContainerStatuses(
                        0,
                        new ContainerStatusBuilder()
                                .withName("broker")
                                .withReady(ready)
                                .withRestartCount(0)
                                .withState(state)
                                .build())
                .endStatus()
                .build();
    }

    /** The broker ended, or does not become ready, while the image of what runs beside it is looked for. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBrokerThatFailsItselfIsNotExcusedByWhatRunsBesideIt(boolean ended) {
        var state = ended
                ? new ContainerStateBuilder()
                        .withNewTerminated()
                        .withExitCode(1)
                        .withStartedAt(MADE.plusSeconds(1).toString())
                        .withFinishedAt(MADE.plusSeconds(2).toString())
                        .endTerminated()
                        .build()
                : RUNS;
        held.begin(List.of());
        lookFor(60, withBroker(state, false));

        assertThat(held.delays()).isEmpty();
    }

    @Test
    void aBrokerThatIsReadyWaitsForWhatRunsBesideIt() {
        held.begin(List.of());
        lookFor(60, withBroker(RUNS, true));

        assertThat(held.delays()).hasSize(1);
        assertThat(Duration.between(held.delays().get(0).since(), now)).isEqualTo(Duration.ofSeconds(60));
    }
}
