package io.havoq.fault.local.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImpairmentTest {
    static List<Impairment> everyKind() {
        return List.of(
                new Impairment.Partition(),
                new Impairment.Loss(20, 25.5),
                new Impairment.Duplicate(1e-3, 0),
                new Impairment.Corrupt(100, 100),
                new Impairment.Delay(Duration.ofNanos(100_000_001), Duration.ofMillis(10), 12.5, 25, 50, 5),
                new Impairment.Shape(131_072, 20_971_520, 10_000));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void isReadBackAsItWasWritten(Impairment impairment) {
        assertThat(Impairment.parse(impairment.fields())).isEqualTo(impairment);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "los,1,2",
                "loss,1",
                "loss,1,2,3",
                "loss,x,2",
                "loss,101,0",
                "loss,NaN,0",
                "loss,-1,0",
                "delay,1,PT0S,0,0,0,0",
                "delay,PT-1S,PT0S,0,0,0,0",
                "delay,PT1S,PT0S,0,0,0,-1",
                "shape,0,1,1",
                "shape,Infinity,1,1"
            })
    void refusesWhatIsNoImpairmentAndQuotesIt(String line) {
        var fields = List.of(line.split(",", -1));
        assertThatThrownBy(() -> Impairment.parse(fields))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(fields.toString());
    }

    @Test
    void countersAreReadBackAsTheyWereWritten() {
        var counters =
                new PairCounters(1, 2, 3, 4, 5, 6, 7, Map.of(PairCounters.Drop.LOSS, 8L, PairCounters.Drop.CUT, 9L));
        var read = PairCounters.parse(counters.fields());
        assertThat(read.fields()).isEqualTo(counters.fields());
        assertThat(read.dropped(PairCounters.Drop.LOSS)).isEqualTo(8);
        assertThat(read.droppedInAll()).isEqualTo(17);
        assertThat(read.since(counters).droppedInAll()).isZero();
        assertThat(read.since(counters).queued()).isEqualTo(7);
        assertThatThrownBy(() -> PairCounters.parse(List.of("1"))).isInstanceOf(IllegalArgumentException.class);
    }
}
