package io.havoq.experiment;

import io.havoq.Recovery;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.Optional;

/**
 * When the cluster was whole again, as time since the fault began or was removed.
 *
 * @param base what recovery counts from, in monotonic nanoseconds
 */
record MeasuredRecovery(Instruments.RecoveryTimes times, long base) {
    /** Of an experiment that nobody measured, or without a fault. */
    static final Recovery NONE = new Recovery(Optional.empty(), Optional.empty(), Optional.empty());

    Recovery recovery() {
        return new Recovery(
                sinceBase(times.serviceRecoveredAtNanos()),
                sinceBase(times.clusterRecoveredAtNanos()),
                sinceBase(times.membersBackAtNanos()));
    }

    private Optional<Duration> sinceBase(Optional<Long> at) {
        return at.map(nanos -> RunClock.between(base, nanos));
    }
}
