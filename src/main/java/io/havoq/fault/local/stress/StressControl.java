package io.havoq.fault.local.stress;

import io.havoq.fault.FaultException;
import io.havoq.fault.local.service.Calls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the test JVM asks of the sandbox about stress. Thread-safe. */
public final class StressControl {
    private final Calls calls;

    /** @param calls into the sandbox */
    public StressControl(Calls calls) {
        this.calls = calls;
    }

    /** From its next start on, a node's processes are in these groups. */
    public void groups(String node, List<Path> directories) {
        var arguments = new ArrayList<>(List.of(node));
        directories.forEach(directory -> arguments.add(directory.toString()));
        ask("stress.groups", arguments);
    }

    /** Takes processor time beside a node; returns when the workers run. */
    void startCpu(String rule, String node, int workers, int loadPercent, boolean emulated) {
        ask(
                "stress.start",
                List.of(
                        rule,
                        node,
                        StressorState.Kind.CPU.name(),
                        Integer.toString(workers),
                        Integer.toString(loadPercent),
                        "",
                        emulated ? "emulated" : ""));
    }

    /**
     * Takes memory within a node's group; returns when the workers run, which is before they have it all.
     *
     * @return whether the node's oom_score_adj was raised, since the stressor's could not be lowered
     */
    boolean startMemory(String rule, String node, int workers, long bytes, int oomScoreAdj) {
        return Boolean.parseBoolean(ask(
                        "stress.start",
                        List.of(
                                rule,
                                node,
                                StressorState.Kind.MEMORY.name(),
                                Integer.toString(workers),
                                Long.toString(bytes),
                                Integer.toString(oomScoreAdj),
                                ""))
                .get(0));
    }

    /** Ends all stressors of a rule, and tells how they were at the end. Idempotent. */
    List<StressorState> stop(String rule) {
        return states(ask("stress.stop", List.of(rule)));
    }

    /** The stressors of a rule now. */
    List<StressorState> states(String rule) {
        return states(ask("stress.states", List.of(rule)));
    }

    private static List<StressorState> states(List<String> words) {
        var states = new ArrayList<StressorState>();
        for (int from = 0; from < words.size(); from += StressorState.WORDS) {
            states.add(StressorState.of(words.subList(from, from + StressorState.WORDS)));
        }
        return states;
    }

    private List<String> ask(String verb, List<String> arguments) {
        try {
            return calls.call(verb, arguments);
        } catch (IOException e) {
            throw new FaultException(verb + " " + arguments + " failed: " + e.getMessage(), e);
        }
    }
}
