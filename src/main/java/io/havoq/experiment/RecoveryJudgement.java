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
 * @param until until when the cluster was watched: it was whole by then, or it was not
 * @param delays the nodes that were kept down by no doing of their brokers
 */
record RecoveryJudgement(
        Objective objective,
        Optional<Duration> clusterRto,
        Optional<Duration> serviceRto,
        Instant from,
        Instant until,
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

    /**
     * The time that a node was kept down is not the broker's. What it missed even without that time, it missed: also a cluster that was not
     * whole for longer than acceptable while no node was kept down.
     */
    private void judgeCluster(Level level, Missed misses) {
        var message = message("cluster RTO", clusterRto) + target();
        var kept = delays.within(from, until);
        if (kept.isZero()) {
            misses.missed(Invariant.RECOVERY_TIME, level, message);
            return;
        }
        var own = clusterRto.orElse(Duration.between(from, until)).minus(kept);
        if (!objective.judge(Optional.of(own)).equals(Optional.of(level))) {
            misses.perhapsMissed(Invariant.RECOVERY_TIME, level, message, delays.toString());
        } else {
            misses.missed(
                    Invariant.RECOVERY_TIME,
                    level,
                    message + "; " + (clusterRto.isEmpty() ? "still not after " : "") + format(own)
                            + " without the time in which " + delays);
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
