package io.havoq.fault;

import io.havoq.environment.Target;
import io.havoq.manifest.ChaosSpec;
import java.util.List;

/** Carries out faults. One life cycle drives every engine: inject, await the effect, remove, await that it is gone. */
public interface FaultEngine {
    /** Whether this engine can carry out the fault here, without doing anything. */
    Support supports(ChaosSpec spec);

    /**
     * Whether faults can be in force together; each for itself is another question.
     *
     * @param aims those of one experiment, in the order in which they are injected
     */
    default Support together(List<Aim> aims) {
        return new Support.Supported();
    }

    /**
     * Looks at what is normal for the targets, and does nothing to them. All faults of an experiment are prepared before the first is injected,
     * since an earlier one's effect is not normal. The parameters are those of {@link #inject}.
     *
     * @throws FaultException if it could not be injected
     */
    default PreparedFault prepare(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
        return earlier -> inject(id, spec, targets, peers);
    }

    /**
     * Injects a fault into the given targets and returns at once; {@link Injection#effect()} tells when it acted.
     *
     * @param targets what the manifest's selector chose
     * @param peers who is on the other side of a fault between two sides, e.g. the target of a NetworkChaos; else nobody
     * @param id unique within the run, part of whatever the engine creates
     * @throws FaultException if it could not be injected; nothing is left behind then
     */
    Injection inject(String id, ChaosSpec spec, List<Target> targets, List<Target> peers);
}
