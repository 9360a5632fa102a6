package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.havoq.environment.RestartDelay;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who kept a pod down, as far as its statuses tell, look by look. */
class HeldPodsTest {
    private Instant now = Instant.parse("2026-11-23T23:33:35Z");
    private Optional<String> warning = Optional.empty();
    private final List<String> asked = new ArrayList<>();

    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    private final HeldPods held = new HeldPods("mqtt", clock, pod -> {
        asked.add(pod.getMetadata().getName());
        return warning;
    });

    private void look(Pod... pods) {
        held.saw(List.of(pods));
    }

    private void lookAt(Instant at, Pod... pods) {
        now = at;
        look(pods);
    }

    private void replay(RecordedPod recorded) {
        recorded.looks().forEach(look -> lookAt(look.at(), look.pod()));
    }

    private RestartDelay only() {
        assertThat(held.delays()).hasSize(1);
        return held.delays().get(0);
    }

    private static String seconds(RestartDelay delay) {
        return delay.since() + " " + delay.until().map(Instant::toString).orElse("-");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unschedulable    | no node takes it (Unschedulable: 0/1 nodes are available",
                "bad-image        | its image cannot be had (ErrImagePull: failed to pull",
                "bad-image        | its image cannot be had (ImagePullBackOff: Back-off pulling",
                "never-pull       | its image cannot be had (ErrImageNeverPull: Container image",
                "never-pull       | the runtime cannot create its container (CreateContainerError: ",
                "bad-name         | its image cannot be had (InvalidImageName: Failed to apply",
                "no-configmap-env | its container cannot be set up (CreateContainerConfigError: configmap \"nothere\" not found)",
                "init-bad-image   | its image cannot be had (ErrImageNeverPull: Container image",
            })
    void aNewPodThatTheClusterCannotStartIsKeptDownSinceItWasMade(String recorded, String text) {
        held.begin(List.of());
        var looks = RecordedPod.of(recorded).looks().stream()
                .filter(look -> look.pod().getStatus().getContainerStatuses().stream()
                        .noneMatch(status -> status.getState().getRunning() != null))
                .toList();
        looks.forEach(look -> lookAt(look.at(), look.pod()));
        now = now.plusSeconds(30);

        var delay = only();
        assertThat(delay.kept()).isEqualTo(RestartDelay.Kept.POD);
        assertThat(delay.target()).isEqualTo(recorded);
        assertThat(delay.waiting()).isTrue();
        assertThat(delay.since()).isEqualTo("2026-11-23T23:33:35Z");
        assertThat(delay.by()).contains(text).endsWith("see kubectl -n mqtt describe pod " + recorded);
        assertThat(delay.toString()).contains("is kept down, for ", " so far: ");
    }

    @Test
    void oneThatIsThenStartedWasKeptDownUntilThen() {
        held.begin(List.of());
        replay(RecordedPod.of("no-configmap-env"));

        assertThat(seconds(only())).isEqualTo("2026-11-23T23:33:35Z 2026-11-23T23:44:25Z");
        assertThat(only().toString())
                .startsWith("no-configmap-env was kept down for 10m50s: its container cannot be set up (");
    }

    /** The statuses said "running" until 11 s after its end: the kubelet was busy with the image. */
    @Test
    void aContainerThatEndedAndWhoseImageCannotBeHadIsKeptDownSinceItsEnd() {
        var recorded = RecordedPod.of("fine");
        held.begin(List.of(recorded.first()));
        var waiting = recorded.waiting("ErrImagePull");
        lookAt(waiting.at(), waiting.pod());
        assertThat(only().waiting()).isTrue();
        assertThat(only().kept()).isEqualTo(RestartDelay.Kept.CONTAINER);

        lookAt(waiting.at().plusSeconds(12), recorded.last());
        assertThat(seconds(only())).isEqualTo("2026-11-23T23:44:05Z 2026-11-23T23:44:28Z");
        assertThat(only().toString())
                .startsWith("fine was started again 23s after it had ended: its image cannot be had (ErrImagePull: ");
    }

