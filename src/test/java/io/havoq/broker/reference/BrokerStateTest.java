package io.havoq.broker.reference;

import static io.havoq.broker.reference.Replica.A;
import static io.havoq.broker.reference.Replica.B;
import static io.havoq.broker.reference.Replica.connect;
import static io.havoq.broker.reference.Replica.deliveries;
import static io.havoq.broker.reference.Replica.publish;
import static io.havoq.broker.reference.Replica.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BrokerStateTest {
    private final Replica replica = new Replica();

    private void subscriberAndPublisher(int receiveMaximum) {
        replica.a(connect(1, "sub", receiveMaximum), subscribe(1, "t/#", 2));
        replica.b(connect(1, "pub"));
        replica.sent.clear();
    }

    @Test
    void aPublishReachesTheSubscriberAtTheLesserQosAndIsAcknowledged() {
        replica.a(connect(1, "sub"), subscribe(1, "t/#", 1));
        replica.b(connect(1, "pub"), publish(1, 7, 2, "t/x", "m"));

        assertThat(replica.sent).anySatisfy(one -> assertThat(one.packet()).isEqualTo(new Outgoing.Pubrec(7, 0)));
        var delivery = (Outgoing.Deliver) replica.take(A, 1).stream()
                .filter(Outgoing.Deliver.class::isInstance)
                .findFirst()
                .orElseThrow();
        assertThat(delivery.qos()).isEqualTo(1);
    }

    @Test
    void aQos2PublishIsRoutedOnceHoweverOftenItComes() {
        subscriberAndPublisher(10);
        replica.b(publish(1, 7, 2, "t", "m"), publish(1, 7, 2, "t", "m"));
        // Node b dies after PUBREC; the client goes to node a and sends the packet again, then its PUBREL twice.
        replica.a(connect(2, "pub"), publish(2, 7, 2, "t", "m"));
        assertThat(deliveries(replica.take(A, 1))).containsExactly("1:m");

        replica.a(new Operation.Pubrel(2, 7), new Operation.Pubrel(2, 7), publish(2, 7, 2, "t", "next"));

        assertThat(replica.sent.stream().map(Replica.Sent::packet))
                .contains(new Outgoing.Pubcomp(7, 0), new Outgoing.Pubcomp(7, 0x92));
        assertThat(deliveries(replica.take(A, 1))).containsExactly("2:next");
    }

    @Test
    void theWindowIsTheClientsReceiveMaximumAndMovesWithItsAcknowledgements() {
        subscriberAndPublisher(2);
        for (var i = 1; i <= 4; i++) {
            replica.b(publish(1, i, 1, "t", "m" + i));
        }
        assertThat(deliveries(replica.take(A, 1))).containsExactly("1:m1", "2:m2");

        replica.a(new Operation.Puback(1, 1));
        assertThat(deliveries(replica.take(A, 1))).containsExactly("3:m3");

        replica.a(new Operation.Puback(1, 1), new Operation.Puback(1, 9));
        assertThat(replica.take(A, 1)).isEmpty();
    }

    @Test
    void aTakeOverResendsWhatIsInFlightInOrderWithTheSamePacketIds() {
        subscriberAndPublisher(3);
        for (var i = 1; i <= 4; i++) {
            replica.b(publish(1, i, 2, "t", "m" + i));
        }
        replica.a(new Operation.Pubrec(1, 1));
        replica.sent.clear();

        replica.b(connect(2, "sub", 3));

        assertThat(replica.sent.get(0)).isEqualTo(new Replica.Sent(A, 1, new Outgoing.Closed(true)));
        var packets = replica.take(B, 2);
        assertThat(packets.get(0)).isEqualTo(new Outgoing.Connected(true));
        assertThat(packets.get(1)).isEqualTo(new Outgoing.Pubrel(1));
        assertThat(deliveries(packets)).containsExactly("!2:m2", "!3:m3");

        replica.b(new Operation.Pubcomp(2, 1));
        assertThat(deliveries(replica.take(B, 2))).containsExactly("4:m4");
    }

    @Test
    void aSmallerWindowAfterATakeOverIsRespected() {
        subscriberAndPublisher(3);
        for (var i = 1; i <= 3; i++) {
            replica.b(publish(1, i, 1, "t", "m" + i));
        }
        replica.b(connect(2, "sub", 1));
        assertThat(deliveries(replica.take(B, 2))).containsExactly("!1:m1");

        replica.b(new Operation.Puback(2, 1));
        assertThat(deliveries(replica.take(B, 2))).containsExactly("!2:m2");
    }

    @Test
    void operationsOfAConnectionThatLostItsSessionNeverHappened() {
        subscriberAndPublisher(10);
        replica.a(connect(2, "pub"));
        replica.sent.clear();

        replica.b(publish(1, 1, 1, "t", "late"));

        assertThat(replica.sent).isEmpty();
    }

    @Test
    void repeatedBatchesAreSkippedAndGapsAndOldBootsRejected() {
        subscriberAndPublisher(10);
        replica.b(publish(1, 1, 1, "t", "m"));
        var before = replica.bytes();

        assertThat(replica.again(replica.log.size() - 1)).isFalse();
        assertThat(replica.apply(new Batch(B, 1, 9, List.of(publish(1, 2, 1, "t", "gap")))))
                .isFalse();
        assertThat(replica.bytes()).isEqualTo(before);

        replica.restartA();
        assertThat(replica.again(0)).isFalse();
        assertThat(replica.apply(new Batch(A, 7, 2, List.of()))).isFalse();
    }

    @Test
    void theRestartOfANodeDetachesItsSessionsAndKeepsWhatIsQueued() {
        subscriberAndPublisher(10);
        replica.restartA();
        replica.b(publish(1, 1, 1, "t", "meanwhile"), publish(1, 0, 0, "t", "qos 0"));
        assertThat(replica.take(A, 1)).doesNotHaveAnyElementsOfTypes(Outgoing.Deliver.class);

        replica.a(connect(5, "sub"));

        assertThat(deliveries(replica.take(A, 5))).containsExactly("1:meanwhile");
    }

    @Test
    void aSessionExpiresByTheClusterClockAndOnlyWithoutAConnection() {
        replica.a(
                connect(1, "kept"),
                new Operation.Connect(2, "short", 5, false, 10, 10, 1000),
                subscribe(2, "t", 1),
                new Operation.Tick(5_000, 1),
                new Operation.Disconnect(2, -1));
        replica.a(new Operation.Tick(15_900, 1));
        assertThat(replica.sessions()).isEqualTo(2);

        replica.a(new Operation.Tick(16_000, 1));

        assertThat(replica.sessions()).isEqualTo(1);
        assertThat(replica.subscriptions()).isZero();
    }

    @Test
    void cleanStartAndExpiryZeroLeaveNothing() {
        subscriberAndPublisher(10);
        replica.a(new Operation.Connect(3, "sub", 5, true, 0, 10, 1000));
        assertThat(replica.take(A, 3)).containsExactly(new Outgoing.Connected(false));
        assertThat(replica.subscriptions()).isZero();

        replica.a(new Operation.Disconnect(3, -1));

        assertThat(replica.sessions()).isEqualTo(1);
    }

    @Test
    void retainedMessagesComeWithASubscriptionUntilAnEmptyOneClearsThem() {
        replica.a(connect(1, "pub"), publish(1, 1, 1, true, "r/1", "kept"), publish(1, 2, 1, true, "r/2", "gone"));
        replica.a(publish(1, 3, 1, true, "r/2", ""));
        replica.b(connect(1, "sub"), subscribe(1, "r/#", 2));

        var packets = replica.take(B, 1);
        assertThat(deliveries(packets)).containsExactly("1:kept");
        assertThat(packets)
                .filteredOn(Outgoing.Deliver.class::isInstance)
                .allSatisfy(packet ->
                        assertThat(((Outgoing.Deliver) packet).retain()).isTrue());

        // Retain handling 1: only for a new subscription; 2: never.
        replica.b(new Operation.Subscribe(
                1,
                2,
                List.of(
                        new Subscription("r/#", 2, false, false, 1, 0),
                        new Subscription("r/+", 2, false, false, 2, 0))));
        assertThat(deliveries(replica.take(B, 1))).isEmpty();
    }

    @Test
    void whenMemoryIsUsedUpPublishesAreRefusedAndNotAcknowledged() {
        replica.a(connect(1, "sub"), subscribe(1, "t", 1), new Operation.Disconnect(1, -1));
        replica.b(connect(1, "pub"));
        var large = "x".repeat(1 << 20);
        for (var i = 1; i <= 60; i++) {
            replica.b(publish(1, i, 1, "t", large));
        }
        var answers = replica.take(B, 1);

        assertThat(answers).contains(new Outgoing.Puback(1, 0), new Outgoing.Puback(60, 0x97));
        replica.a(connect(2, "sub", 1000));
        var accepted = answers.stream().filter(answer -> answer instanceof Outgoing.Puback ack && ack.reason() == 0);
        assertThat(deliveries(replica.take(A, 2))).hasSize((int) accepted.count());
    }

    @ParameterizedTest
    @EnumSource(Defect.class)
    void theSameLogGivesTheSameBytesWithAndWithoutSnapshots(Defect defect) {
        var first = new Replica(defect);
        var second = new Replica(defect);
        RandomLog.run(new Random(42), first, 3000);

        for (var i = 0; i < first.log.size(); i++) {
            second.apply(Batch.decoded(first.log.get(i)));
            if (i % 97 == 0) {
                second.throughSnapshot();
            }
        }

        assertThat(second.bytes()).isEqualTo(first.bytes());
        assertThat(second.sent.size()).isEqualTo(first.sent.size());
        first.throughSnapshot();
        assertThat(first.bytes()).isEqualTo(second.bytes());
    }

    @Test
    void aNodeFoundDeadByALeaderOfAnotherTermIsNotGivenUp() {
        var replica = new Replica();
        replica.a(connect(1, "one"));
        replica.take(A, 1);

        replica.b(new Operation.NodeDead(A, 1, Replica.TERM - 1));
        assertThat(replica.take(A, 1)).isEmpty();

        replica.b(new Operation.NodeDead(A, 1, Replica.TERM));
        assertThat(replica.take(A, 1)).containsExactly(new Outgoing.Closed(false));
    }
}
