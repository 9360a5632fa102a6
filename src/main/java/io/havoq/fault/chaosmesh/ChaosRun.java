package io.havoq.fault.chaosmesh;

import java.time.Duration;

/**
 * Whose chaos objects they are, where they are made and how long each step may take.
 *
 * @param id the run's, in the label {@link ChaosMeshLabels#RUN} of every object
 * @param namespace of the objects; their targets may be elsewhere
 * @param maxDuration after which Chaos Mesh itself ends a lasting fault that nobody removed
 * @param injectionTimeout until Chaos Mesh says that every target is hit
 * @param removalTimeout until an object that was deleted is gone, before it is removed by force
 */
public record ChaosRun(
        String id, String namespace, Duration maxDuration, Duration injectionTimeout, Duration removalTimeout) {
    /** Refuses bounds that bound nothing. */
    public ChaosRun {
        for (var bound : new Duration[] {maxDuration, injectionTimeout, removalTimeout}) {
            if (bound.isNegative() || bound.isZero()) {
                throw new IllegalArgumentException("a bound of " + bound + ": expected more than 0");
            }
        }
    }
}