    @Test
    void aPodThatIsStartedAtOnceWasNotKeptDown() {
        held.begin(List.of());
        RecordedPod.of("fine").looks().stream().limit(2).forEach(look -> lookAt(look.at(), look.pod()));

        assertThat(held.delays()).isEmpty();
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bad-entrypoint", "init-crash", "bad-subpath"})
    void whatMayBeTheBrokersOwnDoingIsNotExcused(String recorded) {
        held.begin(List.of());
        replay(RecordedPod.of(recorded));
        lookAt(now.plusSeconds(60), RecordedPod.of(recorded).last());

        assertThat(held.delays()).isEmpty();
    }

    @Test
    void aPodWithoutItsVolumesIsKeptDownAndTheEventsSayWhy() {
        warning = Optional.of("FailedMount: MountVolume.SetUp failed for volume \"s\" : secret \"nothere\" not found");
        held.begin(List.of());
        var recorded = RecordedPod.of("no-secret-volume");
        var made = Instant.parse(recorded.first().getMetadata().getCreationTimestamp());
        lookAt(made.plusSeconds(9), recorded.first());
        assertThat(held.delays()).isEmpty();

        lookAt(made.plusSeconds(10), recorded.first());
        lookAt(made.plusSeconds(11), recorded.first());
        assertThat(asked).as("once in 5 s").hasSize(1);
        assertThat(only().waiting()).isTrue();
        assertThat(only().by())
                .startsWith("its volumes or its sandbox are not there; FailedMount: MountVolume.SetUp failed");

        lookAt(recorded.looks().get(recorded.looks().size() - 1).at(), recorded.last());
        var started = recorded.last()
                .getStatus()
                .getContainerStatuses()
                .get(0)
                .getState()
                .getRunning()
                .getStartedAt();
        assertThat(seconds(only())).isEqualTo(made + " " + started);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FailedCreatePodSandBox: Failed to create pod sandbox: mkdir /run/x: no space left on device",
                "FailedScheduling: 0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }."
            })
    void whatABrokerMayHaveUsedUpIsNotExcused(String event) {
        warning = Optional.of(event);
        held.begin(List.of());
        var pod = RecordedPod.of("bad-netns").last();
        for (var second = 0; second < 60; second += 3) {
            lookAt(now.plusSeconds(3), pod);
        }

        assertThat(asked).isNotEmpty();
        assertThat(held.delays()).isEmpty();
    }

