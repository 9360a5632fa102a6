package io.havoq.experiment;

import io.havoq.InconclusiveException;
import io.havoq.ledger.DeliveryStatistics;
import io.havoq.ledger.Ledger;
import io.havoq.settings.Settings;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * The time in which a fault or its outage lasted, and whether enough of the load was seen within it; of a baseline, the time in which there
 * would have been a fault. Used by one thread.
 */
final class FaultWindow {
    private final boolean baseline;
    private final Settings settings;
    private OptionalLong from = OptionalLong.empty();
    private OptionalLong until = OptionalLong.empty();

    FaultWindow(boolean baseline, Settings settings) {
        this.baseline = baseline;
        this.settings = settings;
    }

    void begins(OptionalLong atNanos) {
        from = atNanos;
    }

    void ends(long atNanos) {
        until = OptionalLong.of(atNanos);
    }

    /** Since when the fault or its outage lasted. */
    OptionalLong from() {
        return from;
    }

    /** Until when. */
    OptionalLong until() {
        return until;
    }

    /** How long ago it began, for people. */
    Duration sinceBegin() {
        var now = RunClock.now();
        return Duration.ofMillis(RunClock.between(from.orElse(now), now).toMillis());
    }

    /** What was delivered within it, up to now or to its end; throws if that is too little to say anything. */
    DeliveryStatistics deliveries(Ledger ledger) {
        if (from.isEmpty()) {
            throw new IllegalStateException("there is no fault yet: ask in the test method");
        }
        var statistics = ledger.deliveries(from.getAsLong(), until.orElseGet(RunClock::now));
        var needed = settings.get(ExperimentSettings.EVIDENCE_WINDOW);
        if (statistics.deliveries() < needed) {
            throw new InconclusiveException("only " + statistics.deliveries()
                    + " messages were delivered since the fault began, " + needed + " are needed ("
                    + ExperimentSettings.EVIDENCE_WINDOW.key() + "): ask after experiment.hold()");
        }
        return statistics;
    }

    /** Waits until enough messages were acknowledged to judge by; throws if they are too few, at all or within it. */
    String gatherEvidence(Instruments instruments) {
        var needed = settings.get(ExperimentSettings.EVIDENCE_ACKNOWLEDGED);
        if (!instruments.awaitAcknowledged(needed, settings.get(ExperimentSettings.DRAIN_BOUND))) {
            throw new IllegalStateException("fewer than " + needed + " QoS 1/2 messages were acknowledged ("
                    + ExperimentSettings.EVIDENCE_ACKNOWLEDGED.key() + ")");
        }
        var within = acknowledged(instruments.ledger());
        var neededWithin = settings.get(ExperimentSettings.EVIDENCE_WINDOW);
        if (from.isPresent() && !baseline && within < neededWithin) {
            throw new IllegalStateException(
                    "only " + within + " QoS 1/2 messages were acknowledged within the fault or" + " its outage, "
                            + neededWithin + " are needed (" + ExperimentSettings.EVIDENCE_WINDOW.key() + ")");
        }
        return within + " QoS 1/2 messages acknowledged within the fault or its outage";
    }

    /** How many messages were acknowledged within it; none before it has ended. */
    long acknowledged(Ledger ledger) {
        return from.isPresent() && until.isPresent()
                ? ledger.acknowledgedBetween(from.getAsLong(), until.getAsLong())
                : 0;
    }
}
