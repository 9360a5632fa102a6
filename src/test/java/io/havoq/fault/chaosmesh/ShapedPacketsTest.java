package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.POD_0;
import static io.havoq.fault.chaosmesh.Setup.POD_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.environment.Target;
import io.havoq.fault.Aim;
import io.havoq.fault.Support;
import io.havoq.manifest.ManifestDocument;
import io.havoq.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Of which two NetworkChaos Chaos Mesh 2.8.3 would carry out one only. */
class ShapedPacketsTest {
    private static final Target POD_2 = Setup.target("emqx-go-2");

    private static Aim aim(String name, String action, String direction, List<Target> targets, List<Target> peers) {
        return aim(
                name,
                action,
                direction,
                "target: {mode: all, selector: {labelSelectors: {app: other}}}",
                targets,
                peers);
    }

    private static Aim aim(
            String name, String action, String direction, String other, List<Target> targets, List<Target> peers) {
        var section =
                switch (action) {
                    case "loss" -> "loss: {loss: \"20\"}";
                    case "bandwidth" -> "bandwidth: {rate: 1mbps, limit: 20000, buffer: 10000}";
                    default -> "duration: 1m";
                };
        var text = String.join(
                "\n  ",
                "apiVersion: chaos-mesh.org/v1alpha1\nkind: NetworkChaos\nmetadata: {name: " + name + "}\nspec:",
                "action: " + action,
                "mode: all",
                "selector: {labelSelectors: {app: emqx-go}}",
                "direction: " + direction,
                other,
                section);
        return new Aim(Manifests.parse(name + ".yaml", text).get(0).spec(), targets, peers);
    }

    private static Optional<String> refused(Aim... aims) {
        return ShapedPackets.sharedByTwo(List.of(aims)).map(Support.Unsupported::reason);
    }

    @Test
    void twoThatShapeTheSamePacketsAreRefusedWithBothNames() {
        assertThat(refused(
                        aim("one", "loss", "to", List.of(POD_0), List.of(POD_1, POD_2)),
                        aim("other", "bandwidth", "to", List.of(POD_0), List.of(POD_2))))
                .contains("NetworkChaos one and other are both for packets from emqx-go-0 to emqx-go-2, and Chaos Mesh"
                        + " lets only one of two act on a packet");
    }

    @Test
    void theWayBackOfTheOneIsTheWayThereOfTheOther() {
        assertThat(refused(
                        aim("one", "loss", "both", List.of(POD_0), List.of(POD_1)),
                        aim("other", "loss", "to", List.of(POD_1), List.of(POD_0))))
                .get()
                .asString()
                .contains("from emqx-go-1 to emqx-go-0");
        assertThat(refused(
                        aim("one", "loss", "from", List.of(POD_0), List.of(POD_1)),
                        aim("other", "loss", "from", List.of(POD_0), List.of(POD_1))))
                .get()
                .asString()
                .contains("from emqx-go-1 to emqx-go-0");
        assertThat(refused(
                        aim("one", "loss", "from", List.of(POD_0), List.of(POD_1)),
                        aim("other", "loss", "to", List.of(POD_0), List.of(POD_1))))
                .isEmpty();
    }

    @Test
    void thoseOutsideOfTheClusterAreTargetsToo() {
        assertThat(refused(
                        aim("one", "loss", "to", "externalTargets: [10.0.0.1]", List.of(POD_0), List.of()),
                        aim("other", "loss", "to", "externalTargets: [10.0.0.1]", List.of(POD_0), List.of())))
                .get()
                .asString()
                .contains("from emqx-go-0 to 10.0.0.1");
    }

    /** Scenario 06: each node loses what it sends itself. */
    @Test
    void oneForEachSenderIsFine() {
        var targets = List.of(POD_0, POD_1, POD_2);
        var aims = new ArrayList<Aim>();
        for (ManifestDocument document : Manifests.readAll(List.of("chaos/06-network-loss.yaml"))) {
            var source = targets.get(aims.size());
            aims.add(new Aim(
                    document.spec(),
                    List.of(source),
                    targets.stream().filter(one -> !one.equals(source)).toList()));
        }

        assertThat(aims).hasSize(3);
        assertThat(ShapedPackets.sharedByTwo(aims)).isEmpty();
    }

    @Test
    void aPartitionAndWhatHasNoTargetDoNotGetInEachOthersWay() {
        var loss = aim("loss", "loss", "to", List.of(POD_0), List.of(POD_1));

        assertThat(refused(loss, aim("cut", "partition", "to", List.of(POD_0), List.of(POD_1))))
                .isEmpty();
        assertThat(refused(loss, aim("all", "loss", "to", "device: eth0", List.of(POD_0), List.of())))
                .isEmpty();
    }
}
