package io.havoq.experiment;

import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.time.Duration;

/**
 * Sees to it that a fault is in force from its injection until it is removed, and removes it: what was seen after it had ended by itself was
 * not seen under it. Used by one thread.
 */
final class FaultInForce {
    private final Findings findings;
    private final PhaseLog phases;
    private final FaultWindow window;
    private boolean lost;

    FaultInForce(Findings findings, PhaseLog phases, FaultWindow window) {
        this.findings = findings;
        this.phases = phases;
        this.window = window;
    }

    /**
     * Keeps it in force until the planned time has passed since its last part was injected; returns what was seen, also if it ended
     * before.
     */
    String keep(FaultPhase fault, Duration planned) throws Exception {
        var since = fault.togetherSince().orElseThrow();
        var left = planned.minus(RunClock.between(since, RunClock.now()));
        if (!Waiting.holds(left, fault::lastingInForce)) {
            lost();
            return "not in force any more after " + GoDuration.format(window.sinceBegin());
        }
        return (fault.spent().isEmpty() ? "in force for " : "spent on " + fault.spent() + " within ")
                + GoDuration.format(window.sinceBegin())
                + fault.duration()
                        .filter(whole -> whole.compareTo(planned) > 0)
                        .map(whole -> " instead of the manifest's " + GoDuration.format(whole))
                        .orElse("");
    }

    /** Asks for the last time whether it is in force, removes it and waits until it is gone; throws if something is left. */
    void remove(FaultPhase fault, Duration bound) {
        findings.removalBegins();
        var vouched = fault.removedAt().isPresent();
        if (!vouched && fault.acted()) {
            phases.attempt("asked whether the fault is in force", () -> {
                if (!fault.lastingInForce()) {
                    lost();
                }
            });
        }
        fault.remove();
        if (!vouched) {
            fault.doubts().forEach(doubt -> findings.unproven("nobody can vouch for the fault: " + doubt));
        }
        if (!fault.awaitGone(bound)) {
            throw new IllegalStateException(fault.left());
        }
    }

    /** It ended by itself, or got lost. */
    private void lost() {
        if (!lost) {
            lost = true;
            findings.unproven("the fault was no longer in force " + GoDuration.format(window.sinceBegin())
                    + " after the injection, though nobody had removed it");
        }
    }
}
