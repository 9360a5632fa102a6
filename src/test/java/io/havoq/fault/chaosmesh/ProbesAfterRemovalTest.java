package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.havoq.environment.Target;
import io.havoq.manifest.Bandwidth;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.MemorySize;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.StressChaos;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What probes take for left of a fault that was removed: what shows itself, and neither a peer that is silent for reasons of its own nor what
 * happened before; and what they take for gone.
 */
class ProbesAfterRemovalTest {
    private static final String PEER = Recorded.pod("emqx-go-1", "u2", 0);
    private static final String CONNECTS = "havoq tcp 10.00 10.00 ok\nhavoq tcp 10.00 10.01 ok\n";
    private static final String FAILS_TO_CONNECT = "havoq tcp 10.00 13.00 fail\nhavoq tcp 13.00 16.00 fail\n";

    private ScriptedCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new ScriptedCluster();
        cluster.pod("emqx-go-1", PEER);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static PodView pod() {
        try {
            return PodView.of(new ObjectMapper().readTree(Recorded.pod("emqx-go-0", "u1", 0)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private EffectProbe probe(ChaosSpec spec, Shell shell, Target... peers) {
        var api = new ClusterApi(cluster.client(), Setup.FAST);
        var probe = new ProbeChoice(api, new Pods(api), shell).choose(spec, pod(), List.of(peers));
        probe.before(pod());
        return probe;
    }

    private EffectProbe partition(String... answers) {
        return probe(
                NetworkChaos.partition("cut", ONE, NetworkChaos.Direction.BOTH, ONE),
                ScriptedShell.writing(answers),
                POD_1);
    }

    private EffectProbe netem(Netem netem, String... answers) {
        return probe(
                NetworkChaos.netem("net", ONE, NetworkChaos.Direction.TO, Optional.of(ONE), netem),
                ScriptedShell.writing(answers),
                POD_1);
    }

    private static void gone(EffectProbe probe) {
        assertThat(probe.after(Optional.of(pod()))).isInstanceOf(Sight.Seen.class);
    }

    /** Neither gone nor left: the sight says what stands in the way. */
    private static void untold(EffectProbe probe, String why) {
        var sight = probe.after(Optional.of(pod()));
        assertThat(sight).isInstanceOf(Sight.NotYet.class);
        assertThat(sight.text()).contains(why);
        assertThat(probe.leftover(pod())).isEmpty();
    }

    private static void left(EffectProbe probe, String what) {
        assertThat(probe.after(Optional.of(pod()))).isInstanceOf(Sight.NotYet.class);
        assertThat(probe.leftover(pod()))
                .hasValueSatisfying(seen -> assertThat(seen).contains(what));
    }

    private static String ping(int sent, int received, String millis) {
        return ScriptedShell.ping(sent, received, millis);
    }

    /** Of 5 % that are still lost 20 round trips show none in one of three looks. */
    @Test
    void aSmallShareIsLookedForInMoreRoundTrips() {
        var small = ScriptedShell.writing(ScriptedShell.ping(20, 20, "0.2"), ScriptedShell.ping(40, 39, "0.2"));
        left(lossOf(5, small), "39 of 40");
        assertThat(small.scripts()).last().asString().contains("ping -c 40 ");

        var large = ScriptedShell.writing(ScriptedShell.ping(20, 20, "0.2"));
        gone(lossOf(20, large));
        assertThat(large.scripts()).last().asString().contains("ping -c 20 ");
    }

    private EffectProbe lossOf(double percent, Shell shell) {
        return probe(
                NetworkChaos.netem(
                        "net",
                        ONE,
                        NetworkChaos.Direction.TO,
                        Optional.of(ONE),
                        Netem.NONE.with(new Netem.Loss(percent, 0))),
                shell,
                POD_1);
    }

    /** The kernel of the other pod answers pings, whatever its process does. */
    @Test
    void aPeerThatRunsAndDoesNotAnswerAPingIsStillCutOff() {
        left(partition(ping(5, 5, "0.2"), ping(5, 0, "0")), "0 of 5 pings answered");
    }

    @Test
    void ofAPeerThatDoesNotRunNobodyCanTellWhetherItIsStillCutOff() {
        cluster.pod("emqx-go-1", PEER, Recorded.pod("emqx-go-1", "u2", "Failed", "broker:1"));
        untold(partition(ping(5, 5, "0.2"), ping(5, 0, "0")), "emqx-go-1 itself does not run");
    }

    @Test
    void ofAPeerThatIsGoneNobodyCanTellWhetherItIsStillCutOff() {
        cluster.pod("emqx-go-1", PEER, "");
        untold(partition(ping(5, 5, "0.2"), ping(5, 0, "0")), "emqx-go-1 is not there");
    }

    /** A connection is accepted by a process, which may be what failed. */
    @Test
    void connectionsThatFailDoNotTellThePartitionFromADeadPeer() {
        untold(partition(CONNECTS, FAILS_TO_CONNECT), "cannot be told from a peer that does not accept any");
    }

    @Test
    void aPeerThatCameBackAtAnotherAddressIsAskedThere() {
        cluster.pod("emqx-go-1", PEER, PEER.replaceAll("\"podIP\":\"[0-9.]+\"", "\"podIP\":\"10.1.0.250\""));
        var shell = ScriptedShell.writing(ping(5, 5, "0.2"), ping(5, 5, "0.2"));
        var probe = probe(NetworkChaos.partition("cut", ONE, NetworkChaos.Direction.BOTH, ONE), shell, POD_1);

        gone(probe);
        assertThat(shell.scripts()).last().asString().contains("10.1.0.250");
    }

    /** A delay drops nothing. */
    @Test
    void aPeerThatDoesNotAnswerAtAllShowsNoDelay() {
        untold(
                netem(Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(200))), ping(5, 5, "0.2"), ping(5, 0, "0")),
                "0 of 5 pings answered");
    }

    @Test
    void answersThatAreStillLateShowTheDelay() {
        left(
                netem(Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(200))), ping(5, 5, "0.2"), ping(5, 5, "200.3")),
                "median 200.3 ms");
    }