    @Test
    void anImageWhoseNameSoundsLikeMemoryIsNothingThatABrokerUsedUp() {
        held.begin(List.of());
        look(waiting(RecordedPod.of("never-pull").first(), "ErrImageNeverPull", "Container image \"classroom:1\""));

        assertThat(only().waiting()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CrashLoopBackOff", "RunContainerError", "PostStartHookError", "SomethingNew"})
    void aReasonThatIsNotKnownToBeTheClustersEndsWhatWas(String reason) {
        var pod = RecordedPod.of("never-pull").waiting("ErrImageNeverPull");
        held.begin(List.of());
        lookAt(pod.at(), pod.pod());
        lookAt(pod.at().plusSeconds(20), waiting(pod.pod(), reason, "back-off 10s restarting failed container"));
        lookAt(pod.at().plusSeconds(40), waiting(pod.pod(), reason, "back-off 10s restarting failed container"));
        assertThat(seconds(only())).isEqualTo("2026-11-23T23:33:35Z " + pod.at().plusSeconds(20));

        lookAt(pod.at().plusSeconds(50), pod.pod());
        assertThat(held.delays()).hasSize(2);
        assertThat(seconds(held.delays().get(1)))
                .as("no second of it is excused")
                .isEqualTo(pod.at().plusSeconds(40) + " -");
    }

    @ParameterizedTest
    @CsvSource({"137,OOMKilled", "1,Error", "0,Completed"})
    void aContainerThatEndedWaitsForNothing(int exitCode, String reason) {
        var running = RecordedPod.of("fine").looks().get(1);
        held.begin(List.of(running.pod()));
        var ended = state(
                running.pod(),
                state -> state.withRunning(null)
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .withReason(reason)
                        .withStartedAt("2026-11-23T23:33:36Z")
                        .withFinishedAt("2026-11-23T23:40:00Z")
                        .endTerminated());
        lookAt(Instant.parse("2026-11-23T23:40:01Z"), ended);
        lookAt(Instant.parse("2026-11-23T23:41:01Z"), ended);

        assertThat(held.delays()).isEmpty();
    }

    @Test
    void aContainerThatRunsAndIsNotReadyIsKeptDownByNobody() {
        var running = RecordedPod.of("fine").looks().get(1);
        held.begin(List.of(running.pod()));
        var unready = conditions(running.pod(), "False", "False");
        lookAt(running.at().plusSeconds(1), unready);
        lookAt(running.at().plusSeconds(60), unready);

        assertThat(held.delays()).isEmpty();
    }

    /** As the node lifecycle controller does it; the status is a recorded one, in which that was changed. */
    @Test
    void aPodWhoseNodeIsLostIsCutOffUntilItIsReadyAgain() {
        var running = RecordedPod.of("fine").looks().get(1);
        held.begin(List.of(running.pod()));
        lookAt(Instant.parse("2026-11-23T23:50:03Z"), conditions(running.pod(), "False", "True"));
        assertThat(only().kept()).isEqualTo(RestartDelay.Kept.NODE);
        assertThat(only().toString()).contains("fine is cut off, for ").contains("its node havoq-node is not ready");

        lookAt(Instant.parse("2026-11-23T23:50:40Z"), running.pod());
        assertThat(seconds(only())).isEqualTo("2026-11-23T23:50:00Z 2026-11-23T23:50:40Z");
    }

    @Test
    void aPodThatIsGoneIsNotKeptDownAnyMore() {
        held.begin(List.of());
        var pod = RecordedPod.of("unschedulable").last();
        lookAt(Instant.parse("2026-11-23T23:33:36Z"), pod);
        lookAt(Instant.parse("2026-11-23T23:34:35Z"));
        now = now.plus(Duration.ofHours(1));

        assertThat(seconds(only())).isEqualTo("2026-11-23T23:33:35Z 2026-11-23T23:34:35Z");
    }

    @Test
    void whatWasBeforeTheExperimentIsNotToldOfIt() {
        var pod = RecordedPod.of("unschedulable").last();
        look(pod);
        assertThat(held.delays()).as("not begun").isEmpty();
        held.begin(List.of());
        look(pod);
        assertThat(held.delays()).hasSize(1);
        held.begin(List.of());
        assertThat(held.delays()).isEmpty();
    }

    private static Pod waiting(Pod pod, String reason, String message) {
        return state(pod, state -> state.withNewWaiting(message, reason));
    }

    private static Pod state(Pod pod, UnaryOperator<ContainerStateBuilder> change) {
        return new PodBuilder(pod)
                .editStatus()
                .editFirstContainerStatus()
                .withState(change.apply(new ContainerStateBuilder(
                                pod.getStatus().getContainerStatuses().get(0).getState()))
                        .build())
                .endContainerStatus()
                .endStatus()
                .build();
    }

    private static Pod conditions(Pod pod, String ready, String containersReady) {
        var changed = new PodBuilder(pod).build();
        changed.getStatus().getConditions().forEach(condition -> {
            if (condition.getType().equals("Ready")) {
                condition.setStatus(ready);
                condition.setLastTransitionTime("2026-11-23T23:50:00Z");
            } else if (condition.getType().equals("ContainersReady")) {
                condition.setStatus(containersReady);
            }
        });
        return changed;
    }
}
