package io.havoq.fault.local.syscall;

import io.havoq.fault.local.service.ProcessTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/**
 * How the nodes were started last, and whether their processes are watched: from their start, or since they were attached to. No process
 * is attached to twice. Thread-safe.
 */
final class NodeStarts {
    private final Map<String, Start> starts = new ConcurrentHashMap<>();
    /** Held by who attaches, so that no process has two tracers. */
    private final Object attaching = new Object();

    /**
     * How a node was started last.
     *
     * @param pid if it has been told of
     * @param watched whether its processes have the filter
     */
    record Start(OptionalLong pid, boolean watched) {}

    /** A node is being started. */
    void starting(String node, boolean watched) {
        starts.put(node, new Start(OptionalLong.empty(), watched));
    }

    /** A node was started as this process; empty if nobody has said that it was being started. */
    Optional<Start> started(String node, long pid) {
        return Optional.ofNullable(
                starts.computeIfPresent(node, (any, last) -> new Start(OptionalLong.of(pid), last.watched())));
    }

    /** Does something if no node's processes have a filter, while none can get one; returns whether it did. */
    boolean whileNoneIsWatched(Runnable action) {
        synchronized (attaching) {
            if (starts.values().stream().anyMatch(Start::watched)) {
                return false;
            }
            action.run();
            return true;
        }
    }

    /** Has the nodes' processes watched; does nothing where they are. */
    void attach(List<String> nodes, Attaching tracer) throws IOException {
        synchronized (attaching) {
            var due = new LinkedHashMap<String, Start>();
            for (var node : nodes) {
                var start = starts.get(node);
                // one that is only being started is watched from its start, or as soon as it is told of
                if (start != null && !start.watched() && start.pid().isPresent()) {
                    due.put(node, start);
                }
            }
            var seen = new HashSet<Attachable>();
            for (var processes = unseen(due, seen); !processes.isEmpty(); processes = unseen(due, seen)) {
                tracer.attach(processes);
            }
            due.forEach((node, start) -> starts.replace(node, start, new Start(start.pid(), true)));
        }
    }

    /** What of the nodes has not been attached to; children inherit the filter of those that have been. */
    private static List<Attachable> unseen(Map<String, Start> due, Set<Attachable> seen) throws IOException {
        var processes = new ArrayList<Attachable>();
        for (var node : due.entrySet()) {
            long leader = node.getValue().pid().orElseThrow();
            try {
                processes.addAll(unseen(node.getKey(), leader, seen));
            } catch (IOException e) {
                // what has ended is not attached to
                if (Attachment.startOf(leader) >= 0) {
                    throw e;
                }
            }
        }
        return processes;
    }

    private static List<Attachable> unseen(String node, long leader, Set<Attachable> seen) throws IOException {
        var tree = ProcessTree.of(leader);
        var processes = new ArrayList<Attachable>();
        var pids = LongStream.concat(
                        LongStream.of(leader), tree.wholeRest().stream().mapToLong(ProcessHandle::pid))
                .filter(pid -> !ProcessTree.isEngines(pid))
                .toArray();
        for (var pid : pids) {
            var process = new Attachable(node, pid, Attachment.startOf(pid));
            // Asked only now: it is of this process, or it has ended.
            if (process.ticks() >= 0 && tree.owns(pid) && seen.add(process)) {
                processes.add(process);
            }
        }
        return processes;
    }
}
