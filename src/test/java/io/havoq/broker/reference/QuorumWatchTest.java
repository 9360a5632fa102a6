package io.havoq.broker.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class QuorumWatchTest {
    private static final long LIMIT = 2500;
    private static final long ROUND = 200;

    private final Contacts contacts = new Contacts(List.of("b", "c"), 0);
    private final QuorumWatch watch = new QuorumWatch(LIMIT, ROUND, 0);

    private void rounds(long from, long to) {
        for (var now = from; now <= to; now += 50) {
            watch.round(contacts.majority(now), now);
        }
    }

    @Test
    void aNodeThatHearsNobodyHasLostTheQuorumAfterTheLimit() {
        rounds(50, LIMIT - 50);
        assertThat(watch.lost()).isFalse();

        rounds(LIMIT, LIMIT);
        assertThat(watch.lost()).isTrue();
    }

    @Test
    void oneOfTwoPeersIsEnough() {
        for (var now = 0L; now < 10_000; now += 1000) {
            contacts.heard("c", now);
            rounds(now + 50, now + 1000);
        }
        assertThat(watch.lost()).isFalse();
    }

    @Test
    void ofFourPeersTwoMustBeHeardOf() {
        var five = new Contacts(List.of("b", "c", "d", "e"), 0);
        five.heard("b", 900);
        five.heard("c", 500);
        five.heard("d", 300);

        assertThat(five.majority(1000)).isEqualTo(500);
    }

    @Test
    void anEarlierTimeDoesNotReplaceALaterOne() {
        contacts.heard("b", 900);
        contacts.heard("b", 400);

        assertThat(contacts.majority(1000)).isEqualTo(900);
    }

    @Test
    void timeInWhichTheNodeItselfStoodStillDoesNotCount() {
        contacts.heard("b", 40);
        rounds(50, 100);

        watch.round(contacts.majority(60_000), 60_000);

        assertThat(watch.unheard()).isEqualTo(50 + ROUND);
        assertThat(watch.lost()).isFalse();
    }

    @Test
    void theQuorumIsBackWithTheFirstAnswer() {
        rounds(50, 5000);
        assertThat(watch.lost()).isTrue();

        contacts.heard("b", 5010);
        rounds(5050, 5050);

        assertThat(watch.lost()).isFalse();
    }

    @Test
    void aClusterOfOneIsItsOwnMajority() {
        var alone = new Contacts(List.of(), 0);

        assertThat(alone.majority(70)).isEqualTo(70);
    }
}
