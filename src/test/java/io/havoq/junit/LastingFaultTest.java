package io.havoq.junit;

import static io.havoq.HavoqAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ChaosExperiment;
import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.InconclusiveException;
import io.havoq.Invariant;
import io.havoq.MeasuresThroughput;
import io.havoq.NodeGroup;
import io.havoq.Tolerates;
import io.havoq.Workload;
import io.havoq.junit.ExtensionRun.Seen;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of an experiment whose fault stays in force until it is removed, on a scripted environment. */
class LastingFaultTest {
    private static final String PARTITION = "experiments/partition.yaml";
    private static final String DELAY = "experiments/delay.yaml";
    private static final String DNS = "experiments/dns.yaml";
    private static final String INJECTED_DELAY = "inject emqx-go-0 towards [emqx-go-1, emqx-go-2]";
    private static final String MAX_DURATION = "havoq.local.max-duration";

    @ChaosExperiment(PARTITION)
    static class Partition {
        @Test
        void body() {
            ExtensionRun.note("body");
        }
    }

    @ChaosExperiment(DELAY)
    static class Delay {
        @Test
        void body() {}
    }

    @ChaosExperiment(DNS)
    static class Dns {
        @Test
        void body() {}
    }

    @Test
    void isHeldAfterTheBodyForTheShortenedTimeAndBothAreShown() throws Exception {
        var run = ExtensionRun.withSetting(Partition.class, MAX_DURATION, "300ms");
        assertThat(run.verdicts()).containsExactly("Partition.body=passed");
        assertThat(run.diary())
                .containsSubsequence("inject emqx-go-0 towards [emqx-go-2]", "body", "remove", "recovery");
        var injection = run.experiment().path("injection");
        assertThat(injection.path("manifestDurationMillis").asLong()).isEqualTo(120_000);
        assertThat(injection.path("heldMillis").asLong()).isBetween(300L, 5_000L);
        assertThat(phase(run, "held")).startsWith("in force for ").endsWith("instead of the manifest's 2m");
        assertThat(Files.readString(Path.of(run.results(), "summary.md")))
                .containsPattern("in force: \\d+\\.\\d\\d s \\(manifest 120\\.00 s\\)");
    }

    @Test
    void isNotSaidToHaveBeenInForceOnceItWasSpent() {
        var run = ExtensionRun.withSetting(Partition.class, MAX_DURATION, "300ms", "spent");
        assertThat(phase(run, "held")).startsWith("spent on [emqx-go-0, emqx-go-1] within ");
        assertThat(phase(run, "removed")).endsWith(", on [emqx-go-0, emqx-go-1] it was spent before");
    }

    @Test
    void isHeldForTheSettingsTimeWhereTheManifestSaysNothing() {
        var run = ExtensionRun.withSetting(Delay.class, MAX_DURATION, "300ms");
        assertThat(run.verdicts()).containsExactly("Delay.body=passed");
        var injection = run.experiment().path("injection");
        assertThat(injection.path("manifestDurationMillis").isNull()).isTrue();
        assertThat(injection.path("heldMillis").asLong()).isBetween(300L, 5_000L);
    }

    @Test
    void isNotHeldOnceItWasRemovedOrTheBodyFailed() {
        for (var fixture : List.of(Recovering.class, Failing.class)) {
            var run = ExtensionRun.withSetting(fixture, MAX_DURATION, "10m");
            assertThat(phases(run)).contains("removed").doesNotContain("held");
        }
    }

    @ChaosExperiment(PARTITION)
    static class Recovering {
        @Test
        void body(Experiment experiment) {
            experiment.recover();
        }
    }

    @ChaosExperiment(PARTITION)
    static class Failing {
        @Test
        void body() {
            throw new AssertionError("no");
        }
    }

    @Test
    void isHeldOnceHoweverOftenTheBodyAsks() {
        var run = ExtensionRun.of(Holding.class);
        assertThat(run.verdicts()).containsExactly("Holding.body=passed");
        assertThat(phases(run)).containsOnlyOnce("held");
    }

    @ChaosExperiment(PARTITION)
    static class Holding {
        @Test
        void body(Experiment experiment) {
            experiment.hold();
            experiment.hold();
        }
    }

    @Test
    void aTimeOutOfTheTestEndsTheHolding() {
        var run = ExtensionRun.withSetting(Impatient.class, MAX_DURATION, "10m");
        assertThat(run.verdicts()).containsExactly("Impatient.body=inconclusive");
        assertThat(run.thrown("body()")).hasMessageContaining("held was interrupted");
        assertThat(run.diary()).contains("remove", "drain").noneMatch(entry -> entry.contains("interrupted"));
        assertThat(run.experiment().path("injection").path("heldMillis").asLong())
                .isLessThan(60_000);
    }

