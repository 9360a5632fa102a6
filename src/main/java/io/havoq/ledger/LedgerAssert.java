package io.havoq.ledger;

import io.havoq.Invariant;
import java.util.Set;
import org.assertj.core.api.AbstractAssert;

/**
 * AssertJ assertions on a ledger. Each judges what has been recorded so far: let the workload drain first. None passes on a
 * ledger that saw nothing: {@link #hasLostNothing} needs deliveries that were due, the others need deliveries.
 */
public final class LedgerAssert extends AbstractAssert<LedgerAssert, Ledger> {
    private LedgerAssert(Ledger ledger) {
        super(ledger, LedgerAssert.class);
    }

    /** Where a chain begins; made for static import. */
    public static LedgerAssert assertThat(Ledger ledger) {
        return new LedgerAssert(ledger);
    }

    /** No message acknowledged at QoS 1 or 2 is missing at a subscription in force (MQTT 5.0, 4.3.2 and 4.3.3). */
    public LedgerAssert hasLostNothing() {
        isNotNull();
        if (actual.due() == 0) {
            failWithMessage(
                    "Expected that nothing is lost, but no acknowledged QoS 1 or 2 message was due at any"
                            + " subscription in force, so that this would say nothing. Is the load flowing?%n%s",
                    extract());
        }
        return holds(Invariant.QOS1_LOSS, Invariant.QOS2_LOSS);
    }

    /** No QoS 2 message was handed over twice (MQTT 5.0, 4.3.3). */
    public LedgerAssert hasNoQos2Duplicates() {
        return holdsOfDeliveries(Invariant.QOS2_DUPLICATES);
    }

    /** First occurrences kept the publisher's order per topic and QoS (MQTT 5.0, 4.6). */
    public LedgerAssert keptOrder() {
        return holdsOfDeliveries(Invariant.ORDER);
    }

    /** Nothing arrived that was never sent, or that the broker had refused. */
    public LedgerAssert hasNoPhantoms() {
        return holdsOfDeliveries(Invariant.PHANTOM);
    }

    /** Everything arrived as it was sent, and with no higher QoS than agreed (MQTT 5.0, 3.8.4-8). */
    public LedgerAssert hasNothingCorrupted() {
        return holdsOfDeliveries(Invariant.CORRUPTION);
    }

    /** Nothing arrived where no filter matched. */
    public LedgerAssert reachedOnlyItsSubscribers() {
        return holdsOfDeliveries(Invariant.WRONG_SUBSCRIBER);
    }

    /** Every session that had not expired was present when its client came back (MQTT 5.0, 3.2.2-2). */
    public LedgerAssert hasKeptSessions() {
        return holdsOfDeliveries(Invariant.SESSION_LOST);
    }

    /** All of the above. */
    public LedgerAssert isClean() {
        return hasLostNothing().holdsOfDeliveries(Invariant.values());
    }

    private LedgerAssert holdsOfDeliveries(Invariant... invariants) {
        isNotNull();
        if (actual.judge().byQos().values().stream().allMatch(counts -> counts.delivered() == 0)) {
            // What did arrive without being a delivery of this run is worth more than "nothing arrived".
            holds(invariants);
            failWithMessage("Expected deliveries to judge, but there were none. Is the load flowing?%n%s", extract());
        }
        return holds(invariants);
    }

    private LedgerAssert holds(Invariant... invariants) {
        var asked = Set.of(invariants);
        var broken = actual.judge().violations().stream()
                .filter(violation -> asked.contains(violation.invariant()))
                .toList();
        if (!broken.isEmpty()) {
            var text = new StringBuilder();
            for (var violation : broken) {
                text.append(violation.invariant().word())
                        .append(": ")
                        .append(violation.count())
                        .append('\n');
                violation.first().forEach(line -> text.append("  ").append(line).append('\n'));
            }
            failWithMessage("The ledger holds violations:%n%s%s", text, extract());
        }
        return this;
    }

    private String extract() {
        return String.join("\n", actual.extract(40));
    }
}
