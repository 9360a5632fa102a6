package io.havoq.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.ledger.Ledger;
import io.havoq.ledger.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DispatcherTest {
    private final Ledger ledger = new Ledger(1, 64);
    private final LoadCounters counters = new LoadCounters();
    private final List<FakePort> ports =
            IntStream.range(0, 4).mapToObj(i -> new FakePort()).toList();
    private final List<LoadPublisher> publishers = IntStream.range(0, 4)
            .mapToObj(
                    i -> new LoadPublisher("t/" + i, ports.get(i), ledger.publisher(i, "p" + i, "t/" + i), 3, counters))
            .toList();

    private Dispatcher dispatcher(String mix) {
        return new Dispatcher(publishers, QosMix.parse(mix), 42);
    }

    @Test
    void everyPublisherHasItsTurn() {
        var dispatcher = dispatcher("0/100/0");

        IntStream.range(0, 8).forEach(i -> assertThat(dispatcher.dispatch(0)).isTrue());

        assertThat(ports).extracting(port -> port.published).containsOnly(2);
    }

    @Test
    void aDisconnectedPublishersTurnGoesToTheNext() {
        ports.get(2).node = Optional.empty();
        var dispatcher = dispatcher("0/100/0");

        IntStream.range(0, 6).forEach(i -> assertThat(dispatcher.dispatch(0)).isTrue());

        assertThat(ports).extracting(port -> port.published).containsExactly(2, 2, 0, 2);
    }

    @Test
    void whatNobodyCanTakeIsWithheldAndNeverQueued() {
        var dispatcher = dispatcher("0/100/0");
        IntStream.range(0, 12).forEach(i -> assertThat(dispatcher.dispatch(0)).isTrue());

        assertThat(dispatcher.dispatch(0)).as("all four have three outstanding").isFalse();
        assertThat(ledger.outstanding()).isEqualTo(12);
        assertThat(counters.snapshot().sent()).isEqualTo(12);

        ports.get(1).answer(Outcome.ACKNOWLEDGED);
        assertThat(dispatcher.dispatch(0)).isTrue();
        assertThat(ports.get(1).published).isEqualTo(4);
    }

    @Test
    void everyHundredMessagesHoldTheSharesExactly() {
        ports.forEach(port -> port.answersAtOnce = true);
        var dispatcher = dispatcher("40/50/10");

        IntStream.range(0, 300).forEach(i -> assertThat(dispatcher.dispatch(0)).isTrue());

        var counts = ledger.judge().byQos();
        assertThat(List.of(
                        counts.get(0).sent(),
                        counts.get(1).sent(),
                        counts.get(2).sent()))
                .containsExactly(120L, 150L, 30L);
    }

    @Test
    void theOutcomeReachesTheLedgerAndMakesRoom() {
        var publisher = publishers.get(0);
        assertThat(publisher.offer(1, 0, 1)).isTrue();
        assertThat(publisher.offer(2, 0, 1)).as("limit of one").isFalse();
        assertThat(publisher.outstanding()).isEqualTo(1);

        ports.get(0).answer(Outcome.REFUSED);

        assertThat(publisher.outstanding()).isZero();
        assertThat(ledger.judge().byQos().get(1).refused()).isEqualTo(1);
        assertThat(counters.snapshot().refused()).isEqualTo(1);
    }
}
