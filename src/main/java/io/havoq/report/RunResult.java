package io.havoq.report;

import java.time.Instant;
import java.util.List;

/** A whole run: where it ran, the seed that repeats its choices, and its experiments in the order they ended. */
public record RunResult(
        String environment,
        String broker,
        String description,
        long seed,
        Instant startedAt,
        long durationMillis,
        List<ExperimentResult> experiments) {}
