package io.havoq.fault;

import java.util.List;

/** A fault whose targets were looked at while no fault of the experiment was in force, ready to be injected once. */
@FunctionalInterface
public interface PreparedFault {
    /**
     * Looks at the targets once more, with the earlier faults in force; does nothing to them, and may take some seconds for each. Without it
     * {@link #inject} does that itself: it is there for who holds a lock while something is injected.
     *
     * @throws FaultException if it could not be injected
     */
    default void amid(List<Injection> earlier) {}

    /**
     * Injects it, as {@link FaultEngine#inject} does.
     *
     * @param earlier what was injected before it in the same experiment: what those do to the targets is not this fault's effect
     * @throws FaultException as there
     */
    Injection inject(List<Injection> earlier);
}
