package io.havoq.environment;

import io.havoq.time.GoDuration;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Whatever starts a node kept it down: for that long the node was down by no doing of its broker.
 *
 * @param target the node's name
 * @param kept what of it was not there
 * @param since since when: when its process ended, or its pod was made
 * @param until when it was started; empty for one that still waits
 * @param by who let it wait, and what can be done
 */
public record RestartDelay(String target, Kept kept, Instant since, Optional<Instant> until, String by) {
    /** What of a node was not there. */
    public enum Kept {
        /** The process, which had ended in a pod that stayed: who ended it makes a difference. */
        CONTAINER,
        /** A whole new pod, which no broker makes of itself. */
        POD,
        /** The machine below it. */
        NODE
    }

    /** Whether the node waits even now. */
    public boolean waiting() {
        return until.isEmpty();
    }

    @Override
    public String toString() {
        var end = until.orElseGet(Instant::now);
        var time = GoDuration.format(Duration.between(since, end).truncatedTo(ChronoUnit.SECONDS));
        return target
                + switch (kept) {
                    case CONTAINER ->
                        waiting()
                                ? " was not started again so far, " + time + " after it had ended"
                                : " was started again " + time + " after it had ended";
                    case POD -> waiting() ? " is kept down, for " + time + " so far" : " was kept down for " + time;
                    case NODE -> waiting() ? " is cut off, for " + time + " so far" : " was cut off for " + time;
                }
                + ": " + by;
    }
}