    /** Some of the pings come through a loss in any case. */
    @Test
    void lossThatIsLeftIsNotTakenForGone() {
        left(
                netem(Netem.NONE.with(new Netem.Loss(25, 0)), ping(5, 5, "0.2"), ping(20, 15, "0.2")),
                "15 of 20 pings answered");
    }

    @Test
    void whatWasLostUnderTheFaultIsNotLeftOfIt() {
        var probe = netem(
                Netem.NONE.with(new Netem.Loss(25, 0)), ping(5, 5, "0.2"), ping(20, 10, "0.2"), ping(20, 20, "0.2"));
        assertThat(probe.during(Optional.of(pod()))).isInstanceOf(Sight.Seen.class);

        gone(probe);
        assertThat(probe.leftover(pod())).isEmpty();
    }

    @Test
    void connectionsThatFailShowNoLoss() {
        untold(netem(Netem.NONE.with(new Netem.Loss(25, 0)), CONNECTS, FAILS_TO_CONNECT), "0 of 2 connections");
    }

    @Test
    void duplicatesThatAreLeftAreNotTakenForGone() {
        left(
                netem(
                        Netem.NONE.with(new Netem.Duplicate(30, 0)),
                        ping(5, 5, "0.2"),
                        ping(20, 20, "0.2").replace("received,", "received, 7 duplicates,")),
                "7 twice");
    }

    /** Its buffer takes half of what is sent at once: 20 kB at 128 kB/s are 156 ms. */
    @Test
    void aRateThatIsLeftIsNotTakenForGoneForItsBuffer() {
        var slow = NetworkChaos.bandwidth(
                "slow", ONE, NetworkChaos.Direction.TO, Optional.of(ONE), Bandwidth.of(128_000, 20_971_520, 40_000));
        left(probe(slow, ScriptedShell.writing(ping(5, 5, "0.9"), ping(5, 5, "156.0")), POD_1), "median 156.0 ms");
    }

    private EffectProbe processor(String... answers) {
        return probe(StressChaos.cpu("cpu", ONE, 1, 80), ScriptedShell.writing(answers));
    }

    private static String busy(double processors, int stressors) {
        return group((long) (processors * 2e6), 100, 0, stressors);
    }

