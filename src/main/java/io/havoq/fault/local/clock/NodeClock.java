package io.havoq.fault.local.clock;

import java.util.Optional;

/** Reads nodes' wall clocks as the nodes themselves tell them. */
@FunctionalInterface
public interface NodeClock {
    /** The clock of a node now, or when it last told it; empty if it tells no time. */
    Optional<ClockReading> read(String node);
}
