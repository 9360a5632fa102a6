package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;

class DryRunTest {
    @Test
    void tellsWhoWouldBeHitByWhat() {
        var documents = Manifests.readAll(
                List.of("chaos/01-pod-kill.yaml", "chaos/10-container-kill.yaml", "chaos/pod-failure.yaml"));
        var one = List.of(Pod.broker(4));

        assertThat(DryRun.lines(documents, one, 42))
                .containsExactly(
                        "dry run with seed 42: nothing is injected",
                        "chaos/01-pod-kill.yaml:3: PodChaos pod-kill 'pod-kill', mode one of 1 matching",
                        "  would hit default/emqx-go-4",
                        "chaos/10-container-kill.yaml:3: PodChaos container-kill 'container-kill', mode one of 1 matching",
                        "  would hit default/emqx-go-4, container emqx-go",
                        "chaos/pod-failure.yaml:3: PodChaos pod-failure 'pod-failure', mode one of 1 matching, for 30s",
                        "  would hit default/emqx-go-4");
    }

    @Test
    void namesTheSameTargetAsTheExperimentWithThatSeed() {
        var documents = Manifests.read("chaos/01-pod-kill.yaml");
        var three = List.of(Pod.broker(0), Pod.broker(1), Pod.broker(2));

        for (long seed = 0; seed < 10; seed++) {
            var target = TargetSelector.select(documents.get(0), three, seed)
                    .targets()
                    .get(0);
            assertThat(DryRun.lines(documents, three, seed)).contains("  would hit default/" + target.name());
        }
    }

    @Test
    void tellsEveryManifestThatSelectsNothing() {
        var documents = Manifests.readAll(List.of("chaos/01-pod-kill.yaml", "chaos/pod-failure.yaml"));

        var refused = catchThrowableOfType(
                ManifestException.class,
                () -> DryRun.lines(documents, List.of(Pod.broker(0).in("other")), 1));

        assertThat(refused.problems())
                .extracting(ManifestProblem::source)
                .containsExactly("chaos/01-pod-kill.yaml", "chaos/pod-failure.yaml");
    }
}
