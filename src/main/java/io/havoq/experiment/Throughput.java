package io.havoq.experiment;

import io.havoq.time.GoDuration;
import io.havoq.workload.Burst;
import java.time.Duration;
import java.util.Optional;

/** The bursts of an experiment that measures throughput: one before the fault, to compare with, and those that the test asks for. */
final class Throughput {
    private final boolean measured;
    private final Findings findings;
    private Optional<Burst> normal = Optional.empty();

    Throughput(boolean measured, Findings findings) {
        this.measured = measured;
        this.findings = findings;
    }

    boolean measured() {
        return measured;
    }

    /** Sends the burst before the fault; throws if it carries nothing. */
    String measureNormal(Instruments instruments) throws InterruptedException {
        var burst = instruments.burst();
        if (burst.acknowledged() == 0) {
            throw new IllegalStateException(
                    "nothing was acknowledged in the burst before the fault: there is nothing to compare with");
        }
        normal = Optional.of(burst);
        return burst.toString();
    }

    /** The burst before the fault. */
    Burst normal() {
        require();
        return normal.orElseThrow(() ->
                new IllegalStateException("the burst before the fault is known in the test method, not before it"));
    }

    /**
     * Sends a burst now.
     *
     * @param sinceInjection for people
     */
    Burst burst(Instruments instruments, Duration sinceInjection) throws InterruptedException {
        require();
        var burst = instruments.burst();
        findings.note("burst " + GoDuration.format(sinceInjection) + " after the injection: " + burst);
        return burst;
    }

    private void require() {
        if (!measured) {
            throw new IllegalStateException(
                    "throughput is measured only if the test method or its class is annotated with"
                            + " @MeasuresThroughput");
        }
    }
}
