package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_0;
import static io.havoq.fault.chaosmesh.Setup.POD_1;
import static io.havoq.fault.chaosmesh.Setup.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.environment.Target;
import io.havoq.fault.Injection;
import io.havoq.fault.PreparedFault;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.NetworkChaos.Direction;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Faults of one experiment that are in force at the same time: none is proven by what another does, and each is missed where it is not. */
class FaultsTogetherTest {
    private static final Target POD_2 = target("emqx-go-2");
    private static final List<String> NAMES = List.of("emqx-go-0", "emqx-go-1", "emqx-go-2");
    private static final Netem LOSS = Netem.NONE.with(new Netem.Loss(20, 25));
    private static final Netem DELAY = Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(100)));

    private final Network network = new Network();
    private ScriptedCluster cluster;
    private ChaosMeshEngine engine;

    /**
     * Three pods on a network of which it is said what leaves which pod in vain or late. Of twenty packets on a lossy way four are lost, exactly: chance
     * is not what these tests are about. Pings are answered as iputils tells it, the kernel's counts as Linux does.
     */
    private static final class Network implements Shell {
        private final Set<String> lossy = new TreeSet<>();
        private final Set<String> slow = new TreeSet<>();
        private boolean counts = true;
        private int echoes;
        /** So many pings are spared for once. */
        private int lucky;

        @Override
        public synchronized Output run(PodView pod, String container, String script) {
            if (script.contains("/proc/net/snmp")) {
                return counts
                        ? new Output(true, "Icmp: InMsgs InErrors InEchos\nIcmp: 0 0 " + echoes + "\n")
                        : new Output(false, "no shell");
            }
            var address = script.replaceAll("(?s).* -s \\d+ (\\S+) 2>&1.*", "$1");
            var sent = Integer.parseInt(script.replaceAll("(?s).*ping -c (\\d+) .*", "$1"));
            var other = NAMES.stream()
                    .filter(name -> Recorded.address(name).equals(address))
                    .findFirst()
                    .orElseThrow();
            var arrived = sent - (lossy.contains(pod.name()) && lucky == 0 ? sent / 5 : 0);
            lucky = Math.max(0, lucky - sent);
            var received = arrived - (lossy.contains(other) ? arrived / 5 : 0);
            echoes += arrived;
            var millis = 0.2 + (slow.contains(pod.name()) ? 100 : 0) + (slow.contains(other) ? 100 : 0);
            return new Output(true, ScriptedShell.ping(sent, received, String.valueOf(millis)));
        }
    }

    @BeforeEach
    void start() throws Exception {
        cluster = new ScriptedCluster();
        NAMES.forEach(name -> cluster.pod(name, Recorded.pod(name, "u-" + name, 0)));
        engine = new Setup(cluster, network).engine;
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private PreparedFault prepared(String id, Netem what, Direction direction, Target source, Target target) {
        var chaos = NetworkChaos.netem("net-" + source.name(), ONE, direction, Optional.of(ONE), what);
        var ready = engine.prepare(id, chaos, List.of(source), List.of(target));
        return earlier -> {
            cluster.statuses(Recorded.status(
                    true,
                    "Run",
                    Recorded.record("default/" + source.name(), ".", "Injected", 1),
                    Recorded.record("default/" + target.name(), ".Target", "Injected", 1)));
            return ready.inject(earlier);
        };
    }

    private static void seen(Injection injection) {
        await("the effect is seen").atMost(5, TimeUnit.SECONDS).until(injection::acted);
    }

    private static void notSeen(Injection injection) {
        stays(() -> !injection.acted());
    }

    private static void notGone(Injection injection) {
        stays(() -> !injection.gone());
    }

    private static void stays(Callable<Boolean> condition) {
        await("it is looked at often enough")
                .during(300, TimeUnit.MILLISECONDS)
                .atMost(5, TimeUnit.SECONDS)
                .until(condition);
    }

    private static Injection inject(PreparedFault fault, Injection... earlier) {
        return fault.inject(List.of(earlier));
    }

    /** Two faults of a kind between the same pods. */
    private record Two(Injection first, Injection second) {}

    /** The first, on what emqx-go-0 sends, does what it is to; the second, injected after that was seen, does nothing so far. */
    private Two twoOf(Netem what, Direction direction, Target source, Target target, Runnable between) {
        var first = prepared("a", what, Direction.TO, POD_0, POD_1);
        var second = prepared("b", what, direction, source, target);
        (what.loss().isPresent() ? network.lossy : network.slow).add("emqx-go-0");
        var one = inject(first);
        seen(one);
        between.run();
        return new Two(one, inject(second, one));
    }

    private Two twoOf(Netem what) {
        return twoOf(what, Direction.TO, POD_1, POD_0, () -> {});
    }

    @Test
    void lossOnTheWayBackIsNotThatOnTheWayThere() {
        var lossOf1 = twoOf(LOSS).second();
        notSeen(lossOf1);

        network.lossy.add("emqx-go-1");
        seen(lossOf1);
        assertThat(lossOf1.effect()).anyMatch(proof -> proof.observation().contains("arrived there"));
    }

    @Test
    void lossFromTheOtherSideIsThatOnTheWayBack() {
        var back = twoOf(LOSS, Direction.FROM, POD_0, POD_1, () -> {}).second();
        notSeen(back);

        network.lossy.add("emqx-go-1");
        seen(back);
    }

    /** Where nobody counts on the other side the difference must be more than chance makes of it. */
    @Test
    void withoutCountsLossIsNotProvenByLessThanChanceMakesOfIt() {
        network.counts = false;
        notSeen(twoOf(LOSS).second());
    }

    /** Of twenty packets on a lossy way none may be lost for once. */
    @Test
    void withoutCountsNoLossBeforeIsNotTakenForAWayWithoutLoss() {
        network.counts = false;
        notSeen(twoOf(LOSS, Direction.TO, POD_1, POD_0, () -> network.lucky = 20)
                .second());
    }

    @Test
    void aDelayOfTheOtherPodIsNotItsOwn() {
        var delayOf1 = twoOf(DELAY).second();
        notSeen(delayOf1);

        network.slow.add("emqx-go-1");
        seen(delayOf1);
        delayOf1.remove();
        assertThat(delayOf1.doubts()).isEmpty();
    }

    /** Removed in reverse, each is looked at for the last time with those in force that were when it was seen first. */
    @Test
    void oneThatVanishedWhileAnotherLastsIsDoubted() {
        var delayOf1 = twoOf(DELAY).second();
        network.slow.add("emqx-go-1");
        seen(delayOf1);

        network.slow.remove("emqx-go-1");
        delayOf1.remove();
        assertThat(delayOf1.doubts()).anyMatch(doubt -> doubt.contains("not any more before the removal"));
    }

    /** What was normal with the first in force is not what is to be back. */
    @Test
    void whatIsLeftIsSeenAgainstWhatWasNormalWithoutAny() {
        var two = twoOf(LOSS);
        var lossOf0 = two.first();
        var lossOf1 = two.second();
        network.lossy.add("emqx-go-1");
        seen(lossOf1);

        lossOf1.remove();
        lossOf0.remove();
        network.lossy.remove("emqx-go-0");
        notGone(lossOf1);
        assertThat(lossOf1.left()).anyMatch(line -> line.contains("emqx-go-1"));

        network.lossy.clear();
        await().atMost(5, TimeUnit.SECONDS).until(() -> lossOf1.gone() && lossOf0.gone());
    }

    /** A container that an earlier fault ended is taken as it is by then. */
    @Test
    void aRestartByAnEarlierFaultIsNotALossOfTheNext() {
        var third = prepared("c", DELAY, Direction.TO, POD_2, POD_0);
        cluster.pod("emqx-go-2", Recorded.pod("emqx-go-2", "u-emqx-go-2", 1));
        network.slow.add("emqx-go-0");
        network.slow.add("emqx-go-2");
        var earlier = inject(prepared("a", DELAY, Direction.TO, POD_0, POD_1));
        network.slow.remove("emqx-go-2");
        var delay = inject(third, earlier);
        network.slow.add("emqx-go-2");
        seen(delay);
        delay.remove();
        assertThat(delay.figures()).noneMatch(line -> line.contains("restarted"));
        assertThat(delay.doubts()).isEmpty();
    }
}
