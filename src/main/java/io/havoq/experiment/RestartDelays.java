package io.havoq.experiment;

import io.havoq.environment.Environment;
import io.havoq.environment.RestartDelay;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** The nodes that the fault may have ended and that were then kept down by no doing of their brokers. */
record RestartDelays(List<RestartDelay> all) {
    RestartDelays {
        all = List.copyOf(all);
    }

    /** As of now. A node that ended though the fault ends none ended by itself, and waits for that. */
    static RestartDelays of(Environment environment, List<PlannedFault> plan) {
        var expected = RestartExpectation.of(plan);
        return new RestartDelays(environment.restartDelays().stream()
                .filter(delay -> expected.containsKey(delay.target())
                        && expected.get(delay.target()).inItsPod())
                .toList());
    }

    boolean none() {
        return all.isEmpty();
    }

    /** Whether a node waits even now. */
    boolean waiting() {
        return all.stream().anyMatch(RestartDelay::waiting);
    }

    /** How long of the time since an instant the cluster could not be whole: the longest of them, since they wait side by side. */
    Duration since(Instant from) {
        return all.stream()
                .map(delay -> delay.since(from))
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    @Override
    public String toString() {
        return all.stream().map(RestartDelay::toString).collect(Collectors.joining("; "));
    }
}
