package io.havoq.experiment;

import io.havoq.settings.Settings;
import io.havoq.time.GoDuration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Whether this machine was too busy to keep even the load's pace: then a time that was missed says nothing of the broker. */
final class Overload {
    private Overload() {}

    /** How it was seen; empty if the load kept its pace so far. */
    static Optional<String> of(Instruments instruments, Settings settings) {
        var lag = instruments.pacerLag();
        var bound = settings.get(ExperimentSettings.MAX_PACER_LAG);
        return lag.compareTo(bound) > 0
                ? Optional.of("this machine was overloaded: 1 % of the load's messages left "
                        + GoDuration.format(lag.truncatedTo(ChronoUnit.MILLIS)) + " late or later, at most "
                        + GoDuration.format(bound) + " are allowed (" + ExperimentSettings.MAX_PACER_LAG.key() + ")")
                : Optional.empty();
    }
}