    @ChaosExperiment(PARTITION)
    static class Impatient {
        @Test
        @Timeout(value = 300, unit = TimeUnit.MILLISECONDS)
        void body() {}
    }

    @ParameterizedTest
    @ValueSource(strings = {"ends-early", "ends-after-20ms", "cannot-tell-whether-in-force"})
    void whatEndedBeforeItsTimeIsInconclusive(String plot) {
        var run = ExtensionRun.withSetting(Partition.class, MAX_DURATION, "300ms", plot);
        assertThat(run.verdicts()).containsExactly("Partition.body=inconclusive");
        assertThat(run.diary()).contains("remove");
    }

    @Test
    void whatEndedBeforeARecoveryThatTheBodyAskedForIsInconclusiveToo() {
        var run = ExtensionRun.of(Recovering.class, "ends-early");
        assertThat(run.verdicts()).containsExactly("Recovering.body=inconclusive");
        assertThat(run.thrown("body(Experiment)")).hasMessageContaining("though nobody had removed it");
    }

    @Test
    void doubtsOfTheEngineMakeItInconclusiveWithTheirFigures() {
        var run = ExtensionRun.of(Partition.class, "engine-doubts");
        assertThat(run.verdicts()).containsExactly("Partition.body=inconclusive");
        assertThat(run.thrown("body()")).hasMessageContaining("packets left up to 48 ms late, bound 5 ms");
    }

    @Test
    void underDoubtsOnlyWhatTheLedgerEstablishesFails() {
        assertThat(ExtensionRun.of(Partition.class, "engine-doubts", "loses-one")
                        .verdicts())
                .containsExactly("Partition.body=failed");
        assertThat(ExtensionRun.of(Partition.class, "engine-doubts", "never-recovers")
                        .verdicts())
                .containsExactly("Partition.body=inconclusive");
        assertThat(ExtensionRun.of(Failing.class, "engine-doubts").verdicts())
                .containsExactly("Failing.body=inconclusive");
        assertThat(ExtensionRun.of(Failing.class).verdicts()).containsExactly("Failing.body=failed");
    }

    @Test
    void whatTheEngineCountedIsInTheResult() {
        assertThat(ExtensionRun.of(Partition.class)
                        .experiment()
                        .path("injection")
                        .path("figures"))
                .singleElement()
                .satisfies(line -> assertThat(line.asText())
                        .contains("NetworkChaos partition on emqx-go-0, emqx-go-1 towards emqx-go-2", "4711 dropped"));
    }

    @Test
    void clientsMustBeAtTheNodesOfANetworkFaultButNotAtThoseOfADnsFault() {
        assertThat(ExtensionRun.of(Delay.class, "nothing-outstanding").verdicts())
                .containsExactly("Delay.body=inconclusive");
        assertThat(ExtensionRun.of(Dns.class, "nothing-outstanding").verdicts()).containsExactly("Dns.body=passed");
        assertThat(ExtensionRun.of(Dns.class, "no-evidence").verdicts()).containsExactly("Dns.body=inconclusive");
    }

    @Test
    void anOutageWithinTheFaultIsJudgedAgainstTheObjective() {
        var run = ExtensionRun.of(Partition.class, "outage-during-fault");
        assertThat(run.verdicts()).containsExactly("Partition.body=failed");
        assertThat(run.thrown("body()")).hasMessageContaining("MUST availability: nobody was served for 1h from");
        assertThat(run.experiment().path("recovery").path("outages")).hasSize(1);
    }

    @Test
    void anOutageThatLastsUntilTheRemovalShowsNothing() {
        var run = ExtensionRun.of(Partition.class, "outage-until-removal");
        assertThat(run.verdicts()).containsExactly("Partition.body=inconclusive");
        assertThat(run.thrown("body()")).hasMessageContaining("for the last 14s of the fault");
        assertThat(ExtensionRun.of(Partition.class, "short-outage-at-removal").verdicts())
                .containsExactly("Partition.body=passed");
        assertThat(ExtensionRun.of(TolerantPartition.class, "outage-until-removal")
                        .verdicts())
                .containsExactly("TolerantPartition.body=passed");
    }

    @ChaosExperiment(PARTITION)
    @Tolerates(value = Invariant.AVAILABILITY, because = "nobody is to be served")
    static class TolerantPartition {
        @Test
        void body() {}
    }

    @Test
    void onAnOverloadedMachineAMissedRecoveryTimeIsInconclusive() {
        var run = ExtensionRun.of(Partition.class, "never-recovers", "overloaded");
        assertThat(run.verdicts()).containsExactly("Partition.body=inconclusive");
        assertThat(run.thrown("body()")).hasMessageContaining("overloaded").hasMessageContaining("243ms");
        assertThat(ExtensionRun.of(Partition.class, "never-recovers").verdicts())
                .containsExactly("Partition.body=failed");
        assertThat(ExtensionRun.of(Partition.class, "outage-during-fault", "overloaded")
                        .verdicts())
                .containsExactly("Partition.body=inconclusive");
    }

