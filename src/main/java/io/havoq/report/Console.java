package io.havoq.report;

import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * What a run says while it runs, in plain ASCII: one line for each phase of an experiment that ended, one for each
 * verdict, and the table at the end. Thread-safe: every line is printed at once.
 */
public final class Console {
    private final Consumer<String> out;

    Console(Consumer<String> out) {
        this.out = out;
    }

    /** A console on {@link System#out}, as it is when the line is printed. */
    public static Console onSystemOut() {
        return new Console(line -> System.out.println(line));
    }

    /** A phase that ended: {@code [havoq] PodKillIT.leader  injected pod-kill on emqx-go-1 ... 0.12 s}. */
    public void phase(String experiment, ExperimentResult.Phase phase) {
        var what = phase.detail().isBlank() ? phase.name() : phase.name() + " " + phase.detail();
        say(experiment, what + " ... " + Figures.seconds(phase.durationMillis()) + (phase.ok() ? "" : " NOT OK"));
    }

    /** Something else that a reader waits for or should know. */
    public void say(String experiment, String what) {
        out.accept("[havoq] " + Ascii.of(experiment) + "  " + Ascii.of(what));
    }

    /** The end of an experiment: its verdict, and why if it is not {@code passed} without a warning. */
    public void verdict(String experiment, ExperimentResult result) {
        say(experiment, VerdictLine.of(result));
        result.notes().forEach(note -> say(experiment, "note: " + note));
    }

    /** The table of the run and where to read on; Maven prints it after all JVMs of the build, others call this. */
    public void table(RunResult run, Path report) {
        FinalTable.lines(SummaryJson.run(run, "", 0)).forEach(out);
        out.accept("report: " + report.toAbsolutePath());
    }
}
