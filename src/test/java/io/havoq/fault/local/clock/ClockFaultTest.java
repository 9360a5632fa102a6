package io.havoq.fault.local.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Proof;
import io.havoq.manifest.Mode;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.manifest.TimeChaos;
import io.havoq.manifest.TimeChaos.ClockId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What counts as proof, with a sandbox that does what it is told. */
class ClockFaultTest {
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
    private static final Selection ANY = new Selection(
            new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()), new Mode.One());
    private static final Target NODE = new Target(
            "node", "default", Map.of(), Map.of(), "Running", true, List.of("emqx-go"), "localhost", "1", 0, Map.of());

    private final List<String> asked = new ArrayList<>();
    private boolean imposed;
    private boolean shifted = true;
    private Duration told = Duration.ZERO;
    private boolean tells = true;
    private boolean whenAsked = true;
    private Instant lastWord = Instant.EPOCH;

    private List<String> sandbox(String verb, List<String> arguments) throws IOException {
        asked.add(verb);
        switch (verb) {
            case "clock.impose" -> imposed = true;
            case "clock.lift" -> imposed = false;
            case "clock.state" -> {
                return imposed ? List.of("node", "42", "2", shifted ? "2" : "1") : List.of();
            }
            default -> throw new IOException("not asked for here: " + verb + arguments);
        }
        return List.of();
    }

    private Optional<ClockReading> clock(String node) {
        var at = whenAsked ? Instant.now() : lastWord;
        return tells
                ? Optional.of(ClockReading.of(
                        at.plus(told), Duration.ofMillis(1), at.minusMillis(20), at, "test of " + node, whenAsked))
                : Optional.empty();
    }

    private final ClockControl control = new ClockControl(this::sandbox);

    private ClockFault inject(ClockId... clocks) {
        var spec = new TimeChaos("skew", ANY, List.of("emqx-go"), FIVE_MINUTES, List.of(clocks), Optional.empty());
        return ClockFault.inject("id", spec, List.of(NODE), new ClockSupport.Available(control, this::clock));
    }

    @Test
    void actsWhenTheNodeItselfTellsTheShiftedTime() {
        var fault = inject(ClockId.CLOCK_REALTIME);
        assertThat(fault.acted()).isFalse();
        assertThat(fault.effect()).extracting(Proof::independent).containsExactly(false);

        told = FIVE_MINUTES;
        assertThat(fault.acted()).isTrue();
        assertThat(fault.effect())
                .filteredOn(Proof::independent)
                .singleElement()
                .satisfies(proof -> assertThat(proof.observation())
                        .contains("its own clock (test of node) is ahead of this machine's by +300.0"));
        assertThat(fault.inForce()).isTrue();
        assertThat(fault.gone()).isFalse();
    }

    @Test
    void theEnginesWordAloneProvesNothing() {
        tells = false;
        var fault = inject(ClockId.CLOCK_REALTIME);
        assertThat(fault.acted()).isFalse();
        fault.remove();
        assertThat(fault.figures()).containsExactly("node: tells no time of its own");
        assertThat(fault.gone()).isTrue();
    }

    @Test
    void theNodesWordWithoutTheEnginesProvesNothing() {
        shifted = false;
        var fault = inject(ClockId.CLOCK_REALTIME);
        told = FIVE_MINUTES;
        assertThat(fault.acted()).isFalse();
    }

    @Test
    void aClockThatNobodyTellsIsNotProven() {
        var fault = inject(ClockId.CLOCK_MONOTONIC);
        told = FIVE_MINUTES;
        assertThat(fault.acted()).isFalse();
    }

    @Test
    void isNotGoneUntilTheNodeTellsTheRightTime() {
        var fault = inject(ClockId.CLOCK_REALTIME);
        told = FIVE_MINUTES;
        fault.remove();
        assertThat(fault.gone()).isFalse();
        told = Duration.ZERO;
        assertThat(fault.gone()).isTrue();
        tells = false;
        assertThat(fault.gone())
                .as("a node that was asked before and does not answer now")
                .isFalse();
    }

    @Test
    void whatWasSaidBeforeTheInjectionIsNoProof() {
        whenAsked = false;
        lastWord = Instant.now().minusSeconds(60);
        var fault = inject(ClockId.CLOCK_REALTIME);
        told = FIVE_MINUTES;
        assertThat(fault.acted()).isFalse();
        lastWord = Instant.now().plusMillis(1);
        assertThat(fault.acted()).isTrue();
        await("that was in the past").until(() -> Instant.now().isAfter(lastWord));
        fault.remove();
        assertThat(fault.gone()).as("it has not said anything since").isTrue();
    }

    @Test
    void whatWasSaidUnderAnEarlierFaultIsNotHowItWasBefore() {
        whenAsked = false;
        lastWord = Instant.now();
        var first = inject(ClockId.CLOCK_REALTIME);
        told = FIVE_MINUTES;
        lastWord = Instant.now().plusMillis(1);
        assertThat(first.acted()).isTrue();
        await("that was in the past").until(() -> Instant.now().isAfter(lastWord));
        first.remove();

        var second = inject(ClockId.CLOCK_REALTIME);
        assertThat(second.acted()).as("it has not said anything since").isFalse();
        lastWord = Instant.now().plusMillis(1);
        assertThat(second.acted()).isTrue();
        await("that was in the past").until(() -> Instant.now().isAfter(lastWord));
        second.remove();

        told = Duration.ZERO;
        lastWord = Instant.now().plusMillis(1);
        await("that was in the past").until(() -> Instant.now().isAfter(lastWord));
        var third = inject(ClockId.CLOCK_REALTIME);
        lastWord = Instant.now().plusMillis(1);
        assertThat(third.acted()).as("a clock that was not shifted").isFalse();
    }

    @Test
    void aContainerThatIsNotThereIsRefused() {
        var spec = new TimeChaos(
                "skew", ANY, List.of("sidecar"), FIVE_MINUTES, TimeChaos.DEFAULT_CLOCKS, Optional.empty());
        var support = new ClockSupport.Available(new ClockControl(this::sandbox), this::clock);
        assertThatThrownBy(() -> ClockFault.inject("id", spec, List.of(NODE), support))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("sidecar");
        assertThat(asked).isEmpty();
    }

    @Test
    void whatFailsIsLiftedAgain() {
        var support = new ClockSupport.Available(
                new ClockControl((verb, arguments) -> {
                    asked.add(verb);
                    if (verb.equals("clock.impose")) {
                        throw new IOException("cannot be written");
                    }
                    return List.of();
                }),
                this::clock);
        var spec = new TimeChaos("skew", ANY, List.of(), FIVE_MINUTES, TimeChaos.DEFAULT_CLOCKS, Optional.empty());
        assertThatThrownBy(() -> ClockFault.inject("id", spec, List.of(NODE), support))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("cannot be written");
        assertThat(asked).containsExactly("clock.impose", "clock.lift");
    }
}
