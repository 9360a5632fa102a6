package io.havoq.fault.local.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.local.probe.Reading;
import io.havoq.fault.local.probe.Train;
import io.havoq.fault.local.service.Calls;
import io.havoq.manifest.Bandwidth;
import io.havoq.manifest.Mode;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.NetworkChaos.Direction;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What counts as proof of a network fault, on a network that does what a test says. */
class NetworkFaultTest {
    private static final Selection ALL = new Selection(Selector.inNamespaces("default"), new Mode.All());
    private static final Pair THERE = new Pair("a", "b");
    private static final Pair BACK = new Pair("b", "a");
    private static final Duration LATENCY = Duration.ofMillis(100);
    private static final Duration USUAL = Duration.ofMillis(1);
    private static final Netem.Delay DELAY = Netem.Delay.of(LATENCY);
    private static final int SENT = 20;

    private final Network network = new Network();

    /** Answers for the sandbox; before a rule is in force everything arrives at once. */
    private static final class Network implements Calls {
        private final Map<Pair, PairCounters> counters = new TreeMap<>(java.util.Comparator.comparing(Pair::toString));
        private final List<String> done = new ArrayList<>();
        private Function<Pair, Reading> pings = pair -> reading(pair, SENT, USUAL);
        private Train before = train(SENT, 50_000_000);
        private Train during = train(SENT, 50_000_000);
        private boolean imposed;
        private boolean interrupts;

        @Override
        public synchronized List<String> call(String verb, List<String> arguments) throws IOException {
            return switch (verb) {
                case "network.ping" -> {
                    var pair = new Pair(arguments.get(0), arguments.get(1));
                    yield Wire.of(imposed ? pings.apply(pair) : reading(pair, SENT, USUAL));
                }
                case "network.train" -> Wire.of(imposed ? during : before);
                case "network.mark" -> List.of("1");
                case "network.impose" -> {
                    imposed = true;
                    if (interrupts) {
                        Thread.currentThread().interrupt();
                        throw new IOException("interrupted");
                    }
                    yield List.of();
                }
                case "network.counters" -> Wire.of(counters);
                case "network.lift" -> {
                    done.add(Thread.currentThread().isInterrupted() ? "lifted blindly" : "lifted");
                    yield List.of();
                }
                default -> throw new IOException(verb);
            };
        }
    }

    private static Reading reading(Pair pair, int arrived, Duration p50) {
        return new Reading(
                pair.source(), pair.destination(), SENT, 0, arrived, arrived, SENT - arrived, 0, 0, 0, 0, p50, p50, "");
    }

    private static Train train(int arrived, double rate) {
        return new Train("a", "b", SENT, arrived, rate);
    }

    private static PairCounters counted(long delayed, long lost) {
        var dropped = new EnumMap<PairCounters.Drop, Long>(PairCounters.Drop.class);
        dropped.put(PairCounters.Drop.LOSS, lost);
        return new PairCounters(100, 10_000, delayed, 0, 0, 0, 0, dropped);
    }

    private NetworkFault inject(NetworkChaos spec) {
        var places = Map.of(
                "a", new NetworkControl.Address("10.77.0.10", "a.x"),
                "b", new NetworkControl.Address("10.77.0.11", "b.x"));
        return NetworkFault.inject(
                "fault",
                spec,
                List.of(target("a")),
                List.of(target("b")),
                new NetworkSupport.Available(new NetworkControl(network), places),
                new LatenessBound(Duration.ofMillis(50), 0));
    }

    private NetworkFault inject(Direction direction, Netem netem) {
        return inject(NetworkChaos.netem("fault", ALL, direction, Optional.of(ALL), netem));
    }

    private static Target target(String name) {
        return new Target(
                name, "default", Map.of(), Map.of(), "Running", true, List.of(), "localhost", "uid", 0, Map.of());
    }