    private static String group(long cpu, long memory, int kills, int stressors) {
        return "havoq1 at 10.0\nhavoq1 usage_usec 0\nhavoq1 memory " + memory * 1024 * 1024 + "\nhavoq1 oom_kill "
                + kills + "\nhavoq1 stressors " + stressors + "\nhavoq2 at 12.0\nhavoq2 usage_usec " + cpu
                + "\nhavoq2 memory " + memory * 1024 * 1024 + "\nhavoq2 oom_kill " + kills + "\nhavoq2 stressors "
                + stressors + "\n";
    }

    @Test
    void aStressorThatStillRunsIsLeft() {
        var probe = processor(busy(0.1, 0), busy(0.9, 2), busy(0.9, 2));
        assertThat(probe.during(Optional.of(pod()))).isInstanceOf(Sight.Seen.class);

        left(probe, "2 stressors");
    }

    /** It may wait for its share of the processors. */
    @Test
    void aStressorThatStillRunsIsLeftThoughItUsesLittle() {
        left(processor(busy(0.1, 0), busy(0.1, 2)), "2 stressors");
    }

    @Test
    void aBrokerThatIsBusyItselfIsNothingLeftOnceNoStressorRuns() {
        var probe = processor(busy(0.1, 0), busy(0.9, 2), busy(0.9, 0));
        assertThat(probe.during(Optional.of(pod()))).isInstanceOf(Sight.Seen.class);

        gone(probe);
    }

    @Test
    void whereNoStressorWasEverSeenNobodyCanTellItFromABusyBroker() {
        var probe = processor(busy(0.1, 0), busy(0.9, 0), busy(0.9, 0));
        assertThat(probe.during(Optional.of(pod()))).isInstanceOf(Sight.Seen.class);

        untold(probe, "0.90 processors");
    }

    @Test
    void anEndForWantOfMemoryUnderTheStressIsNothingLeftOfIt() {
        var probe = probe(
                StressChaos.memory("memory", ONE, MemorySize.parse("256MiB"), 0),
                ScriptedShell.writing(group(0, 100, 0, 0), group(0, 100, 1, 0), group(0, 300, 1, 0)));
        assertThat(probe.during(Optional.of(pod()))).isInstanceOf(Sight.Seen.class);

        untold(probe, "300 MiB used");
    }

    private EffectProbe file(String... answers) {
        return probe(IoChaos.fault("io", ONE, "/data", List.of(), 5), ScriptedShell.writing(answers));
    }

    private static String turns(int failed, String error) {
        return "havoq io 20 " + failed + " 10.00 10.04\nerror: " + error + "\nfile: /data/log\n";
    }

    /** A broker removes files that it does not need any more. */
    @Test
    void aFileThatIsNoLongerThereHasNotMetTheFault() {
        var probe = file(turns(0, ""), turns(20, "head: cannot open '/data/log': No such file or directory"));

        assertThat(probe.during(Optional.of(pod()))).isInstanceOf(Sight.NotYet.class);
    }

    @Test
    void aFileThatIsNoLongerThereIsNothingLeftOfTheFault() {
        gone(file(turns(0, ""), turns(20, "head: cannot open '/data/log': No such file or directory"), turns(0, "")));
    }

    @Test
    void theErrorThatTheFaultGivesIsLeftOfIt() {
        left(file(turns(0, ""), turns(20, "head: error reading '/data/log': Input/output error")), "20 of 20 failed");
    }

    @Test
    void aVolumeThatIsOnlySlowerIsNotShownToBeUnderItsLatencyStill() {
        var latency = new IoChaos(
                "io",
                new IoChaos.Effect.Latency(Duration.ofMillis(100)),
                ONE,
                List.of(),
                "/data",
                Optional.empty(),
                List.of("read"),
                100,
                Optional.empty());
        untold(
                probe(latency, ScriptedShell.writing(turns(0, ""), "havoq io 20 0 10.00 10.80\nerror: \n")),
                "40.0 ms each");
        left(
                probe(latency, ScriptedShell.writing(turns(0, ""), "havoq io 20 0 10.00 12.20\nerror: \n")),
                "110.0 ms each");
    }
}
