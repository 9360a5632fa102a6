package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_0;
import static io.havoq.fault.chaosmesh.Setup.POD_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.NetworkChaos.Direction;
import io.havoq.manifest.PodChaos;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What looks like a fault and is none: chance, somebody else's packets, what was seen long ago, what happened before it. */
class FalseProofsTest extends InjectedFaults {
    /** So many looks an experiment takes in the time that it waits for a fault to act. */
    private static final int LOOKS = 6;

    private static final Netem.Loss LITTLE = new Netem.Loss(5, 0);

    /** A way to another pod and back; each packet is lost by chance, as netem does it. */
    private static final class Chance implements Shell {
        private final Random random;
        private double lossThere;
        private double lossBack;
        private boolean strangersKeepComing;
        private long echoes = 4711;
        private boolean twice;

        Chance(long seed) {
            this(seed, 0);
        }

        /** That loses a share of the packets already, either way. */
        Chance(long seed, double percent) {
            random = new Random(seed);
            lossThere = percent;
            lossBack = percent;
        }

        @Override
        public synchronized Output run(PodView pod, String container, String script) {
            if (script.contains("/proc/net/snmp")) {
                echoes += strangersKeepComing ? 1 : 0;
                return new Output(true, "Icmp: InMsgs InErrors InEchos\nIcmp: 0 0 " + echoes + "\n");
            }
            var sent = Integer.parseInt(script.replaceAll("(?s).*ping -c (\\d+) .*", "$1"));
            var arrived = through(sent, lossThere);
            var received = through(arrived, lossBack);
            echoes += arrived + (strangersKeepComing ? 4 : 0);
            var text = ScriptedShell.ping(sent, received, "0.3");
            return new Output(true, twice ? text.replace(" received,", " received, +3 duplicates,") : text);
        }

        private int through(int packets, double percent) {
            return (int) IntStream.range(0, packets)
                    .filter(packet -> random.nextDouble() * 100 >= percent)
                    .count();
        }
    }

    private PodView podView() {
        return pods().find("default", "emqx-go-0").orElseThrow();
    }

    private Pods pods() {
        return new Pods(new ClusterApi(cluster.client(), Setup.FAST));
    }

    private NetworkProbe amidOthers(Direction direction, Shell shell, double percent) {
        var end = new OtherEnd.End("emqx-go-1", Recorded.address("emqx-go-1"), 1883, "default");
        var chaos = NetworkChaos.netem(
                "loss", ONE, direction, Optional.of(ONE), Netem.NONE.with(new Netem.Loss(percent, 0)));
        return (NetworkProbe) new NetworkProbe(chaos, pods(), shell, "broker", Optional.of(end)).amidOthers(true);
    }

    /** Whether one of so many looks takes the effect for seen. */
    private boolean seen(NetworkProbe probe) {
        var pod = podView();
        return IntStream.range(0, LOOKS).anyMatch(look -> probe.during(Optional.of(pod)) instanceof Sight.Seen);
    }

    /** The second fault does nothing at all; the first takes some packets of either way. */
    @ParameterizedTest
    @CsvSource({"5,BOTH,5", "5,FROM,20"})
    void aLossyLinkIsHardlyEverTakenForASecondFault(double first, Direction direction, double second) {
        var series = 15;
        var wrong = 0;
        var pod = podView();
        for (var seed = 0; seed < series; seed++) {
            var link = new Chance(seed, first);
            var probe = amidOthers(direction, link, second);
            probe.before(pod);
            wrong += seen(probe) ? 1 : 0;
        }
        assertThat(wrong).as("of %d series", series).isZero();
    }

    @ParameterizedTest
    @CsvSource({"5,50,FROM"})
    void aSecondFaultThatTakesManyIsSeenAmidALossyLink(double first, double second, Direction direction) {
        var series = 5;
        var right = 0;
        var pod = podView();
        for (var seed = 0; seed < series; seed++) {
            var link = new Chance(seed, first);
            var probe = amidOthers(direction, link, second);
            probe.before(pod);
            link.lossThere += direction == Direction.FROM ? 0 : second * (100 - first) / 100;
            link.lossBack += direction == Direction.TO ? 0 : second * (100 - first) / 100;
            right += seen(probe) ? 1 : 0;
        }
        assertThat(right).as("of %d series", series).isEqualTo(series);
    }

