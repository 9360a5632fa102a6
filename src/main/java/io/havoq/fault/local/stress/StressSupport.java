package io.havoq.fault.local.stress;

import io.havoq.fault.Support;
import io.havoq.manifest.StressChaos;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/**
 * What stress is possible here.
 *
 * @param limits the nodes' groups, or why they have none
 * @param hostPid the pid by which this machine knows a process of the sandbox; empty if it is gone
 */
public record StressSupport(StressControl control, Limits limits, LongFunction<OptionalLong> hostPid) {
    /** No experiment needs more, and every one is a thread or a block of memory. */
    static final int MOST_WORKERS = 64;

    /** What holds the nodes within limits. */
    public sealed interface Limits {
        /**
         * A group for each node.
         *
         * @param cpus processors of each node; 0: all
         * @param memoryBytes that each node has while a StressChaos takes memory
         */
        record Groups(NodeGroups groups, double cpus, long memoryBytes) implements Limits {}

        /** Nothing: why, and what would have to change. */
        record None(String reason, String remedy) implements Limits {}
    }

    /** Whether a fault can be carried out. */
    public Support supports(StressChaos spec) {
        var workers = Math.max(
                spec.cpu().map(StressChaos.Cpu::workers).orElse(0),
                spec.memory().map(StressChaos.Memory::workers).orElse(0));
        if (workers > MOST_WORKERS) {
            return new Support.Unsupported(
                    workers + " workers are more than the local engine starts",
                    "use " + MOST_WORKERS + " at most, or run it with havoq.environment=kubernetes");
        }
        if (limits instanceof Limits.None none) {
            if (spec.memory().isPresent()) {
                return new Support.Unsupported(
                        "memory stress needs a limit that the kernel keeps, and the nodes have none: " + none.reason(),
                        none.remedy());
            }
            if (!taskset()) {
                return new Support.Unsupported(
                        "the nodes' processor time is not limited (" + none.reason()
                                + "), and without the program 'taskset' that cannot be emulated",
                        none.remedy() + "; or install util-linux");
            }
        }
        return new Support.Supported();
    }

    /** Whether a process can be kept to some of the processors. */
    private static boolean taskset() {
        return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "taskset")));
    }
}
