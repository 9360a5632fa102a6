package io.havoq.recovery;

import io.havoq.report.ExperimentResult.Outage;
import io.havoq.time.RunClock;
import java.time.Duration;

/**
 * A time in which no round trip completed, as one probe saw it; monotonic nanoseconds.
 *
 * @param fromNanos the last completion before, or where the observation began
 * @param untilNanos the first completion after, or where the observation ended
 * @param ended whether a completion ended it; otherwise it lasted at least until then
 */
public record OutageWindow(long fromNanos, long untilNanos, boolean ended) {
    /** How long it lasted, or at least lasted if it has not ended. */
    public Duration length() {
        return RunClock.between(fromNanos, untilNanos);
    }

    /** The same for the report, in wall-clock time. */
    public Outage toOutage() {
        return new Outage(RunClock.instant(fromNanos), RunClock.instant(untilNanos), length().toMillis());
    }
}