    @Test
    void onAnOverloadedMachineTheLedgerStillCountsAndWhatHoldsStillPasses() {
        assertThat(ExtensionRun.of(Partition.class, "loses-one", "never-recovers", "overloaded")
                        .verdicts())
                .containsExactly("Partition.body=failed");
        assertThat(ExtensionRun.of(Partition.class, "overloaded").verdicts()).containsExactly("Partition.body=passed");
        assertThat(ExtensionRun.withSetting(
                                Partition.class, "havoq.evidence.max-pacer-lag", "1s", "never-recovers", "overloaded")
                        .verdicts())
                .containsExactly("Partition.body=failed");
    }

    @Test
    void theMajorityServesAndTheMinorityRefuses() {
        var run = ExtensionRun.of(Sides.class);
        assertThat(run.verdicts()).containsExactly("Sides.body=passed");
        assertThat(run.diary())
                .containsSubsequence(
                        "serve [emqx-go-0, emqx-go-1]", "refusal [emqx-go-2] within PT10S for PT3S", "remove");
        assertThat(run.summary()).contains("emqx-go-2 of the minority: refused 7 connections");
        assertThat(ExtensionRun.withSettings(
                                Sides.class, Map.of("havoq.assert.bound", "4s", "havoq.assert.refusal-span", "1s"))
                        .diary())
                .contains("refusal [emqx-go-2] within PT4S for PT1S");
        assertThat(ExtensionRun.of(SidesInTime.class).diary()).contains("refusal [emqx-go-2] within PT7S for PT2S");
    }

    @ParameterizedTest
    @ValueSource(strings = {"majority-is-silent", "minority-accepts"})
    void aSideThatDoesNotDoSoFails(String plot) {
        var run = ExtensionRun.of(Sides.class, plot);
        assertThat(run.verdicts()).containsExactly("Sides.body=failed");
        assertThat(run.thrown("body(Cluster)")).hasMessageContaining("of the m");
    }

    @Test
    void aMinorityThatNeverServedShowsNothingByRefusing() {
        var run = ExtensionRun.of(Sides.class, "never-served");
        assertThat(run.verdicts()).containsExactly("Sides.body=inconclusive");
        assertThat(run.thrown("body(Cluster)"))
                .isInstanceOf(InconclusiveException.class)
                .hasMessageContaining("never seen serving");
    }

    @ChaosExperiment(PARTITION)
    static class Sides {
        @Test
        void body(Cluster cluster) {
            assertThat(cluster.majority()).serveClients();
            assertThat(cluster.minority()).refuseClients();
        }
    }

    @ChaosExperiment(PARTITION)
    static class SidesInTime {
        @Test
        void body(Cluster cluster) {
            assertThat(cluster.minority())
                    .within(Duration.ofSeconds(7))
                    .forAtLeast(Duration.ofSeconds(2))
                    .refuseClients();
        }
    }

    @Test
    void aMinorityThatThePartitionKeepsFromAllClientsShowsNothingByRefusing() {
        var run = ExtensionRun.of(SidesApartFromClients.class);
        assertThat(run.verdicts()).containsExactly("SidesApartFromClients.body=inconclusive");
        assertThat(run.thrown("body(Cluster)"))
                .isInstanceOf(InconclusiveException.class)
                .hasMessageContaining("keeps all clients from")
                .hasMessageContaining("give the partition a target");
        assertThat(run.diary()).noneMatch(entry -> entry.startsWith("refusal"));
    }

    @ChaosExperiment("experiments/partition-from-everybody.yaml")
    static class SidesApartFromClients {
        @Test
        void body(Cluster cluster) {
            assertThat(cluster.minority()).refuseClients();
        }
    }

    @Test
    void thereAreSidesOnlyWhileAPartitionIsInForce() {
        for (var fixture : List.of(SidesAfterwards.class, GroupAfterwards.class, SidesOfADelay.class)) {
            var run = ExtensionRun.of(fixture);
            assertThat(run.verdicts()).containsExactly(fixture.getSimpleName() + ".body=inconclusive");
            assertThat(run.seen("body(Experiment, Cluster)")).isEqualTo(Seen.FAILED);
            assertThat(run.diary()).noneMatch(entry -> entry.startsWith("refusal"));
        }
    }

    @ChaosExperiment(PARTITION)
    static class SidesAfterwards {
        @Test
        void body(Experiment experiment, Cluster cluster) {
            experiment.recover();
            assertThat(cluster.minority()).refuseClients();
        }
    }

