package io.havoq.fault.chaosmesh;

import java.time.Duration;

/** The run that injects: placeholder. */
public record ChaosRun(
        String id, String namespace, Duration maxDuration, Duration injectionTimeout, Duration removalTimeout) {}