    @Test
    void aDelayIsNoProofOfTheLossBesideIt() {
        network.pings = pair -> reading(pair, SENT / 2, LATENCY.plus(USUAL));
        network.counters.put(THERE, counted(100, 0));
        var fault = inject(Direction.TO, Netem.NONE.with(DELAY).with(new Netem.Loss(50, 0)));
        assertThat(fault.acted()).as("the switch counted no loss").isFalse();

        network.pings = pair -> reading(pair, SENT, LATENCY.plus(USUAL));
        network.counters.put(THERE, counted(100, 100));
        network.imposed = false;
        var another = inject(Direction.TO, Netem.NONE.with(DELAY).with(new Netem.Loss(50, 0)));
        assertThat(another.acted()).as("no datagram was lost").isFalse();

        network.pings = pair -> reading(pair, SENT / 2, LATENCY.plus(USUAL));
        assertThat(another.acted()).as("both are seen").isTrue();
    }

    @Test
    void aDelayOfOneWayIsNoProofOfBoth() {
        network.counters.put(THERE, counted(100, 0));
        network.counters.put(BACK, counted(100, 0));
        network.pings = pair -> reading(pair, SENT, LATENCY.plus(USUAL));
        var fault = inject(Direction.BOTH, Netem.NONE.with(DELAY));
        assertThat(fault.acted()).isFalse();

        network.pings = pair -> reading(pair, SENT, LATENCY.multipliedBy(2));
        assertThat(fault.acted()).isTrue();
    }

    @Test
    void everyPairIsCounted() {
        network.counters.put(THERE, counted(100, 0));
        network.pings = pair -> reading(pair, SENT, LATENCY.multipliedBy(2));
        var fault = inject(Direction.BOTH, Netem.NONE.with(DELAY));
        assertThat(fault.acted()).as("nothing counted on the way back").isFalse();

        network.counters.put(BACK, counted(100, 0));
        assertThat(fault.acted()).isTrue();
    }

    @Test
    void oneDatagramThatABusyMachineLosesIsNoProofOfALossOfHalf() {
        network.counters.put(THERE, counted(0, 100));
        network.pings = pair -> reading(pair, SENT - 1, USUAL);
        var fault = inject(Direction.TO, Netem.NONE.with(new Netem.Loss(50, 0)));
        assertThat(fault.acted()).isFalse();

        network.pings = pair -> reading(pair, SENT / 2 + 1, USUAL);
        assertThat(fault.acted()).isTrue();
    }

    @Test
    void aLimitAboveWhatTheMachineCarriesAnywayIsNotSeen() {
        network.counters.put(THERE, counted(100, 0));
        network.before = train(SENT, 900_000);
        network.during = train(SENT, 900_000);
        var spec = NetworkChaos.bandwidth(
                "fault", ALL, Direction.TO, Optional.of(ALL), Bandwidth.of(1_000_000, 20_971_520, 10_000));
        assertThat(inject(spec).acted()).isFalse();

        network.imposed = false;
        network.before = train(SENT, 50_000_000);
        network.during = train(SENT - 1, 40_000_000);
        assertThat(inject(spec).acted()).as("a lost datagram is no limit").isFalse();

        network.imposed = false;
        network.during = train(SENT, 1_000_000);
        assertThat(inject(spec).acted()).isTrue();
    }

    @Test
    void anInterruptedInjectionIsUndoneAllTheSame() {
        network.interrupts = true;
        try {
            assertThatThrownBy(() -> inject(Direction.TO, Netem.NONE.with(DELAY)))
                    .isInstanceOf(FaultException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(network.done).containsExactly("lifted");
    }

    @Test
    void anExternalTargetThatIsNobodyHereIsRefusedThoughOthersAreHit() {
        var spec = new NetworkChaos(
                "fault",
                NetworkChaos.Action.PARTITION,
                ALL,
                Direction.TO,
                Optional.of(ALL),
                List.of("b:1883"),
                Optional.empty(),
                Netem.NONE,
                Optional.empty(),
                Optional.empty());
        assertThatThrownBy(() -> inject(spec))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("'b:1883' is nobody")
                .hasMessageContaining("[a, b]");
    }
}
