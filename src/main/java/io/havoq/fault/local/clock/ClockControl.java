package io.havoq.fault.local.clock;

import io.havoq.fault.FaultException;
import io.havoq.fault.Support;
import io.havoq.fault.local.service.Calls;
import io.havoq.manifest.TimeChaos.ClockId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Asks the sandbox to shift clocks: the other end of {@link ClockService}. Thread-safe. */
public final class ClockControl {
    private final Calls calls;
    private final Map<String, Unshifted> unshifted = new ConcurrentHashMap<>();

    /** What a node told before a rule, and when that rule was lifted. */
    private record Unshifted(Optional<ClockReading> told, Instant lifted) {}

    /**
     * What a node's processes show under a rule.
     *
     * @param pid the main process, as the sandbox sees it; 0 while there is none
     * @param processes how many the node has
     * @param shifted in how many of them the sum of the node's rules was read back
     */
    record NodeState(long pid, int processes, int shifted) {
        /** Whether no process is there that should be shifted and is not. */
        boolean complete() {
            return shifted == processes;
        }
    }

    public ClockControl(Calls calls) {
        this.calls = calls;
    }

    /** Tries on a process of its own whether clocks can be shifted here. */
    public Support probe() {
        var answer = ask("clock.probe", List.of());
        return answer.isEmpty()
                ? new Support.Supported()
                : new Support.Unsupported("the nodes' clocks cannot be shifted: " + answer.get(0), answer.get(1));
    }

    /** Adds to a node's clocks, until {@link #lift}. What several rules add, adds up. */
    void impose(String id, String node, Duration offset, List<ClockId> clocks) {
        var shift = Shift.of(offset, clocks);
        ask(
                "clock.impose",
                List.of(
                        id,
                        node,
                        Long.toString(shift.offset().toSeconds()),
                        Long.toString(shift.offset().toNanosPart()),
                        Long.toString(shift.clocks())));
    }

    /** Takes a rule back on all nodes; returns which processes it did not reach, and why. */
    List<String> lift(String id) {
        return ask("clock.lift", List.of(id));
    }

    /** What is seen of a rule on each of its nodes now; empty if there is no such rule. */
    Map<String, NodeState> state(String id) {
        var words = ask("clock.state", List.of(id));
        var states = new LinkedHashMap<String, NodeState>();
        Stream.iterate(0, at -> at < words.size(), at -> at + 4)
                .forEach(at -> states.put(
                        words.get(at),
                        new NodeState(
                                Long.parseLong(words.get(at + 1)),
                                Integer.parseInt(words.get(at + 2)),
                                Integer.parseInt(words.get(at + 3)))));
        return states;
    }

    /**
     * What a node tells before a rule. A word of its own that is older than the end of an earlier rule was spoken under that: then
     * what it told before that one.
     */
    Optional<ClockReading> before(String node, Optional<ClockReading> now) {
        var earlier = unshifted.get(node);
        return earlier == null
                        || now.filter(told -> told.asked() || told.at().isAfter(earlier.lifted))
                                .isPresent()
                ? now
                : earlier.told;
    }

    /** A rule was lifted. */
    void lifted(String node, Optional<ClockReading> before, Instant when) {
        unshifted.put(node, new Unshifted(before, when));
    }

    private List<String> ask(String verb, List<String> arguments) {
        try {
            return calls.call(verb, arguments);
        } catch (IOException e) {
            throw new FaultException("the nodes' clocks: " + verb + " " + arguments + " failed: " + e.getMessage(), e);
        }
    }
}
