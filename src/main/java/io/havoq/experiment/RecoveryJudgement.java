package io.havoq.experiment;

import io.havoq.Invariant;
import io.havoq.Level;
import io.havoq.recovery.Objective;
import io.havoq.time.GoDuration;
import java.time.Duration;
import java.util.Optional;

/** Judges recovery times against the objective. */
record RecoveryJudgement(Objective objective, Optional<Duration> clusterRto, Optional<Duration> serviceRto) {

    /** Takes a time that was missed. */
    interface Missed {
        void missed(Invariant invariant, Level level, String message);
    }

    void judge(Missed misses) {
        judge(misses, Invariant.RECOVERY_TIME, "cluster RTO", clusterRto);
        judge(misses, Invariant.AVAILABILITY, "service RTO", serviceRto);
    }

    private void judge(Missed misses, Invariant invariant, String what, Optional<Duration> measured) {
        objective
                .judge(measured)
                .ifPresent(level -> misses.missed(
                        invariant,
                        level,
                        what + " "
                                + measured.map(time -> GoDuration.format(Duration.ofMillis(time.toMillis())))
                                        .orElse("not reached within the bound")
                                + ", target " + GoDuration.format(objective.target()) + ", acceptable "
                                + GoDuration.format(objective.acceptable())));
    }
}
