package io.havoq.experiment;

import io.havoq.Invariant;
import io.havoq.Level;
import io.havoq.environment.Environment;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.Target;
import io.havoq.ledger.Judgement;
import io.havoq.ledger.LedgerViolation;
import io.havoq.recovery.Objective;
import io.havoq.recovery.RecoverySettings;
import io.havoq.report.ExperimentResult.Check;
import io.havoq.report.ExperimentResult.Outage;
import io.havoq.settings.Settings;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges an experiment at its end: the ledger, then the checklist, recovery and service. What it establishes goes to the
 * findings as it is established, so that it stands even if a later check breaks.
 */
final class ExperimentJudge {
    /** What a cluster that is gone, or was not waited for, breaks in any case. */
    private static final Set<Invariant> ABSENCES =
            EnumSet.of(Invariant.QOS1_LOSS, Invariant.QOS2_LOSS, Invariant.SESSION_LOST);

    private final boolean baseline;
    private final Objective objective;
    private final Environment environment;
    private final Settings settings;
    private final Instruments instruments;
    private final Findings findings;
    private @Nullable Judgement judgement;
    private List<Check> checklist = List.of();
    private boolean clusterGone;

    ExperimentJudge(
            boolean baseline,
            Objective objective,
            Environment environment,
            Settings settings,
            Instruments instruments,
            Findings findings) {
        this.baseline = baseline;
        this.objective = objective;
        this.environment = environment;
        this.settings = settings;
        this.instruments = instruments;
        this.findings = findings;
    }

    /**
     * What was seen of the experiment.
     *
     * @param before every target before the fault
     * @param times empty if recovery was not measured
     * @param windowFrom since when the fault or its outage lasted
     * @param windowUntil until when
     * @param removed when a lasting fault was removed; empty for kills and baselines
     * @param drained whether everything that was due had its time to arrive
     * @param evident whether enough was seen
     * @param from what recovery times count from
     * @param delays the nodes that were kept down by no doing of their brokers
     */
    record Observed(
            List<Target> before,
            List<PlannedFault> plan,
            Optional<Instruments.RecoveryTimes> times,
            Optional<Duration> clusterRto,
            Optional<Duration> serviceRto,
            OptionalLong windowFrom,
            OptionalLong windowUntil,
            OptionalLong removed,
            boolean drained,
            boolean evident,
            OptionalLong from,
            RestartDelays delays) {}

    String judge(Observed observed) throws InterruptedException {
        // The ledger first: its clients must still be connected as they were, whatever the checks do. What it holds
        // stands even if a check breaks.
        var violations = new ArrayList<>(judgeLedger(observed.drained()));
        violations.forEach(findings::violated);
        if (observed.times().isPresent()) {
            var checked = instruments.checklist(observed.before(), RestartExpectation.of(observed.plan()));
            checklist = checked.checks();
            violations.addAll(checked.violations());
            checked.violations().forEach(violation -> checked(violation, observed.delays()));
            if (!baseline) {
                judgeRecovery(observed);
            }
            judgeService(observed.times().get(), observed);
        }
        return violations.isEmpty()
                ? "no violation" + (observed.evident() ? "" : ", but too little was seen")
                : violations.stream()
                        .map(violation -> violation.count() + " x "
                                + violation.invariant().word())
                        .collect(Collectors.joining(", "));
    }

    private List<LedgerViolation> judgeLedger(boolean drained) {
        var judged = instruments.judge();
        judgement = judged;
        judged.warnings().forEach(findings::note);
        if (instruments.ledger().due() == 0) {
            findings.unproven("no acknowledged QoS 1 or 2 message was due at any subscription, so that nothing was lost"
                    + " says nothing: did the broker grant QoS 0 only?");
        }
        return mayBlameForAbsences(drained)
                ? judged.violations()
                : judged.violations().stream()
                        .filter(violation -> !ABSENCES.contains(violation.invariant()))
                        .toList();
    }

    /** What did not arrive is the broker's doing only if it had its time, and nothing but the fault took its cluster away. */
    private boolean mayBlameForAbsences(boolean drained) {
        try {
            environment.targets();
        } catch (EnvironmentException e) {
            clusterGone = true;
            findings.unproven("judged", e);
        }
        return drained && !clusterGone;
    }

    /** A cluster with a node that even now is kept down by no doing of its broker is not whole, and that says nothing of the broker. */
    private void checked(LedgerViolation violation, RestartDelays delays) {
        if (violation.invariant() == Invariant.CHECKLIST && delays.waiting()) {
            findings.unproven("not judged: " + violation.count() + " x checklist, first: "
                    + String.join(" | ", violation.first()) + "; since " + delays);
        } else {
            findings.violated(violation);
        }
    }

