package io.havoq.experiment;

import io.havoq.environment.Environment;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.RestartDelay;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The nodes that were kept down by no doing of their brokers. */
record RestartDelays(List<RestartDelay> all) {
    static final RestartDelays NONE = new RestartDelays(List.of());

    RestartDelays {
        all = List.copyOf(all);
    }

    /**
     * As of now; none, and a note, if the environment cannot be asked. A process that ended though the fault ends none ended by itself, and
     * waits for that.
     */
    static RestartDelays of(Environment environment, List<PlannedFault> plan, Findings findings) {
        var expected = RestartExpectation.of(plan);
        try {
            return new RestartDelays(environment.restartDelays().stream()
                    .filter(delay -> delay.kept() != RestartDelay.Kept.CONTAINER
                            || (expected.containsKey(delay.target())
                                    && expected.get(delay.target()).inItsPod()))
                    .toList());
        } catch (EnvironmentException e) {
            findings.note("whether a node was started again late is not known: " + e.getMessage());
            return NONE;
        }
    }

    /** Whether a node waits even now. */
    boolean waiting() {
        return all.stream().anyMatch(RestartDelay::waiting);
    }

    /** How long of a time the cluster could not be whole: whenever at least one of them was kept down. */
    Duration within(Instant from, Instant until) {
        var sum = Duration.ZERO;
        var covered = from;
        for (var delay :
                all.stream().sorted(Comparator.comparing(RestartDelay::since)).toList()) {
            var begun = later(delay.since(), covered);
            var ended = delay.until().filter(until::isAfter).orElse(until);
            if (ended.isAfter(begun)) {
                sum = sum.plus(Duration.between(begun, ended));
                covered = ended;
            }
        }
        return sum;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    @Override
    public String toString() {
        return all.stream().map(RestartDelay::toString).collect(Collectors.joining("; "));
    }
}
