package io.havoq.fault.local.stress;

import io.havoq.fault.local.stress.GroupPlace.VersionOne;
import io.havoq.fault.local.stress.GroupPlace.VersionTwo;
import io.havoq.journal.GroupEnd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The control groups of a run's nodes, one node in each: what they may use, and what they use. The file names are those of the
 * kernel's documentation (admin-guide/cgroup-v1 {@code memory.rst}, {@code cpuacct.rst}, scheduler/{@code sched-bwc.rst};
 * admin-guide/{@code cgroup-v2.rst}). Thread-safe.
 */
public final class NodeGroups {
    /** The quota is given for so long (sched-bwc.rst: the default). */
    private static final long PERIOD_MICROS = 100_000;

    private static final Duration REMOVAL = Duration.ofSeconds(5);

    private final GroupPlace place;
    private final List<String> nodes;

    private NodeGroups(GroupPlace place, List<String> nodes) {
        this.place = place;
        this.nodes = List.copyOf(nodes);
    }

    /**
     * Makes a group for each node.
     *
     * @param place whose directories are on record as something to be undone
     * @param cpus how many processors a node may use; 0: all
     * @throws IOException saying which step failed; what was made is removed by {@link #remove}
     */
    public static NodeGroups make(GroupPlace place, List<String> nodes, double cpus) throws IOException {
        var groups = new NodeGroups(place, nodes);
        if (place instanceof VersionTwo two) {
            // Harmless where it is given already.
            write(two.group().resolveSibling("cgroup.subtree_control"), "+cpu +memory");
        }
        for (var directory : place.directories()) {
            Files.createDirectory(directory);
        }
        if (place instanceof VersionTwo two) {
            write(two.group().resolve("cgroup.subtree_control"), "+cpu +memory");
        }
        for (var node : nodes) {
            for (var directory : groups.directories(node)) {
                Files.createDirectory(directory);
            }
            if (cpus > 0) {
                groups.limitCpu(node, cpus);
            }
        }
        return groups;
    }

    /** Groups that are there already. */
    static NodeGroups existing(GroupPlace place, List<String> nodes) {
        return new NodeGroups(place, nodes);
    }

    /** The directories whose {@code cgroup.procs} a process writes itself into to be in a node's group. */
    public List<Path> directories(String node) {
        return place.directories().stream()
                .map(directory -> directory.resolve(node))
                .toList();
    }