    private void judgeRecovery(Observed observed) {
        var from =
                observed.from().isPresent() ? RunClock.instant(observed.from().getAsLong()) : Instant.now();
        var until = observed.windowUntil().isPresent()
                ? RunClock.instant(observed.windowUntil().getAsLong())
                : Instant.now();
        new RecoveryJudgement(objective, observed.clusterRto(), observed.serviceRto(), from, until, observed.delays())
                .judge(new RecoveryJudgement.Missed() {
                    @Override
                    public void missed(Invariant invariant, Level level, String message) {
                        ExperimentJudge.this.missed(invariant, level, message);
                    }

                    @Override
                    public void perhapsMissed(Invariant invariant, Level level, String message, String why) {
                        if (findings.wouldFail(invariant, level)) {
                            findings.unproven(message + "; not judged, since " + why);
                        } else {
                            findings.violated(invariant, level, message + "; " + why);
                        }
                    }
                });
    }

    /** Outages without a fault, outages too long, and the latency while the fault was in force. */
    private void judgeService(Instruments.RecoveryTimes measured, Observed observed) {
        for (var outage : measured.outages()) {
            var length = Duration.ofMillis(outage.durationMillis());
            if (baseline) {
                findings.violated(
                        Invariant.AVAILABILITY,
                        Level.SHOULD,
                        "nobody was served for " + GoDuration.format(length) + " from " + outage.from()
                                + ", without a fault");
            } else {
                judgeOutage(outage, length, observed.removed());
            }
        }
        if (observed.windowFrom().isPresent() && observed.windowUntil().isPresent()) {
            var bound = settings.get(ExperimentSettings.LATENCY_P99);
            instruments
                    .ledger()
                    .deliveries(
                            observed.windowFrom().getAsLong(),
                            observed.windowUntil().getAsLong())
                    .latencyMillis()
                    .filter(latency -> latency.p99() > bound.toMillis())
                    .ifPresent(latency -> findings.violated(
                            Invariant.LATENCY,
                            Level.SHOULD,
                            "P99 of the latency was " + Math.round(latency.p99()) + " ms while the fault or its outage"
                                    + " lasted, expected below " + GoDuration.format(bound)));
        }
    }

    private void judgeOutage(Outage outage, Duration length, OptionalLong removed) {
        var tooLong = objective
                .judge(Optional.of(length))
                // What a kill's service RTO says already is not said twice.
                .filter(level -> level == Level.MUST || removed.isPresent());
        if (tooLong.isPresent()) {
            missed(
                    Invariant.AVAILABILITY,
                    tooLong.get(),
                    "nobody was served for " + GoDuration.format(length) + " from " + outage.from() + ", target "
                            + GoDuration.format(objective.target()) + ", acceptable "
                            + GoDuration.format(objective.acceptable()));
        } else if (removed.isPresent()) {
            judgeUnfinished(outage, RunClock.instant(removed.getAsLong()));
        }
    }

    /** Whether the others can serve while the fault is in force cannot be told if the fault ended before they did. */
    private void judgeUnfinished(Outage outage, Instant removed) {
        if (outage.from().isAfter(removed) || outage.until().isBefore(removed)) {
            return;
        }
        var inForce = Duration.between(outage.from(), removed);
        if (inForce.compareTo(settings.get(RecoverySettings.SUSTAIN)) >= 0
                && findings.wouldFail(Invariant.AVAILABILITY, Level.MUST)) {
            findings.unproven("nobody was served for the last "
                    + GoDuration.format(inForce.truncatedTo(ChronoUnit.MILLIS))
                    + " of the fault: it was not in force for long enough to show that service comes back meanwhile, for"
                    + " which " + GoDuration.format(objective.acceptable()) + " are acceptable (locally raise"
                    + " havoq.local.max-duration)");
        }
    }

    /** A time that was missed says nothing of the broker if this machine was too busy to keep even the load's pace. */
    private void missed(Invariant invariant, Level level, String message) {
        var overload = Overload.of(instruments, settings);
        if (overload.isPresent() && findings.wouldFail(invariant, level)) {
            findings.unproven(message + "; not judged, since " + overload.get());
        } else {
            findings.violated(invariant, level, message);
        }
    }

    /** The ledger's judgement, once it was made. */
    Optional<Judgement> judgement() {
        return Optional.ofNullable(judgement);
    }

    List<Check> checklist() {
        return checklist;
    }

    /** Whether the cluster was found gone, so that what is missing cannot be blamed on the broker. */
    boolean clusterGone() {
        return clusterGone;
    }
}