    @ChaosExperiment(PARTITION)
    static class GroupAfterwards {
        @Test
        void body(Experiment experiment, Cluster cluster) {
            NodeGroup minority = cluster.minority();
            experiment.recover();
            assertThat(minority).refuseClients();
        }
    }

    @ChaosExperiment(DELAY)
    static class SidesOfADelay {
        @Test
        void body(Experiment experiment, Cluster cluster) {
            assertThat(experiment.targets()).hasSize(1);
            assertThat(cluster.minority()).refuseClients();
        }
    }

    @Test
    void nobodySurvivesWhatTouchesEveryNode() {
        var run = ExtensionRun.of(SurvivorsOfAPartition.class);
        assertThat(run.verdicts()).containsExactly("SurvivorsOfAPartition.body=failed");
        assertThat(run.thrown("body(Cluster)")).hasMessageContaining("majority() and minority()");
    }

    @ChaosExperiment(PARTITION)
    static class SurvivorsOfAPartition {
        @Test
        void body(Cluster cluster) {
            assertThat(cluster.survivors()).serveClients();
        }
    }

    @Test
    void whatShouldHoldWarnsAndFailsOnlyWhenStrict() {
        var run = ExtensionRun.of(Slower.class);
        assertThat(run.verdicts()).containsExactly("Slower.body=passed");
        assertThat(run.diary()).containsSubsequence("load", "burst", INJECTED_DELAY, "burst", "body ends");
        assertThat(run.experiment().path("violations")).hasSize(1).first().satisfies(violation -> {
            assertThat(violation.path("level").asText()).isEqualTo("SHOULD");
            assertThat(violation.path("message").asText()).contains("70 % of the normal throughput", "650");
        });
        var strict = ExtensionRun.withSetting(Slower.class, "havoq.strict", "true");
        assertThat(strict.verdicts()).containsExactly("Slower.body=failed");
        assertThat(strict.diary()).contains("body ends");
    }

    @Test
    void aBurstThatCarriesNothingBeforeTheFaultLeavesNothingToCompareWith() {
        var run = ExtensionRun.of(Slower.class, "burst-carries-nothing");
        assertThat(run.verdicts()).containsExactly("Slower.body=inconclusive");
        assertThat(run.diary()).noneMatch(entry -> entry.startsWith("inject"));
    }

    @ChaosExperiment(DELAY)
    @MeasuresThroughput
    static class Slower {
        @Test
        void body(Experiment experiment, Workload workload) {
            experiment.should(
                    "70 % of the normal throughput",
                    () -> assertThat(workload.burst().perSecond())
                            .isGreaterThanOrEqualTo(0.7 * workload.normalBurst().perSecond()));
            experiment.should(
                    "half of it",
                    () -> assertThat(workload.burst().perSecond())
                            .isGreaterThanOrEqualTo(0.5 * workload.normalBurst().perSecond()));
            ExtensionRun.note("body ends");
        }
    }

    @Test
    void whatIsNoAssertionIsNotToldAsAWarning() {
        var run = ExtensionRun.of(BrokenShould.class);
        assertThat(run.verdicts()).containsExactly("BrokenShould.body=inconclusive");
        assertThat(run.thrown("body(Experiment, Workload)")).hasMessageContaining("@MeasuresThroughput");
    }

    @ChaosExperiment(DELAY)
    static class BrokenShould {
        @Test
        void body(Experiment experiment, Workload workload) {
            experiment.should(
                    "a burst", () -> assertThat(workload.burst().perSecond()).isPositive());
        }
    }

    @Test
    void theLatencyUnderTheFaultIsKnownOnceEnoughWasDelivered() {
        assertThat(ExtensionRun.of(Latency.class).verdicts()).containsExactly("Latency.body=passed");
        var early = ExtensionRun.of(EarlyLatency.class);
        assertThat(early.verdicts()).containsExactly("EarlyLatency.body=inconclusive");
        assertThat(early.thrown("body(Workload)")).hasMessageContaining("only 0 messages were delivered");
    }

    @ChaosExperiment(DELAY)
    static class Latency {
        @Test
        void body(Experiment experiment, Workload workload) {
            experiment.recover();
            assertThat(workload.latencyDuring().p99()).isBetween(0.0, 1000.0);
        }
    }

    @ChaosExperiment(DELAY)
    static class EarlyLatency {
        @Test
        void body(Workload workload) {
            assertThat(workload.latencyDuring().p99()).isLessThan(1000);
        }
    }

    private static List<String> phases(ExtensionRun run) {
        return run.experiment().path("phases").findValuesAsText("name");
    }

    private static String phase(ExtensionRun run, String name) {
        for (var phase : run.experiment().path("phases")) {
            if (phase.path("name").asText().equals(name)) {
                return phase.path("detail").asText();
            }
        }
        throw new AssertionError("no phase " + name + " in " + phases(run));
    }
}
