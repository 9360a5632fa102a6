package io.havoq.ledger;

import static io.havoq.Invariant.CORRUPTION;
import static io.havoq.Invariant.ORDER;
import static io.havoq.Invariant.PHANTOM;
import static io.havoq.Invariant.QOS1_LOSS;
import static io.havoq.Invariant.QOS2_DUPLICATES;
import static io.havoq.Invariant.QOS2_LOSS;
import static io.havoq.Invariant.SESSION_LOST;
import static io.havoq.Invariant.WRONG_SUBSCRIBER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.Invariant;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerTest {
    private static final long RUN = 77;
    private static final int BYTES = 64;
    private static final String TOPIC = "load/1";
    private static final long MILLISECOND = 1_000_000;

    private final Ledger ledger = new Ledger(RUN, BYTES, 0);
    private final PublisherLog publisher = ledger.publisher(1, "pub-1", TOPIC);
    private final SubscriberLog subscriber = ledger.subscriber(1, "sub-1", TOPIC);
    private final List<PublisherLog.Message> messages = new ArrayList<>();
    private long now;

    @BeforeEach
    void connect() {
        publisher.connected("node-0", false, tick());
        subscriber.connected("node-1", false, tick());
    }

    @Test
    void anEmptyLedgerHoldsNothingAndIsSettled() {
        var empty = new Ledger(1, 40);

        assertThat(empty.judge().violations()).isEmpty();
        assertThat(empty.judge().warnings()).isEmpty();
        assertThat(empty.judge().byQos()).containsOnlyKeys(0, 1, 2);
        assertThat(empty.settled()).isTrue();
        assertThat(empty.due()).isZero();
        assertThat(empty.deliveries(0, Long.MAX_VALUE).latencyMillis()).isEmpty();
    }

    @Test
    void aCleanExchangeHasNoViolationAndNoWarning() {
        subscribe(2);
        for (var qos = 0; qos <= 2; qos++) {
            send(qos, 10);
            acknowledge(qos, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
            deliver(qos, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        }

        assertThat(ledger.judge().violations()).isEmpty();
        assertThat(ledger.judge().warnings()).isEmpty();
        assertThat(ledger.settled()).isTrue();
        assertThat(ledger.due()).isEqualTo(20);
        assertThat(counts(2)).isEqualTo(new QosCounts(10, 10, 0, 0, 10, 0, 0, 0, 0, 0, 0));
    }

    @ParameterizedTest
    @CsvSource({"1,2,QOS1_LOSS", "2,2,QOS2_LOSS", "2,1,QOS1_LOSS", "1,1,QOS1_LOSS"})
    void aLossCountsAtTheLesserOfPublishAndGrant(int published, int granted, Invariant broken) {
        subscribe(granted);
        send(published, 3);
        acknowledge(published, 1, 2, 3);
        deliverAt(published, Math.min(published, granted), 1);
        deliverAt(published, Math.min(published, granted), 3);

        assertThat(violations()).containsExactly(Map.entry(broken, 1L));
        assertThat(ledger.missing()).isEqualTo(1);
        assertThat(ledger.settled()).isFalse();
        assertThat(counts(published).lost()).isEqualTo(1);
        assertThat(first(broken))
                .singleElement()
                .asString()
                .contains(
                        "message 2 of publisher pub-1 on load/1 at QoS " + published,
                        "sent +",
                        "to node-0",
                        "acknowledged +",
                        "never delivered to subscriber sub-1 (load/1), then on node-1");
    }

    @Test
    void aLossAtQos0IsCountedAndIsNoViolation() {
        subscribe(2);
        send(0, 2);
        acknowledge(0, 1, 2);
        deliver(0, 2);

        assertThat(violations()).isEmpty();
        assertThat(counts(0).lost()).isEqualTo(1);
        assertThat(ledger.missing()).isZero();
    }

    @Test
    void aSubscriptionGrantedQos0IsPromisedNothing() {
        subscribe(0);
        send(1, 2);
        acknowledge(1, 1, 2);
        deliverAt(1, 0, 1);

        assertThat(violations()).isEmpty();
        assertThat(counts(1).lost()).isZero();
        assertThat(ledger.due()).isZero();
        assertThat(ledger.judge().warnings())
                .contains(
                        "1 of 1 subscriptions were granted QoS 0 only, and judged as granted",
                        "1 messages above QoS 0 did not reach subscriptions that were granted QoS 0");
    }

    @Test
    void nothingIsDueThatWasSentBeforeTheSubscriptionWasInForce() {
        send(1, 2);
        subscribe(1);
        send(1, 1);
        acknowledge(1, 1, 2, 3);

        assertThat(violations()).containsExactly(Map.entry(QOS1_LOSS, 1L));
        assertThat(first(QOS1_LOSS).get(0)).startsWith("message 3 ");
        assertThat(ledger.due()).isEqualTo(1);
    }

    @Test
    void nothingIsDueOnceTheSubscriptionEnded() {
        subscribe(1);
        send(1, 2);
        acknowledge(1, 1, 2);
        deliver(1, 1);
        subscriber.ended(tick());
        send(1, 1);
        acknowledge(1, 3);

        assertThat(violations()).isEmpty();
        assertThat(ledger.settled()).isTrue();
        assertThat(ledger.judge().warnings())
                .contains("1 deliveries were still due when their subscription ended, and are not judged");
    }

    @Test
    void aBrokerThatForgetsTheSubscriptionLosesWhatWasSentMeanwhile() {
        subscribe(1);
        subscriber.disconnected(tick());
        send(1, 1);
        acknowledge(1, 1);
        subscriber.connected("node-2", false, tick());
        subscribe(1);
        send(1, 1);
        acknowledge(1, 2);
        deliver(1, 2);

        assertThat(violations()).containsOnly(Map.entry(QOS1_LOSS, 1L), Map.entry(SESSION_LOST, 1L));
        assertThat(first(SESSION_LOST).get(0)).contains("connected to node-2", "last connected to node-1");
    }

    @Test
    void aGrantThatFallsReleasesWhatWasSentBeforeToo() {
        subscribe(2);
        send(2, 1);
        subscribe(1);
        send(2, 1);
        acknowledge(2, 1, 2);

        assertThat(violations()).containsExactly(Map.entry(QOS1_LOSS, 2L));
    }

    @Test
    void aGrantThatRisesPromisesMoreOnlyForWhatIsSentAfterwards() {
        subscribe(0);
        send(2, 1);
        subscribe(2);
        send(2, 1);
        acknowledge(2, 1, 2);

        assertThat(violations()).containsExactly(Map.entry(QOS2_LOSS, 1L));
        assertThat(first(QOS2_LOSS).get(0)).startsWith("message 2 ");
    }

    @Test
    void whatIsOfUnknownOutcomeOrOutstandingMayBeMissing() {
        subscribe(2);
        send(1, 3);
        publisher.outcome(1, 1, Outcome.UNKNOWN, tick(), "connection closed");
        publisher.outcome(1, 2, Outcome.UNKNOWN, tick(), "connection closed");
        deliver(1, 2);

        assertThat(violations()).isEmpty();
        assertThat(counts(1).unknown()).isEqualTo(2);
        assertThat(counts(1).unknownArrived()).isEqualTo(1);
        assertThat(ledger.missing()).isZero();
        assertThat(ledger.outstanding()).isEqualTo(1);
        assertThat(ledger.settled()).as("an outcome is still to come").isFalse();
        assertThat(ledger.judge().warnings()).contains("2 outcome unknown at QoS 1: connection closed");
    }

    @Test
    void anUnknownMessageThatReachedTwoSubscribersArrivedOnce() {
        subscribe(1);
        var other = ledger.subscriber(2, "sub-2", "#");
        send(1, 1);
        publisher.outcome(1, 1, Outcome.UNKNOWN, tick(), "");
        deliver(1, 1);
        other.delivered(TOPIC, 1, false, false, payload(1, 1), tick());

        assertThat(counts(1).unknownArrived()).isEqualTo(1);
        assertThat(counts(1).delivered()).isEqualTo(2);
    }

    @Test
    void aRefusedMessageIsNotDue() {
        subscribe(1);
        send(1, 1);
        publisher.outcome(1, 1, Outcome.REFUSED, tick(), "quota exceeded");

        assertThat(violations()).isEmpty();
        assertThat(ledger.settled()).isTrue();
        assertThat(counts(1).refused()).isEqualTo(1);
    }

    @Test
    void aRefusedMessageThatArrivesIsAPhantomEvenIfTheRefusalComesLater() {
        subscribe(1);
        send(1, 1);
        deliver(1, 1);
        publisher.outcome(1, 1, Outcome.REFUSED, tick(), "quota exceeded");

        assertThat(violations()).containsExactly(Map.entry(PHANTOM, 1L));
        assertThat(counts(1).phantom()).isEqualTo(1);
        assertThat(first(PHANTOM).get(0)).contains("refused +", "delivered all the same to subscriber sub-1");
    }

    @Test
    void aRefusalOnALaterConnectionDoesNotSayThatNoBrokerAcceptedTheMessage() {
        subscribe(1);
        send(1, 1);
        publisher.connected("node-2", true, tick());
        publisher.outcome(1, 1, Outcome.REFUSED, tick(), "quota exceeded");
        deliver(1, 1);

        assertThat(violations()).isEmpty();
    }

    @Test
    void aSecondDeliveryAtQos2IsAViolation() {
        subscribe(2);
        send(2, 2);
        acknowledge(2, 1, 2);
        deliver(2, 1, 2, 1, 1);

        assertThat(violations()).containsExactly(Map.entry(QOS2_DUPLICATES, 1L));
        assertThat(counts(2).duplicates()).isEqualTo(2);
        assertThat(first(QOS2_DUPLICATES).get(0)).startsWith("message 1 ").contains("delivered again +");
    }

    @ParameterizedTest
    @CsvSource({"1,2", "2,1"})
    void aSecondDeliveryAtQos1IsOnlyCounted(int published, int granted) {
        subscribe(granted);
        send(published, 2);
        acknowledge(published, 1, 2);
        deliverAt(published, 1, 1);
        deliverAt(published, 1, 2);
        deliverAt(published, 1, 1);

        assertThat(violations()).isEmpty();
        assertThat(counts(published).duplicates()).isEqualTo(1);
    }

    @Test
    void whatAPublisherMayHaveSentTwiceIsNoQos2Duplicate() {
        subscribe(2);
        send(2, 2);
        acknowledge(2, 1);
        publisher.connected("node-2", false, tick());
        acknowledge(2, 2);
        deliver(2, 1, 2, 2);
        assertThat(violations())
                .as("message 2 was outstanding when the session was gone")
                .isEmpty();

        deliver(2, 1);
        assertThat(violations()).as("message 1 was not").containsExactly(Map.entry(QOS2_DUPLICATES, 1L));
    }

    @Test
    void aPublisherSessionThatIsPresentExcusesNothing() {
        subscribe(2);
        send(2, 1);
        publisher.connected("node-2", true, tick());
        acknowledge(2, 1);
        deliver(2, 1, 1);

        assertThat(violations()).containsExactly(Map.entry(QOS2_DUPLICATES, 1L));
    }

    @Test
    void repeatingAWholeSequenceIsLegalAtQos1() {
        subscribe(1);
        send(1, 4);
        acknowledge(1, 1, 2, 3, 4);
        deliver(1, 1, 2, 3, 2, 3, 4);

        assertThat(violations()).isEmpty();
        assertThat(counts(1).duplicates()).isEqualTo(2);
        assertThat(counts(1).outOfOrder()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aFirstOccurrenceAfterALaterOneBreaksTheOrder(int qos) {
        subscribe(2);
        send(qos, 4);
        acknowledge(qos, 1, 2, 3, 4);
        deliver(qos, 3, 1, 2, 4);

        assertThat(violations()).containsExactly(Map.entry(ORDER, 2L));
        assertThat(counts(qos).outOfOrder()).isEqualTo(2);
        assertThat(first(ORDER).get(0)).startsWith("message 1 ").contains("after message 3, to subscriber sub-1");
    }

    @Test
    void eachQosHasAnOrderOfItsOwn() {
        subscribe(2);
        send(1, 1);
        send(2, 1);
        acknowledge(1, 1);
        acknowledge(2, 1);
        deliver(2, 1);
        deliver(1, 1);

        assertThat(violations()).isEmpty();
    }

    @Test
    void aMessageOfUnknownOutcomeTakesPartInTheOrderOfItsConnection() {
        subscribe(1);
        send(1, 2);
        acknowledge(1, 2);
        publisher.outcome(1, 1, Outcome.UNKNOWN, tick(), "");
        deliver(1, 2, 1);

        assertThat(violations()).containsExactly(Map.entry(ORDER, 1L));
    }

    @Test
    void betweenConnectionsOnlyAcknowledgementsEstablishAnOrder() {
        subscribe(1);
        send(1, 1);
        publisher.connected("node-2", true, tick());
        send(1, 1);
        acknowledge(1, 2);
        deliver(1, 2, 1);
        publisher.outcome(1, 1, Outcome.UNKNOWN, tick(), "");

        assertThat(violations()).isEmpty();
        assertThat(ledger.judge().warnings()).anyMatch(line -> line.startsWith("1 messages came after later ones"));
    }

    @Test
    void anAcknowledgedMessageKeepsItsPlaceAcrossConnections() {
        subscribe(1);
        send(1, 1);
        publisher.connected("node-2", true, tick());
        send(1, 1);
        deliver(1, 2, 1);
        acknowledge(1, 1, 2);

        assertThat(violations()).containsExactly(Map.entry(ORDER, 1L));
    }

    @Test
    void whatWasQueuedForTheNextConnectionIsNotTakenForSentOnTheLast() {
        subscribe(2);
        send(0, 2); // the second one is recorded while the client is between two connections
        acknowledge(0, 1);
        publisher.connected("node-2", true, tick());
        acknowledge(0, 2);
        deliver(0, 2, 1);

        assertThat(violations()).isEmpty();
        assertThat(counts(0).outOfOrder()).isZero();
    }

    @Test
    void aLateSubscriberMayGetEarlierMessagesInAnyOrder() {
        send(1, 2);
        subscribe(1);
        send(1, 2);
        acknowledge(1, 1, 2, 3, 4);
        deliver(1, 3, 1, 2, 4);

        assertThat(violations()).isEmpty();
    }

    @Test
    void whatWasNeverSentIsAPhantom() {
        subscribe(2);
        send(1, 1);
        acknowledge(1, 1);
        deliver(1, 1);
        arrive(TOPIC, 1, new PayloadHeader(1, 1, RUN, 2, 0));
        arrive(TOPIC, 2, new PayloadHeader(2, 9, RUN, 1, 0));
        arrive(TOPIC, 0, new PayloadHeader(0, 1, RUN, 0, 0));
        arrive(TOPIC, 2, new PayloadHeader(2, 1, RUN + 1, 1, 0));

        assertThat(violations()).containsExactly(Map.entry(PHANTOM, 4L));
        assertThat(List.of(counts(0).phantom(), counts(1).phantom(), counts(2).phantom()))
                .containsExactly(1L, 1L, 2L);
    }

    @Test
    void anotherRunsMessageUnderAForeignTopicIsOnlyAWarning() {
        var wild = ledger.subscriber(2, "sub-2", "#");
        wild.subscribed(2, tick());
        var foreign = new PayloadHeader(1, 1, RUN + 1, 1, 0).payload(BYTES);
        wild.delivered("elsewhere", 1, false, false, foreign, tick());
        wild.delivered("elsewhere", 1, false, false, ByteBuffer.wrap(new byte[] {1, 2, 3}), tick());

        assertThat(violations()).isEmpty();
        assertThat(ledger.judge().warnings())
                .contains("2 foreign messages under topics that this run does not publish to");
    }

    @Test
    void everySingleFlippedBitIsCorruption() {
        subscribe(2);
        send(1, 1);
        acknowledge(1, 1);
        for (var bit = 0; bit < 8 * BYTES; bit++) {
            var payload = payload(1, 1).array().clone();
            payload[bit / 8] ^= (byte) (1 << (bit % 8));
            subscriber.delivered(TOPIC, 1, false, false, ByteBuffer.wrap(payload), tick());
        }

        assertThat(violations()).containsOnly(Map.entry(CORRUPTION, 8L * BYTES), Map.entry(QOS1_LOSS, 1L));
        assertThat(first(CORRUPTION)).hasSize(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 39, BYTES - 1, BYTES + 1})
    void aPayloadOfAnotherLengthIsCorruption(int length) {
        subscribe(1);
        send(1, 1);
        var payload = ByteBuffer.allocate(length);
        payload.put(payload(1, 1).limit(Math.min(length, BYTES)));
        subscriber.delivered(TOPIC, 1, false, false, payload.rewind(), tick());

        assertThat(violations()).containsExactly(Map.entry(CORRUPTION, 1L));
        assertThat(counts(1).corrupted()).isEqualTo(1);
    }

    @Test
    void aMessageUnderAnotherTopicIsCorruption() {
        ledger.publisher(2, "pub-2", "load/2");
        var wild = ledger.subscriber(2, "sub-2", "load/+");
        wild.subscribed(2, tick());
        send(2, 1);
        wild.delivered("load/2", 2, false, false, payload(2, 1), tick());

        assertThat(violations()).containsExactly(Map.entry(CORRUPTION, 1L));
        assertThat(counts(2).corrupted()).isEqualTo(1);
        assertThat(counts(2).delivered()).isZero();
    }

    @Test
    void aQosHigherThanPublishedOrGrantedIsCorruption() {
        subscribe(1);
        send(1, 1);
        send(2, 1);
        deliverAt(1, 2, 1);
        deliverAt(2, 2, 1);

        assertThat(violations()).containsExactly(Map.entry(CORRUPTION, 2L));
        assertThat(first(CORRUPTION).get(0)).contains("higher than it was published with");
        assertThat(first(CORRUPTION).get(1)).contains("higher than was granted");
    }

    @Test
    void aDeliveryBeforeTheSubackIsJudgedByTheGrantThatFollows() {
        send(2, 1);
        deliverAt(2, 2, 1);
        assertThat(violations()).as("3.8.4 lets a server deliver before SUBACK").isEmpty();
        subscribe(2);
        assertThat(violations()).isEmpty();
    }

    @Test
    void aQosLowerThanAgreedIsAWarning() {
        subscribe(2);
        send(2, 1);
        deliverAt(2, 1, 1);

        assertThat(violations()).isEmpty();
        assertThat(ledger.judge().warnings()).anyMatch(line -> line.startsWith("1 deliveries came with a lower QoS"));
    }

    @Test
    void aMessageWhereNoFilterMatchesIsAtTheWrongSubscriber() {
        subscribe(2);
        var other = ledger.subscriber(2, "sub-2", "load/2");
        other.connected("node-0", false, tick());
        other.subscribed(2, tick());
        send(1, 1);
        acknowledge(1, 1);
        deliver(1, 1);
        other.delivered(TOPIC, 1, false, false, payload(1, 1), tick());

        assertThat(violations()).containsExactly(Map.entry(WRONG_SUBSCRIBER, 1L));
        assertThat(first(WRONG_SUBSCRIBER).get(0)).contains("to subscriber sub-2 (load/2) on node-0");
        assertThat(counts(1).delivered()).isEqualTo(1);
    }

    @Test
    void theFirstConnectionAndThoseAfterAnEndHaveNoSessionToLose() {
        subscribe(1);
        subscriber.ended(tick());
        subscriber.connected("node-2", false, tick());
        assertThat(violations()).isEmpty();

        subscriber.connected("node-0", true, tick());
        assertThat(violations()).isEmpty();

        subscriber.connected("node-0", false, tick());
        assertThat(violations()).containsExactly(Map.entry(SESSION_LOST, 1L));
    }

    @Test
    void aRetainedReplayCountsAsArrivedAndNeitherAsDuplicateNorForOrder() {
        subscribe(2);
        send(2, 2);
        acknowledge(2, 1, 2);
        deliver(2, 2);
        subscriber.delivered(TOPIC, 2, false, true, payload(2, 2), tick());
        subscriber.delivered(TOPIC, 2, false, true, payload(2, 1), tick());

        assertThat(violations()).isEmpty();
        assertThat(counts(2).delivered()).isEqualTo(1);
        assertThat(ledger.missing()).isZero();
    }

    @Test
    void theFirstOutcomeCountsAndContradictionsAreToldOf() {
        subscribe(1);
        send(1, 1);
        publisher.outcome(1, 1, Outcome.UNKNOWN, tick(), "");
        acknowledge(1, 1);

        assertThat(violations()).isEmpty();
        assertThat(counts(1).acknowledged()).isZero();
        assertThat(ledger.judge().warnings()).anyMatch(line -> line.startsWith("1 outcomes contradicted"));
    }

    @Test
    void aWildcardSubscriberIsDueWhatLaterPublishersSend() {
        var wild = ledger.subscriber(2, "sub-2", "load/#");
        wild.subscribed(1, tick());
        var late = ledger.publisher(2, "pub-2", "load/2/x");
        late.sending(1, "node-0", now, tick());
        late.outcome(1, 1, Outcome.ACKNOWLEDGED, tick(), "");

        assertThat(ledger.missing()).isEqualTo(1);
    }

    @Test
    void onlyFiveOffendersAreNamedAndAllCounted() {
        subscribe(1);
        send(1, 200);
        for (var sequence = 1; sequence <= 200; sequence++) {
            acknowledge(1, sequence);
        }

        assertThat(violations()).containsExactly(Map.entry(QOS1_LOSS, 200L));
        assertThat(first(QOS1_LOSS))
                .extracting(line -> line.substring(0, 10))
                .containsExactly("message 1 ", "message 2 ", "message 3 ", "message 4 ", "message 5 ");
    }

    @Test
    void acknowledgementsAreCountedWithinATime() {
        send(0, 1);
        send(1, 2);
        acknowledge(0, 1);
        acknowledge(1, 1);
        var middle = now + MILLISECOND / 2;
        acknowledge(1, 2);

        assertThat(ledger.acknowledgedBetween(0, middle)).isEqualTo(1);
        assertThat(ledger.acknowledgedBetween(middle, now + MILLISECOND)).isEqualTo(1);
        assertThat(ledger.acknowledgedBetween(0, Long.MAX_VALUE)).isEqualTo(2);
    }

    @Test
    void latencyCountsFromTheIntendedSendTime() {
        subscribe(2);
        for (var i = 1; i <= 100; i++) {
            var intended = now;
            now += 7 * MILLISECOND; // the pacer lags
            var message = publisher.sending(1, "node-0", intended, now);
            subscriber.delivered(
                    TOPIC, 1, false, false, message.payload(), intended + i * MILLISECOND + 7 * MILLISECOND);
            subscriber.delivered(TOPIC, 1, true, false, message.payload(), intended + 900 * MILLISECOND);
        }

        var statistics = ledger.deliveries(0, 2_000 * MILLISECOND);
        assertThat(statistics.deliveries()).as("duplicates do not count").isEqualTo(100);
        assertThat(statistics.perSecond()).isEqualTo(50);
        var latency = statistics.latencyMillis().orElseThrow();
        assertThat(latency.p50()).isBetween(57.0, 57.1);
        assertThat(latency.p95()).isBetween(102.0, 102.2);
        assertThat(latency.p99()).isBetween(106.0, 106.2);
        assertThat(latency.max()).isEqualTo(107.0);
        assertThat(ledger.deliveries(5_000 * MILLISECOND, 6_000 * MILLISECOND).deliveries())
                .isZero();
    }

    @Test
    void theExtractShowsCountsOffendersAndNodesAndKeepsToItsLength() {
        subscribe(2);
        send(1, 3);
        acknowledge(1, 1, 2, 3);
        deliver(1, 1);

        assertThat(ledger.extract(100))
                .anyMatch(line -> line.startsWith("1             3            3"))
                .contains("violation qos1-loss: 2")
                .contains("node node-0: 3 sent to it, 3 of them acknowledged, 0 delivered by it")
                .contains("node node-1: 0 sent to it, 0 of them acknowledged, 1 delivered by it");
        assertThat(ledger.extract(3)).hasSize(3).last().asString().endsWith("more lines left off");
    }

    @Test
    void mistakesOfTheCallerAreRefused() {
        assertThatThrownBy(() -> new Ledger(1, 39)).hasMessageContaining("at least 40 B");
        assertThatThrownBy(() -> ledger.publisher(1, "pub-1b", "x")).hasMessageContaining("taken");
        assertThatThrownBy(() -> ledger.publisher(2, "pub-2", "x/+")).hasMessageContaining("without wildcards");
        assertThatThrownBy(() -> ledger.subscriber(1, "sub-1b", "x")).hasMessageContaining("taken");
        assertThatThrownBy(() -> ledger.subscriber(2, "sub-2", "$share/g/x")).hasMessageContaining("shared");
        assertThatThrownBy(() -> ledger.subscriber(2, "sub-2", "a/#/b")).hasMessageContaining("'#' only as");
        assertThatThrownBy(() -> ledger.subscriber(2, "sub-2", "a/b+")).hasMessageContaining("whole level");
        assertThatThrownBy(() -> subscriber.subscribed(0x80, now)).hasMessageContaining("refused subscription");
        assertThatThrownBy(() -> publisher.sending(3, "node-0", now, now)).hasMessageContaining("QoS 3");
        assertThatThrownBy(() -> publisher.outcome(1, 1, Outcome.ACKNOWLEDGED, now, ""))
                .hasMessageContaining("sent 0 times")
                .hasMessageContaining("publisher pub-1");
    }

    @Test
    void theAssertionsNameWhatIsBrokenAndRefuseToPassOnNothing() {
        assertThatThrownBy(() -> LedgerAssert.assertThat(ledger).hasLostNothing())
                .hasMessageContaining("say nothing");
        assertThatThrownBy(() -> LedgerAssert.assertThat(ledger).keptOrder()).hasMessageContaining("there were none");
        subscribe(2);
        send(2, 3);
        acknowledge(2, 1, 2, 3);
        deliver(2, 1, 2, 3);
        LedgerAssert.assertThat(ledger)
                .isClean()
                .hasLostNothing()
                .hasNoQos2Duplicates()
                .keptOrder()
                .hasNoPhantoms()
                .hasNothingCorrupted()
                .reachedOnlyItsSubscribers()
                .hasKeptSessions();

        send(2, 3);
        acknowledge(2, 4, 5, 6);
        deliver(2, 5, 4, 5);
        arrive(TOPIC, 1, new PayloadHeader(1, 1, RUN, 2, 0));
        arrive("other", 1, new PayloadHeader(1, 1, RUN, 2, 0));
        subscriber.delivered(TOPIC, 1, false, false, ByteBuffer.allocate(BYTES), tick());
        subscriber.delivered("stray", 1, false, false, ByteBuffer.allocate(BYTES), tick());
        subscriber.connected("node-0", false, tick());
        var asserting = LedgerAssert.assertThat(ledger);
        assertThatThrownBy(asserting::hasLostNothing)
                .hasMessageContaining("qos2-loss: 1")
                .hasMessageContaining("message 6");
        assertThatThrownBy(asserting::hasNoQos2Duplicates).hasMessageContaining("qos2-duplicates: 1");
        assertThatThrownBy(asserting::keptOrder).hasMessageContaining("order: 1");
        assertThatThrownBy(asserting::hasNoPhantoms).hasMessageContaining("phantom: 2");
        assertThatThrownBy(asserting::hasNothingCorrupted).hasMessageContaining("corruption: 1");
        assertThatThrownBy(asserting::reachedOnlyItsSubscribers).hasMessageContaining("wrong-subscriber: 1");
        assertThatThrownBy(asserting::hasKeptSessions).hasMessageContaining("session-lost: 1");
        assertThatThrownBy(asserting::isClean).hasMessageContaining("loss: 1");
    }

    private void subscribe(int granted) {
        subscriber.subscribed(granted, tick());
    }

    private void send(int qos, int count) {
        for (var i = 0; i < count; i++) {
            messages.add(publisher.sending(qos, "node-0", now, tick()));
        }
    }

    private void acknowledge(int qos, long... sequences) {
        for (var sequence : sequences) {
            publisher.outcome(qos, sequence, Outcome.ACKNOWLEDGED, tick(), "");
        }
    }

    /** Delivers at the QoS of the publish. */
    private void deliver(int qos, long... sequences) {
        for (var sequence : sequences) {
            deliverAt(qos, qos, sequence);
        }
    }

    private void deliverAt(int published, int qos, long sequence) {
        subscriber.delivered(TOPIC, qos, false, false, payload(published, sequence), tick());
    }

    private void arrive(String topic, int qos, PayloadHeader header) {
        subscriber.delivered(topic, qos, false, false, header.payload(BYTES), tick());
    }

    private ByteBuffer payload(int qos, long sequence) {
        return messages.stream()
                .filter(message -> message.qos() == qos && message.sequence() == sequence)
                .findFirst()
                .orElseThrow()
                .payload()
                .duplicate();
    }

    private QosCounts counts(int qos) {
        return ledger.judge().byQos().get(qos);
    }

    private Map<Invariant, Long> violations() {
        return ledger.judge().violations().stream()
                .collect(Collectors.toMap(LedgerViolation::invariant, LedgerViolation::count));
    }

    private List<String> first(Invariant invariant) {
        return ledger.judge().violations().stream()
                .filter(violation -> violation.invariant() == invariant)
                .findFirst()
                .orElseThrow()
                .first();
    }

    private long tick() {
        return now += MILLISECOND;
    }
}
