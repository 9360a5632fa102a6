package io.havoq.experiment;

import io.havoq.Experiment;
import io.havoq.Recovery;
import io.havoq.environment.Target;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The experiment as its test sees it. */
final class RunningExperiment implements Experiment {
    private final String id;
    private final ExperimentLife life;
    /** Asked anew each time: a view that a set-up method got is older than the fault. */
    private final Supplier<Optional<FaultPhase>> fault;

    private final Findings findings;

    RunningExperiment(String id, ExperimentLife life, Supplier<Optional<FaultPhase>> fault, Findings findings) {
        this.id = id;
        this.life = life;
        this.fault = fault;
        this.findings = findings;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public List<Target> targets() {
        return fault.get().map(FaultPhase::targets).orElse(List.of());
    }

    @Override
    public void during(ThrowingBody body) {
        var phase = fault.get()
                .orElseThrow(() -> new IllegalStateException("during() is for the test method, after the injection"));
        var baseline = phase.targets().isEmpty();
        if (!baseline && !phase.inForce()) {
            findings.unproven("the fault was no longer in force when during() began");
        }
        try {
            body.run();
        } catch (Throwable thrown) {
            throw sneaky(thrown);
        } finally {
            if (!baseline && !phase.lastingInForce()) {
                findings.unproven("the fault was no longer in force when during() ended");
            }
        }
    }

    @Override
    public void hold() {
        life.hold();
    }

    @Override
    public void should(String what, ThrowingBody body) {
        try {
            body.run();
        } catch (AssertionError error) {
            findings.shouldFailed(what, error);
        } catch (Throwable thrown) {
            throw sneaky(thrown);
        }
    }

    @Override
    public Recovery recover() {
        return life.recover();
    }

    /** The test method may declare what it likes; what its assertions throw must reach the judgement as it is. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
