package io.havoq.experiment;

import io.havoq.environment.Target;
import io.havoq.settings.Settings;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Injects a fault into the load that flows, and sees what of it the fault met: one that meets no client and no publish under way shows
 * nothing. Used by one thread.
 */
final class FaultExposure {
    private final FaultPhase fault;
    private final Instruments instruments;
    private final Findings findings;
    private final Duration effectBound;

    FaultExposure(FaultPhase fault, Instruments instruments, Findings findings, Settings settings) {
        this.fault = fault;
        this.instruments = instruments;
        this.findings = findings;
        this.effectBound = settings.get(ExperimentSettings.EFFECT_BOUND);
    }

    /** Returns when the fault acts on every target; throws if that cannot be shown. */
    String inject() throws Exception {
        var names = fault.targets().stream().map(Target::name).toList();
        // Closed only after the fault acted: publishes must be outstanding at the very moment.
        var press = instruments.pressOn(fault.touched());
        try {
            var since = RunClock.now();
            var acted = fault.inject(effectBound) && fault.awaitEffect(effectBound);
            instruments.faultActs(since);
            var met = met(since);
            if (!acted) {
                throw new IllegalStateException("no proof within " + GoDuration.format(effectBound)
                        + " that the fault acted on every target; seen: " + proofLines());
            }
            return "at " + names + (met.isEmpty() ? ", where it meets no client at once" : met);
        } finally {
            press.close();
        }
    }

    /** What the fault met; that it met nothing somewhere makes the experiment inconclusive. */
    private String met(long sinceNanos) {
        while (true) {
            var ended = fault.alsoEnded();
            var cut = exposure(fault.cutOff(ended), sinceNanos, true);
            var disturbed = exposure(fault.disturbed(ended), sinceNanos, false);
            // A process that has just ended is not among those that serve any more: asked again.
            if (fault.alsoEnded().equals(ended)) {
                return told(fault.cutOff(ended), cut) + told(fault.disturbed(ended), disturbed);
            }
        }
    }

    private Optional<Instruments.Exposure> exposure(List<String> nodes, long sinceNanos, boolean cut) {
        return nodes.isEmpty() ? Optional.empty() : Optional.of(instruments.exposure(nodes, sinceNanos, cut));
    }

    private String told(List<String> nodes, Optional<Instruments.Exposure> met) {
        met.filter(exposure -> exposure.connectedClients() == 0 || exposure.outstandingPublishes() == 0)
                .ifPresent(exposure -> findings.unproven(
                        "the fault met " + exposure + " at " + nodes + ": expected at least one of each"));
        return met.map(exposure ->
                        ", where it met " + exposure + (fault.touched().equals(nodes) ? "" : " at " + nodes))
                .orElse("");
    }

    /** What was seen of it, and that somebody else than the engine saw it; throws if nobody did. */
    String observed() {
        if (fault.effectObservedAt().isEmpty()) {
            throw new IllegalStateException(
                    "only the engine says that the fault acted, nothing independent: " + proofLines());
        }
        return String.join("; ", proofLines());
    }

    private List<String> proofLines() {
        return fault.proof().stream()
                .map(proof -> proof.target() + ": " + proof.observation() + (proof.independent() ? "" : " (engine)"))
                .toList();
    }
}
