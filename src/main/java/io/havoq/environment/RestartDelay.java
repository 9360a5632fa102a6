package io.havoq.environment;

import io.havoq.time.GoDuration;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Whatever starts a node again took its time: for that long the node was down by no doing of its broker.
 *
 * @param target the node's name
 * @param ended when its process ended
 * @param startedAgain when it was started again; empty for one that still waits
 * @param by who let it wait, and what can be done
 */
public record RestartDelay(String target, Instant ended, Optional<Instant> startedAgain, String by) {
    /** Whether the node waits even now. */
    public boolean waiting() {
        return startedAgain.isEmpty();
    }

    /** How much of the time since an instant the node was kept down; at least zero. */
    public Duration since(Instant from) {
        var begun = ended.isAfter(from) ? ended : from;
        var lasted = Duration.between(begun, startedAgain.orElseGet(Instant::now));
        return lasted.isNegative() ? Duration.ZERO : lasted;
    }

    @Override
    public String toString() {
        return target + " was "
                + startedAgain
                        .map(again -> "started again " + GoDuration.format(whole(Duration.between(ended, again)))
                                + " after it had ended")
                        .orElse("not started again so far")
                + ": " + by;
    }

    private static Duration whole(Duration duration) {
        return duration.truncatedTo(ChronoUnit.SECONDS);
    }
}
