package io.havoq.report;

import java.util.List;
import java.util.Optional;

/** The switches by which a build is told to leave the experiments out. */
final class Skips {
    private Skips() {}

    /**
     * The first switch that is on.
     *
     * @param switches {@code name=value}; a property that Maven does not know stays {@code ${name}} and is off
     */
    static Optional<String> of(List<String> switches) {
        return switches.stream().filter(entry -> entry.endsWith("=true")).findFirst();
    }
}
