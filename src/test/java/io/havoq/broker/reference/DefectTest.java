package io.havoq.broker.reference;

import static io.havoq.broker.reference.Replica.A;
import static io.havoq.broker.reference.Replica.B;
import static io.havoq.broker.reference.Replica.connect;
import static io.havoq.broker.reference.Replica.deliveries;
import static io.havoq.broker.reference.Replica.publish;
import static io.havoq.broker.reference.Replica.subscribe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class DefectTest {
    /** The payloads that a subscriber with a large window gets of 200 messages, 0 to 199. */
    private static List<Integer> delivered(Defect defect, int qos) {
        var replica = new Replica(defect);
        replica.a(connect(1, "sub", 1000), subscribe(1, "t", 2));
        replica.b(connect(1, "pub"));
        for (var i = 0; i < 200; i++) {
            replica.b(publish(1, i + 1, qos, "t", "" + i));
        }
        return deliveries(replica.take(A, 1)).stream()
                .map(text -> Integer.valueOf(text.substring(text.indexOf(':') + 1)))
                .toList();
    }

    @Test
    void withoutADefectEverythingComesOnceAndInOrder() {
        assertThat(delivered(Defect.NONE, 2)).hasSize(200).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void dropNthLosesOneInFifty() {
        assertThat(delivered(Defect.DROP_NTH, 1)).hasSize(196);
        assertThat(delivered(Defect.DROP_NTH, 0)).hasSize(200);
    }

    @Test
    void duplicateQos2DeliversOneInTwentyTwice() {
        assertThat(delivered(Defect.DUPLICATE_QOS2, 2)).hasSize(210);
        assertThat(delivered(Defect.DUPLICATE_QOS2, 1)).hasSize(200);
    }

    @Test
    void swapNeighboursLosesNothingAndBreaksTheOrder() {
        var got = delivered(Defect.SWAP_NEIGHBOURS, 1);
        assertThat(new HashSet<>(got)).hasSizeBetween(199, 200);
        assertThat(got).isNotEqualTo(new ArrayList<>(got.stream().sorted().toList()));
    }

    @Test
    void forgetSessionsForgetsTheSessionsOfAKilledNodeAtItsRestartAndAtATakeOver() {
        var replica = new Replica(Defect.FORGET_SESSIONS);
        replica.a(connect(1, "one"), connect(2, "two"));
        replica.b(connect(1, "one"));
        assertThat(replica.take(B, 1)).containsExactly(new Outgoing.Connected(false));

        replica.restartA();

        replica.b(connect(2, "two"));
        assertThat(replica.take(B, 2)).containsExactly(new Outgoing.Connected(false));
    }

    @Test
    void forgetRetainedClearsThemWhenANodeRestarts() {
        var replica = new Replica(Defect.FORGET_RETAINED);
        replica.b(connect(1, "pub"), publish(1, 1, 1, true, "r", "kept"), subscribe(1, "r", 1));
        assertThat(deliveries(replica.take(B, 1))).hasSize(1);
        replica.a(new Operation.Hello());
        replica.restartA();

        replica.b(subscribe(1, "r", 1));

        assertThat(deliveries(replica.take(B, 1))).isEmpty();
    }

    @Test
    void minorityAcceptsAcknowledgesAndDeliversAloneAndNothingOfItIsInTheState() {
        var replica = new Replica();
        replica.a(connect(1, "sub"), subscribe(1, "t", 1), connect(2, "pub"));
        var before = replica.bytes();
        var sent = new ArrayList<Outgoing>();
        var alone = new SplitBrain(A, 1, before, (node, boot, connection, packet) -> sent.add(packet), () -> {});

        alone.apply(publish(2, 7, 1, "t", "lost"));
        alone.apply(connect(3, "newcomer"));

        assertThat(sent)
                .contains(new Outgoing.Puback(7, 0), new Outgoing.Connected(false))
                .hasAtLeastOneElementOfType(Outgoing.Deliver.class);
        assertThat(replica.bytes()).isEqualTo(before);
    }

    @Test
    void anUnknownDefectIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> Defect.of("drop"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("drop-nth");
    }
}
