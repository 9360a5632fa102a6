package io.havoq.experiment;

import io.havoq.report.Console;
import io.havoq.report.ExperimentResult.Phase;
import io.havoq.time.RunClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * The phases of one experiment: runs each, prints one line for it, keeps its times, and turns whatever it throws into a
 * finding, so that the phases after it that must run do run.
 */
final class PhaseLog {
    private final String experiment;
    private final Console console;
    private final Findings findings;
    private final List<Phase> phases = new ArrayList<>();

    PhaseLog(String experiment, Console console, Findings findings) {
        this.experiment = experiment;
        this.console = console;
        this.findings = findings;
    }

    /**
     * Runs a phase.
     *
     * @param work returns what is worth saying about it
     * @return whether it ended without an exception
     */
    boolean run(String name, Callable<String> work) {
        var from = RunClock.now();
        try {
            record(name, from, true, work.call());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            findings.unproven(name + " was interrupted", e);
            record(name, from, false, "interrupted");
            return false;
        } catch (Exception | AssertionError e) {
            findings.unproven(name, e);
            record(
                    name,
                    from,
                    false,
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            return false;
        }
    }

    /** Does something by the way; what it throws becomes a finding. */
    void attempt(String doing, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            findings.unproven(doing, e);
        }
    }

    synchronized List<Phase> phases() {
        return List.copyOf(phases);
    }

    private void record(String name, long fromNanos, boolean ok, String detail) {
        var phase = new Phase(
                name,
                RunClock.instant(fromNanos),
                RunClock.between(fromNanos, RunClock.now()).toMillis(),
                ok,
                detail);
        synchronized (this) {
            phases.add(phase);
        }
        console.phase(experiment, phase);
    }
}
