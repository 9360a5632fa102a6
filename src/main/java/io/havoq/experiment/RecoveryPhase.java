package io.havoq.experiment;

import io.havoq.Recovery;
import io.havoq.recovery.Objective;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Measures how the cluster recovered, and tells what of its times is no doing of the broker; of a baseline, observes the load instead.
 * Used by one thread.
 */
final class RecoveryPhase {
    private final String id;
    private final boolean baseline;
    private final Run run;
    private final Findings findings;
    private final FaultWindow window;
    private @Nullable MeasuredRecovery measured;

    RecoveryPhase(String id, boolean baseline, Run run, Findings findings, FaultWindow window) {
        this.id = id;
        this.baseline = baseline;
        this.run = run;
        this.findings = findings;
        this.window = window;
    }

    /** Waits until the cluster has recovered, and ends the window; throws if it is not known what recovery counts from. */
    String measure(FaultPhase fault, Instruments instruments, Objective objective) throws InterruptedException {
        if (baseline) {
            instruments.observe(run.settings().get(ExperimentSettings.OBSERVE));
        }
        var base = base(fault);
        if (base.isEmpty()) {
            throw new IllegalStateException("recovery cannot be counted: the fault was not removed");
        }
        awaitRestarts(fault);
        var bound = objective.acceptable().plus(run.settings().get(ExperimentSettings.RECOVERY_MARGIN));
        var times = instruments.awaitRecovery(window.from().getAsLong(), base.getAsLong(), bound);
        measured = new MeasuredRecovery(times, base.getAsLong());
        window.ends(baseline ? RunClock.now() : times.clusterRecoveredAtNanos().orElseGet(times::watchedUntilNanos));
        return times.detail();
    }

    /** A cluster is not waited for in vain while one of its nodes is kept down by no doing of its broker. */
    private void awaitRestarts(FaultPhase fault) {
        var delays = delays(fault);
        if (delays.waiting()) {
            var bound = run.environment().startTimeout();
            run.console().say(id, "waiting up to " + GoDuration.format(bound) + ", since " + delays);
            var unused = Waiting.becomes(
                    "no node is kept down", bound, () -> !delays(fault).waiting());
        }
    }

    /** What recovery counts from. */
    OptionalLong base(FaultPhase fault) {
        return baseline ? window.from() : fault.recoveryBase();
    }

    /** The nodes that this fault may have ended and that were kept down by no doing of their brokers. */
    RestartDelays delays(FaultPhase fault) {
        return RestartDelays.of(run.environment(), fault.plan(), findings);
    }

    /** Why the times say nothing of the broker; empty if they do, or there are none. */
    Optional<String> notTheBrokersTime(FaultPhase fault, Instruments instruments) {
        var recovered = measured;
        if (recovered == null || baseline) {
            return Optional.empty();
        }
        var delays = delays(fault);
        return delays.within(RunClock.instant(recovered.base()), Instant.now()).isZero()
                ? Overload.of(instruments, run.settings())
                : Optional.of(delays.toString());
    }

    boolean measured() {
        return measured != null;
    }

    /** For the test; of a baseline there is none. */
    Recovery recovery() {
        return measured == null || baseline ? MeasuredRecovery.NONE : measured.recovery();
    }

    Optional<Instruments.RecoveryTimes> times() {
        return Optional.ofNullable(measured).map(MeasuredRecovery::times);
    }
}