    /** Whoever tries whether a pod can be reached pings it. */
    @Test
    void somebodyElsesPingsAreNotWhatArrivedOfOnesOwn() {
        var link = new Chance(1);
        link.lossThere = 30;
        var probe = amidOthers(Direction.FROM, link, 20);
        probe.before(podView());
        link.strangersKeepComing = true;

        assertThat(seen(probe)).isFalse();
    }

    private Injection lossy(Shell shell, Netem what) {
        cluster.statuses(DELAYED);
        var chaos = NetworkChaos.netem("loss", ONE, Direction.TO, Optional.of(ONE), what);
        return new Setup(cluster, shell).engine.inject("exp-1", chaos, List.of(POD_0), List.of(POD_1));
    }

    /** Rules that were flushed: what they did before is not what they do. */
    @Test
    void lossThatWasSeenLongAgoIsDoubtedAtTheRemoval() {
        var link = new Chance(1);
        var injection = lossy(
                (pod, container, script) -> link.run(pod, container, script), Netem.NONE.with(new Netem.Loss(50, 0)));
        link.lossThere = 50;
        awaitActed(injection);
        link.lossThere = 0;

        injection.remove();

        assertThat(injection.doubts()).anyMatch(doubt -> doubt.contains("not any more before the removal"));
    }

    @Test
    void duplicatesThatWereSeenLongAgoAreDoubtedAtTheRemoval() {
        var link = new Chance(1);
        var injection = lossy(link, Netem.NONE.with(new Netem.Duplicate(50, 0)));
        link.twice = true;
        awaitActed(injection);
        link.twice = false;

        injection.remove();

        assertThat(injection.doubts()).anyMatch(doubt -> doubt.contains("not any more before the removal"));
    }

    /** Of a share so small three last looks may well meet nothing: that is no doubt. */
    @Test
    void littleLossThatIsThereToTheEndIsNotDoubted() {
        var passed = new AtomicInteger();
        var harmed = new AtomicBoolean();
        var injection = lossy(
                (pod, container, script) -> {
                    var from = passed.getAndAdd(20);
                    return new Shell.Output(
                            true,
                            ScriptedShell.ping(20, harmed.get() && (from + 20) / 70 > from / 70 ? 19 : 20, "0.3"));
                },
                Netem.NONE.with(LITTLE));
        harmed.set(true);
        awaitActed(injection);
        passed.set(0); // the next that is lost is the 70th, in the fourth look

        injection.remove();

        assertThat(injection.doubts()).isEmpty();
    }

    /** Other faults are prepared meanwhile, and that takes its time: a container that ended by then was not killed. */
    @Test
    void aContainerThatEndedBeforeTheKillIsNotTakenForKilled() {
        refusedAfter(
                new PodChaos(
                        "kill",
                        PodChaos.Action.CONTAINER_KILL,
                        ONE,
                        Duration.ZERO,
                        List.of("broker"),
                        Optional.empty(),
                        false),
                "default/emqx-go-0/broker",
                Recorded.ended("emqx-go-0", "u1", 1, 1, "Error"));
    }

    @Test
    void aPodThatWasReplacedBeforeTheKillIsNotTakenForKilled() {
        refusedAfter(
                new PodChaos("kill", PodChaos.Action.POD_KILL, ONE, Duration.ZERO, List.of(), Optional.empty(), false),
                "default/emqx-go-0",
                Recorded.pod("emqx-go-0", "u9", 0));
    }

    private void refusedAfter(ChaosSpec kill, String record, String podThen) {
        cluster.statuses(Recorded.injected(record));
        var prepared = new Setup(cluster).engine.prepare("exp-1", kill, List.of(POD_0), List.of());
        cluster.pod("emqx-go-0", podThen);

        assertThatThrownBy(() -> {
                    var injection = prepared.inject(List.of());
                    assertThat(injection.acted()).as("it acted").isFalse();
                })
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("emqx-go-0")
                .hasMessageContaining("nothing was injected");
        assertThat(cluster.objects()).isEmpty();
    }
}
