package io.havoq.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.environment.Target;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.ManifestDocument;
import io.havoq.manifest.Mode;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.NetworkChaos.Direction;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PartitionSidesTest {
    private static final Selection ANYBODY = new Selection(Selector.inNamespaces("default"), new Mode.All());
    private static final List<String> THREE = List.of("a", "b", "c");
    private static final List<String> FIVE = List.of("a", "b", "c", "d", "e");

    @ParameterizedTest
    @EnumSource
    void twoAgainstOneIsAMajorityWhateverTheDirection(Direction direction) {
        var sides = PartitionSides.of(THREE, List.of(partition(direction, "a,b", "c")));
        assertThat(sides.majority()).containsExactlyInAnyOrder("a", "b");
        assertThat(sides.minority()).containsExactlyInAnyOrder("c");
    }

    @Test
    void severalPartitionsDivideTogether() {
        var sides = PartitionSides.of(
                FIVE, List.of(partition(Direction.BOTH, "a,b,c", "d,e"), partition(Direction.BOTH, "d", "e")));
        assertThat(sides.sides()).hasSize(3);
        assertThat(sides.majority()).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(sides.minority()).containsExactlyInAnyOrder("d", "e");
    }

    @Test
    void halfOfTheNodesIsNoMajority() {
        var sides = PartitionSides.of(List.of("a", "b"), List.of(partition(Direction.BOTH, "a", "b")));
        assertThatThrownBy(sides::majority)
                .hasMessageContaining("no majority")
                .hasMessageContaining("[a]")
                .hasMessageContaining("half of the 2 nodes");
        assertThatThrownBy(sides::minority).hasMessageContaining("no majority");
    }

    @Test
    void nodesThatOthersStillConnectAreOneSide() {
        var sides = PartitionSides.of(THREE, List.of(partition(Direction.BOTH, "a", "b")));
        assertThat(sides.majority()).containsExactlyInAnyOrder("a", "b", "c");
        assertThatThrownBy(sides::minority).hasMessageContaining("no minority");
    }

    @Test
    void aPartitionWithoutATargetLeavesItsSourcesAlone() {
        var alone = NetworkChaos.partition("p", ANYBODY, Direction.TO);
        var sides = PartitionSides.of(FIVE, List.of(planned(alone, "a,b", "")));
        assertThat(sides.sides()).hasSize(3);
        assertThat(sides.majority()).containsExactlyInAnyOrder("c", "d", "e");
        assertThat(PartitionSides.keptFromClients(List.of(planned(alone, "a,b", ""))))
                .containsExactlyInAnyOrder("a", "b");
        assertThat(PartitionSides.keptFromClients(List.of(partition(Direction.BOTH, "a,b", "c"))))
                .isEmpty();
    }

    @Test
    void whatIsNoPartitionBetweenNodesDividesNothing() {
        var kill = planned(PodChaos.podKill("k", ANYBODY), "a", "");
        assertThatThrownBy(() -> PartitionSides.of(THREE, List.of(kill)))
                .hasMessageContaining("no partition between nodes")
                .hasMessageContaining("PodChaos pod-kill on a");
    }

    private static PlannedFault partition(Direction direction, String sources, String targets) {
        return planned(NetworkChaos.partition("p", ANYBODY, direction, ANYBODY), sources, targets);
    }

    private static PlannedFault planned(ChaosSpec spec, String sources, String targets) {
        return new PlannedFault(ManifestDocument.of(spec), nodes(sources), nodes(targets));
    }

    private static List<Target> nodes(String names) {
        return Arrays.stream(names.split(","))
                .filter(name -> !name.isEmpty())
                .map(name -> new Target(
                        name, "default", Map.of(), Map.of(), "Running", true, List.of("c"), "here", "uid", 0, Map.of()))
                .toList();
    }
}
