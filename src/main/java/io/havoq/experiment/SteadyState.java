package io.havoq.experiment;

import io.havoq.environment.Target;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/**
 * Confirms that the cluster is steady before a fault comes: first without load, then under it. What was seen of it the run gets to know,
 * for the experiments that follow. Used by one thread.
 */
final class SteadyState {
    private final Run run;
    private final PhaseLog phases;
    private OptionalLong loadSince = OptionalLong.empty();

    SteadyState(Run run, PhaseLog phases) {
        this.run = run;
        this.phases = phases;
    }

    /** Whether every node is ready, and nothing of a former experiment is left. */
    boolean withoutLoad() {
        return confirmed("steady state confirmed", this::awaitNodes);
    }

    /** Whether the load flows; starts it. */
    boolean underLoad(Instruments instruments) {
        return confirmed("load flowing", () -> startLoad(instruments));
    }

    /** Since when the load has been flowing. */
    OptionalLong loadSince() {
        return loadSince;
    }

    /** What it throws says why the cluster is not steady; a time-out of the test says nothing of the cluster. */
    private boolean confirmed(String phase, Callable<String> confirmation) {
        return phases.run(phase, () -> {
            try {
                return confirmation.call();
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                // Some say in words of their own that they were interrupted.
                if (!Thread.currentThread().isInterrupted()) {
                    run.notSteady(e);
                }
                throw e;
            }
        });
    }

    private String awaitNodes() {
        var bound = run.environment().startTimeout();
        run.unsettled().forEach(former -> former.awaitNothingLeft(bound));
        if (!Waiting.becomes(
                "every node is ready",
                bound,
                () -> run.environment().targets().stream().allMatch(Target::ready))) {
            throw new IllegalStateException("no steady state: not ready within " + GoDuration.format(bound) + ": "
                    + run.environment().targets().stream()
                            .filter(target -> !target.ready())
                            .map(target -> target.name() + " (" + target.phase() + ")")
                            .collect(Collectors.joining(", ")));
        }
        return run.environment().targets().size() + " nodes ready, roles " + run.roles();
    }

    private String startLoad(Instruments instruments) throws Exception {
        instruments.start(!run.unsettled().isEmpty() ? run.environment().startTimeout() : Instruments.STEADY_BOUND);
        var since = RunClock.now();
        loadSince = OptionalLong.of(since);
        instruments.observe(run.settings().get(ExperimentSettings.NORMAL));
        run.steady();
        return instruments.ledger().acknowledgedBetween(since, RunClock.now())
                + " QoS 1/2 messages acknowledged so far";
    }
}
