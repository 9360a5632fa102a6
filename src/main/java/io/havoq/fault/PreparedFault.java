package io.havoq.fault;

import java.util.List;

/** A fault whose targets were looked at while no fault of the experiment was in force, ready to be injected once. */
@FunctionalInterface
public interface PreparedFault {
    /**
     * Injects it, as {@link FaultEngine#inject} does.
     *
     * @param earlier what was injected before it in the same experiment: what those do to the targets is not this fault's effect
     * @throws FaultException as there
     */
    Injection inject(List<Injection> earlier);
}
