package io.havoq.experiment;

import io.havoq.Invariant;
import io.havoq.Level;
import io.havoq.recovery.Objective;
import io.havoq.time.GoDuration;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Judges recovery times against the objective.
 *
 * @param from what they count from
 * @param delays the nodes that were kept down by no doing of their brokers
 */
record RecoveryJudgement(
        Objective objective,
        Optional<Duration> clusterRto,
        Optional<Duration> serviceRto,
        Instant from,
        RestartDelays delays) {

    /** Takes a time that was missed. */
    interface Missed {
        void missed(Invariant invariant, Level level, String message);

        /** The same, where the time may not be the broker's own.
         *
         * @param why no time of its own was missed for sure
         */
        void perhapsMissed(Invariant invariant, Level level, String message, String why);
    }

    void judge(Missed misses) {
        objective.judge(clusterRto).ifPresent(level -> judgeCluster(level, misses));
        objective
                .judge(serviceRto)
                .ifPresent(level ->
                        misses.missed(Invariant.AVAILABILITY, level, message("service RTO", serviceRto) + target()));
    }

    /** The time that a node was kept down is not the broker's. What it missed even without that time, it missed. */
    private void judgeCluster(Level level, Missed misses) {
        var message = message("cluster RTO", clusterRto) + target();
        if (delays.none()) {
            misses.missed(Invariant.RECOVERY_TIME, level, message);
            return;
        }
        var own = clusterRto.map(whole -> whole.minus(delays.since(from)));
        var still = objective.judge(own);
        if (own.isEmpty() ? delays.waiting() : still.isEmpty() || still.get() != level) {
            misses.perhapsMissed(Invariant.RECOVERY_TIME, level, message, delays.toString());
        } else {
            misses.missed(
                    Invariant.RECOVERY_TIME,
                    level,
                    message
                            + own.map(time -> "; " + format(time) + " without the time in which " + delays)
                                    .orElse(""));
        }
    }

    private static String message(String what, Optional<Duration> measured) {
        return what + " " + measured.map(RecoveryJudgement::format).orElse("not reached within the bound");
    }

    private String target() {
        return ", target " + GoDuration.format(objective.target()) + ", acceptable "
                + GoDuration.format(objective.acceptable());
    }

    private static String format(Duration time) {
        return GoDuration.format(Duration.ofMillis(time.toMillis()));
    }
}
