package io.havoq.broker;

import java.time.Duration;
import java.time.Instant;

/**
 * The time of day that a node tells.
 *
 * @param resolution what is less was cut off
 * @param source how it was asked, for people: {@code HTTP /health}
 */
public record WallClock(Instant time, Duration resolution, String source) {}
