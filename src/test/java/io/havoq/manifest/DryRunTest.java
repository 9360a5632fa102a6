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
    void tellsSourcesTargetsAndDirection() {
        var documents = Manifests.readAll(List.of("chaos/02-network-partition.yaml", "chaos/09-dns-failure.yaml"));
        var three = List.of(Pod.ofStatefulSet(0), Pod.ofStatefulSet(1), Pod.ofStatefulSet(2));

        assertThat(DryRun.lines(documents, three, 1))
                .containsExactly(
                        "dry run with seed 1: nothing is injected",
                        "chaos/02-network-partition.yaml:3: NetworkChaos partition 'network-partition', mode all of 2"
                                + " matching, direction both, for 2m",
                        "  would hit default/emqx-go-0",
                        "  would hit default/emqx-go-1",
                        "  towards mode all of 1 matching",
                        "    target default/emqx-go-2",
                        "chaos/09-dns-failure.yaml:3: DNSChaos random 'dns-failure', mode all of 3 matching, for 2m",
                        "  would hit default/emqx-go-0",
                        "  would hit default/emqx-go-1",
                        "  would hit default/emqx-go-2",
                        "  for questions for emqx-go-*");
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
