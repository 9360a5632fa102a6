package io.havoq.fault.local.clock;

/** Whether the nodes' clocks can be reached. */
public sealed interface ClockSupport {
    /**
     * By the sandbox; whether it has the rights is for {@link ClockControl#probe} to find out.
     *
     * @param clock how the nodes tell their time
     */
    record Available(ClockControl control, NodeClock clock) implements ClockSupport {}

    /** They cannot: why, and what would have to change. */
    record Unavailable(String reason, String remedy) implements ClockSupport {}
}