    private void limitCpu(String node, double cpus) throws IOException {
        long quota = Math.max(1_000, Math.round(cpus * PERIOD_MICROS));
        if (place instanceof VersionOne one) {
            write(one.cpu().resolve(node).resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
            write(one.cpu().resolve(node).resolve("cpu.cfs_quota_us"), Long.toString(quota));
        } else if (place instanceof VersionTwo two) {
            write(two.group().resolve(node).resolve("cpu.max"), quota + " " + PERIOD_MICROS);
        }
    }

    /** From now on a node has no more memory than this, swap included; the kernel ends a process of it that wants more. */
    void limitMemory(String node, long bytes) throws IOException {
        if (place instanceof VersionOne one) {
            var group = one.memory().resolve(node);
            write(group.resolve("memory.max_usage_in_bytes"), "0");
            write(group.resolve("memory.limit_in_bytes"), Long.toString(bytes));
            // Not there where the kernel counts no swap (memory.rst, swapaccount).
            if (Files.exists(group.resolve("memory.memsw.limit_in_bytes"))) {
                write(group.resolve("memory.memsw.limit_in_bytes"), Long.toString(bytes));
            }
        } else if (place instanceof VersionTwo two) {
            var group = two.group().resolve(node);
            if (Files.exists(group.resolve("memory.swap.max"))) {
                write(group.resolve("memory.swap.max"), "0");
            }
            write(group.resolve("memory.max"), Long.toString(bytes));
        }
    }

    /** A node has what there is again. */
    void unlimitMemory(String node) throws IOException {
        if (place instanceof VersionOne one) {
            var group = one.memory().resolve(node);
            // The sum of memory and swap first: it may not be below the memory alone.
            if (Files.exists(group.resolve("memory.memsw.limit_in_bytes"))) {
                write(group.resolve("memory.memsw.limit_in_bytes"), "-1");
            }
            write(group.resolve("memory.limit_in_bytes"), "-1");
        } else if (place instanceof VersionTwo two) {
            var group = two.group().resolve(node);
            write(group.resolve("memory.max"), "max");
            if (Files.exists(group.resolve("memory.swap.max"))) {
                write(group.resolve("memory.swap.max"), "max");
            }
        }
    }

    GroupUsage usage(String node) throws IOException {
        if (place instanceof VersionOne one) {
            var cpu = Files.readAllLines(one.cpu().resolve(node).resolve("cpu.stat"), StandardCharsets.US_ASCII);
            var memory = one.memory().resolve(node);
            return new GroupUsage(
                    number(one.accounting().resolve(node).resolve("cpuacct.usage")),
                    value(cpu, "nr_periods"),
                    value(cpu, "nr_throttled"),
                    value(cpu, "throttled_time"),
                    number(memory.resolve("memory.usage_in_bytes")),
                    number(memory.resolve("memory.max_usage_in_bytes")),
                    value(lines(memory.resolve("memory.stat")), "shmem"),
                    value(lines(memory.resolve("memory.oom_control")), "oom_kill"));
        }
        var group = ((VersionTwo) place).group().resolve(node);
        var cpu = lines(group.resolve("cpu.stat"));
        return new GroupUsage(
                value(cpu, "usage_usec") * 1_000,
                value(cpu, "nr_periods"),
                value(cpu, "nr_throttled"),
                value(cpu, "throttled_usec") * 1_000,
                number(group.resolve("memory.current")),
                // From kernel 5.19 on.
                number(group.resolve(Files.exists(group.resolve("memory.peak")) ? "memory.peak" : "memory.current")),
                value(lines(group.resolve("memory.stat")), "shmem"),
                value(lines(group.resolve("memory.events")), "oom_kill"));
    }

    /** How many processes of a node the kernel ended for want of memory, ever; 0 if that cannot be read any more. */
    public long oomKills(String node) {
        try {
            return place instanceof VersionOne one
                    ? value(lines(one.memory().resolve(node).resolve("memory.oom_control")), "oom_kill")
                    : value(lines(((VersionTwo) place).group().resolve(node).resolve("memory.events")), "oom_kill");
        } catch (IOException e) {
            return 0; // the run is being closed, and its groups are gone
        }
    }

    /** The processes in a node's group, by the pids of whoever asks. */
    List<Long> members(String node) throws IOException {
        return lines(directories(node).get(0).resolve("cgroup.procs")).stream()
                .map(Long::parseLong)
                .toList();
    }

    /**
     * Removes the groups. Idempotent.
     *
     * @throws IOException if one is still there
     */
    public static void remove(GroupPlace place) throws IOException {
        for (var directory : place.directories()) {
            GroupEnd.remove(directory, REMOVAL);
        }
    }

    /** The nodes that have a group. */
    public List<String> nodes() {
        return nodes;
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file, StandardCharsets.US_ASCII);
    }

    private static long number(Path file) throws IOException {
        return Long.parseLong(Files.readString(file, StandardCharsets.US_ASCII).strip());
    }

    private static long value(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(
                        line -> Long.parseLong(line.substring(name.length() + 1).strip()))
                .findFirst()
                .orElse(0);
    }

    private static void write(Path file, String text) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file + " is not there: the kernel has no such control");
        }
        try {
            Files.writeString(file, text, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new IOException("'" + text + "' cannot be written to " + file + ": " + e.getMessage(), e);
        }
    }
}
