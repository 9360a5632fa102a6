package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetSelectorTest {
    private static final Selector BROKERS = Selector.inNamespaces("default").withLabels(Map.of("app", "emqx-go"));
    private static final List<Pod> THREE = brokers(3);

    private static Selection one(Selector selector) {
        return new Selection(selector, new Mode.One());
    }

    @Test
    void choosesTheTargetsOfAPartitionBesideItsSources() {
        var document = Manifests.read("chaos/02-network-partition.yaml").get(0);
        var pods = List.of(Pod.ofStatefulSet(2), Pod.ofStatefulSet(0), Pod.ofStatefulSet(1));

        var sources = TargetSelector.select(document, pods, 7);
        var targets = TargetSelector.selectTarget(document, pods, 7, sources).orElseThrow();

        assertThat(sources.targets()).extracting(Pod::name).containsExactly("emqx-go-0", "emqx-go-1");
        assertThat(targets.targets()).extracting(Pod::name).containsExactly("emqx-go-2");
        assertThat(targets.matching()).isEqualTo(1);
    }

    @Test
    void theTargetIsChosenIndependentlyOfTheSourceAndRepeatably() {
        var others = IntStream.range(0, 4)
                .mapToObj(Pod::broker)
                .map(pod -> pod.in("other"))
                .toList();
        var pods = Stream.concat(IntStream.range(0, 4).mapToObj(Pod::broker), others.stream())
                .toList();
        var spec = NetworkChaos.partition(
                "cut", one(BROKERS), NetworkChaos.Direction.BOTH, one(Selector.inNamespaces("other")));

        var pairs = new HashSet<String>();
        for (long seed = 0; seed < 300; seed++) {
            var sources = TargetSelector.select(spec, pods, seed);
            var target = TargetSelector.selectTarget(spec, pods, seed, sources).orElseThrow();
            var shuffled = new ArrayList<>(pods);
            Collections.reverse(shuffled);
            assertThat(TargetSelector.selectTarget(spec, shuffled, seed, sources))
                    .contains(target);
            pairs.add(sources.targets().get(0).name() + " "
                    + target.targets().get(0).name());
        }

        assertThat(pairs).as("pairs drawn of the 4 x 4 possible ones").hasSize(16);
    }

    @Test
    void aFaultWithoutATargetHasNone() {
        var document = Manifests.read("chaos/01-pod-kill.yaml").get(0);

        assertThat(TargetSelector.selectTarget(document, THREE, 1, TargetSelector.select(document, THREE, 1)))
                .isEmpty();
    }

    @Test
    void whoIsSourceAndTargetAtOnceIsRefusedByNameAndLine() {
        // visible only in the pods themselves: the labels differ
        var document = Manifests.parse("both.yaml", """
                apiVersion: chaos-mesh.org/v1alpha1
                kind: NetworkChaos
                metadata:
                  name: cut
                spec:
                  action: partition
                  mode: all
                  selector: {labelSelectors: {app: emqx-go}}
                  target:
                    mode: all
                    selector: {expressionSelectors: [{key: index, operator: In, values: ['1']}]}
                """).get(0);
        var sources = TargetSelector.select(document, THREE, 1);

        assertThatThrownBy(() -> TargetSelector.selectTarget(document, THREE, 1, sources))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("both.yaml:9: spec.target: chose default/emqx-go-1, which is also a source");
    }

    @Test
    void aTargetThatSelectsNothingSaysWhy() {
        var document = Manifests.read("chaos/02-network-partition.yaml").get(0);
        var two = List.of(Pod.ofStatefulSet(0), Pod.ofStatefulSet(1));
        var sources = TargetSelector.select(document, two, 1);

        assertThatThrownBy(() -> TargetSelector.selectTarget(document, two, 1, sources))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("chaos/02-network-partition.yaml:22: spec.target.selector: selects nothing")
                .hasMessageContaining(
                        "excluded by expressionSelectors statefulset.kubernetes.io/pod-name In [emqx-go-2]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            labelSelectors: {app: emqx-go}                                       | 0 1 2
            labelSelectors: {app: emqx-go, index: '1'}                           | 1
            annotationSelectors: {team: mqtt}                                    | 0 1 2 9
            namespaces: [other]                                                  | 9
            namespaces: [default, other]                                         | 0 1 2 3 9
            namespaces: [other], labelSelectors: {app: emqx-go}                  | 9
            expressionSelectors: [{key: index, operator: In, values: ['0','2']}] | 0 2
            expressionSelectors: [{key: index, operator: NotIn, values: ['0']}]  | 1 2 3
            expressionSelectors: [{key: index, operator: Exists}]                | 0 1 2
            expressionSelectors: [{key: index, operator: DoesNotExist}]          | 3
            fieldSelectors: {metadata.name: emqx-go-2}                           | 2
            fieldSelectors: {spec.nodeName: worker-1}                            | 1
            fieldSelectors: {status.phase: Pending}                              | 3
            podPhaseSelectors: [Pending]                                         | 3
            podPhaseSelectors: ['!Pending']                                      | 0 1 2
            podPhaseSelectors: [Running, Pending]                                | 0 1 2 3
            podPhaseSelectors: [Running, '!Running', Pending]                    | 3
            nodes: [worker-0, worker-2]                                          | 0 2
            nodes: [worker-0, worker-2], labelSelectors: {index: '2'}            | 2
            pods: {default: [emqx-go-0], other: [emqx-go-9]}                     | 0 9
            """)
    void everyCriterionGivenMustMatch(String criteria, String expected) {
        // annotations count in the namespace of the manifest only, so 9 is reached by naming it
        var where = criteria.startsWith("annotation") ? "namespaces: [default, other], " + criteria : criteria;
        var document = manifest("mode: all", where);
        var candidates = new ArrayList<>(THREE);
        candidates.add(new Pod(
                "emqx-go-3", "default", Map.of("app", "prometheus"), Map.of(), "Pending", List.of("p"), "worker-3"));
        candidates.add(Pod.broker(9).in("other"));

        assertThat(TargetSelector.select(document, candidates, 1).targets())
                .extracting(pod -> pod.name().substring("emqx-go-".length()))
                .containsExactly(expected.split(" "));
    }

    @ParameterizedTest
    @CsvSource({
        // ceil(count * percent / 100), as pkg/selector/generic/mode.go
        "3,1,1",
        "3,33,1",
        "3,34,2",
        "3,50,2",
        "3,66,2",
        "3,67,3",
        "3,100,3",
        "1,1,1",
        "5,20,1",
        "5,21,2",
        "100,29,29",
        "7,100,7"
    })
    void fixedPercentRoundsUpAsChaosMeshDoes(int pods, int percent, int expected) {
        var spec = PodChaos.podKill("kill", new Selection(BROKERS, new Mode.FixedPercent(percent)));

        assertThat(TargetSelector.select(spec, brokers(pods), 1).targets()).hasSize(expected);
    }

    @Test
    void randomMaxPercentTakesEveryNumberUpToTheRoundedShareAndNeverNone() {
        var spec = PodChaos.podKill("kill", new Selection(BROKERS, new Mode.RandomMaxPercent(50)));
        var sizes = new HashSet<Integer>();
        for (long seed = 0; seed < 200; seed++) {
            sizes.add(TargetSelector.select(spec, brokers(10), seed).targets().size());
        }

        assertThat(sizes).containsExactlyInAnyOrder(1, 2, 3, 4, 5);
    }

    @Test
    void fixedTakesAllWhereFewerMatch() {
        var spec = PodChaos.podKill("kill", new Selection(BROKERS, new Mode.Fixed(5)));

        assertThat(TargetSelector.select(spec, THREE, 1).targets()).hasSize(3);
    }

    @Test
    void theSameSeedGivesTheSameTargetsWhateverTheOrderOfTheCandidates() {
        var spec = PodChaos.podKill("kill", new Selection(BROKERS, new Mode.Fixed(2)));
        var reversed = new ArrayList<>(brokers(6));
        Collections.reverse(reversed);

        for (long seed = 0; seed < 50; seed++) {
            assertThat(TargetSelector.select(spec, reversed, seed))
                    .isEqualTo(TargetSelector.select(spec, brokers(6), seed));
        }
    }

    @Test
    void theChoiceOfASeedIsTheSameInEveryVersion() {
        var spec = PodChaos.podKill("pod-kill", new Selection(BROKERS, new Mode.One()));

        assertThat(LongStream.range(0, 8)
                        .mapToObj(seed -> TargetSelector.select(spec, THREE, seed)
                                .targets()
                                .get(0)
                                .name()))
                .containsExactly(
                        "emqx-go-2",
                        "emqx-go-1",
                        "emqx-go-1",
                        "emqx-go-2",
                        "emqx-go-2",
                        "emqx-go-0",
                        "emqx-go-2",
                        "emqx-go-0");
    }

    @Test
    void everyCandidateIsChosenAboutEquallyOften() {
        var document = ManifestDocument.of(PodChaos.podKill("kill", new Selection(BROKERS, new Mode.One())));

        for (var pod : THREE) {
            assertThat(LongStream.range(0, 3000)
                            .filter(seed -> TargetSelector.select(document, THREE, seed)
                                    .targets()
                                    .contains(pod))
                            .count())
                    .as(pod.name())
                    .isBetween(900L, 1100L);
        }
    }

    @Test
    void manifestsOfOneRunChooseIndependently() {
        var one = PodChaos.podKill("kill-a", new Selection(BROKERS, new Mode.One()));
        var other = PodChaos.podKill("kill-b", new Selection(BROKERS, new Mode.One()));

        assertThat(LongStream.range(0, 100)
                        .filter(seed -> TargetSelector.select(one, THREE, seed)
                                .targets()
                                .equals(TargetSelector.select(other, THREE, seed)
                                        .targets()))
                        .count())
                .isBetween(15L, 55L);
    }

    @Test
    void thePreferredOneIsTakenFirst() {
        var spec = PodChaos.podKill("kill", new Selection(BROKERS, new Mode.One()));

        for (long seed = 0; seed < 20; seed++) {
            var choice =
                    TargetSelector.select(spec, THREE, seed, pod -> pod.name().equals("emqx-go-1"));
            assertThat(choice.targets()).extracting(Pod::name).containsExactly("emqx-go-1");
            assertThat(choice.preferenceMet()).isTrue();
        }
    }

    @Test
    void othersMakeUpTheNumberAndAPreferenceDoesNotChangeIt() {
        var spec = PodChaos.podKill("kill", new Selection(BROKERS, new Mode.Fixed(2)));

        var choice = TargetSelector.select(spec, THREE, 7, pod -> pod.name().equals("emqx-go-2"));

        assertThat(choice.targets()).hasSize(2).extracting(Pod::name).contains("emqx-go-2");
    }

    @Test
    void aPreferenceForWhatTheSelectorExcludesIsNotMetAndSaysSo() {
        var spec = PodChaos.podKill(
                "kill",
                new Selection(Selector.inNamespaces("default").withLabels(Map.of("index", "0")), new Mode.One()));

        var choice = TargetSelector.select(spec, THREE, 1, pod -> pod.name().equals("emqx-go-1"));

        assertThat(choice.preferenceMet()).isFalse();
        assertThat(choice.targets()).extracting(Pod::name).containsExactly("emqx-go-0");
    }

    @Test
    void aSelectorThatMatchesNothingTellsWhatWasThereAndWhatExcludedEach() {
        var document = manifest("mode: one", "labelSelectors: {app: mosquitto}, podPhaseSelectors: [Running]");
        var candidates = List.of(Pod.broker(0), Pod.broker(1).in("mqtt").inPhase("Pending"));

        assertThatThrownBy(() -> TargetSelector.select(document, candidates, 1))
                .isInstanceOf(ManifestException.class)
                .hasMessageStartingWith("pod-kill.yaml:4: spec.selector: selects nothing: 2 candidates, all excluded")
                .hasMessageContaining("havoq.namespace and havoq.selector")
                .hasMessageContaining("default/emqx-go-0 {app=emqx-go, index=0} Running: excluded by"
                        + " labelSelectors app=mosquitto\n")
                .hasMessageContaining("mqtt/emqx-go-1 {app=emqx-go, index=1} Pending: excluded by namespaces [default],"
                        + " labelSelectors app=mosquitto, podPhaseSelectors [Running]");
    }

    @Test
    void noCandidatesAtAllIsSaidPlainly() {
        assertThatThrownBy(() -> TargetSelector.select(manifest("mode: all", "labelSelectors: {a: b}"), List.of(), 1))
                .hasMessageContaining("there are no candidates at all; is the cluster running?");
    }

    @Test
    void aNamedPodThatIsNotThereIsAnError() {
        var document = manifest("mode: all", "pods: {default: [emqx-go-0, emqx-go-7]}");

        assertThatThrownBy(() -> TargetSelector.select(document, THREE, 1))
                .isInstanceOf(ManifestException.class)
                .hasMessageStartingWith(
                        "pod-kill.yaml:4: spec.selector.pods: names what is not there: default/emqx-go-7; the candidates are"
                                + " default/emqx-go-0, default/emqx-go-1, default/emqx-go-2");
    }

    @Test
    void aContainerThatNoSelectedPodHasIsAnError() {
        var document = Manifests.read("chaos/10-container-kill.yaml").get(0);
        var candidates = THREE.stream().map(pod -> pod.withContainers("broker")).toList();

        assertThatThrownBy(() -> TargetSelector.select(document, candidates, 1))
                .isInstanceOf(ManifestException.class)
                .hasMessageStartingWith(
                        "chaos/10-container-kill.yaml:15: spec.containerNames: names 'emqx-go', which no"
                                + " selected pod has; the containers of default/emqx-go-0, default/emqx-go-1, default/emqx-go-2"
                                + " are broker");
    }

    @Test
    void aChosenPodWithoutTheContainerIsAnErrorSinceNothingWouldHappen() {
        var document = Manifests.read("chaos/10-container-kill.yaml").get(0);
        var candidates = List.of(Pod.broker(0), Pod.broker(1).withContainers("other"));

        assertThatThrownBy(() -> TargetSelector.select(
                        document, candidates, 1, pod -> pod.name().endsWith("1")))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("names no container of default/emqx-go-1, which was chosen");
    }

    @Test
    void aSelectorBuiltInCodeThatSelectsByNothingIsRefused() {
        var spec = PodChaos.podKill("kill", new Selection(Selector.inNamespaces(), new Mode.All()));

        assertThatThrownBy(() -> TargetSelector.select(spec, THREE, 1))
                .isInstanceOf(ManifestException.class)
                .hasMessageStartingWith("PodChaos 'kill': spec.selector: is empty and would match every pod");
    }

    @Test
    void aFaultBuiltInCodeIsNamedByKindAndName() {
        var spec = PodChaos.podKill("kill", new Selection(Selector.inNamespaces("none"), new Mode.One()));

        assertThatThrownBy(() -> TargetSelector.select(spec, THREE, 1))
                .hasMessageStartingWith("PodChaos 'kill': spec.selector: selects nothing");
    }

    private static List<Pod> brokers(int count) {
        return IntStream.range(0, count).mapToObj(Pod::broker).toList();
    }

    private static ManifestDocument manifest(String mode, String criteria) {
        return Manifests.parse("pod-kill.yaml", """
                        apiVersion: chaos-mesh.org/v1alpha1
                        kind: PodChaos
                        metadata: {name: pod-kill}
                        spec: {action: pod-kill, %s, selector: {%s}}
                        """.formatted(mode, criteria)).get(0);
    }
}
