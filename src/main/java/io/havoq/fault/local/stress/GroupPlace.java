package io.havoq.fault.local.stress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a run may make control groups for its nodes: below its own group, so that what limits the run limits them too. */
public sealed interface GroupPlace {
    /** The directories that a run makes; none of them exists now. */
    List<Path> directories();

    /**
     * Version 1: a hierarchy for each controller (cgroups(7)).
     *
     * @param cpu may be the same directory as {@code accounting}
     */
    record VersionOne(Path cpu, Path accounting, Path memory) implements GroupPlace {
        @Override
        public List<Path> directories() {
            return Stream.of(cpu, accounting, memory).distinct().toList();
        }
    }

    /**
     * Version 2: one hierarchy.
     *
     * @param group below a group that this user may write and that hands on the controllers
     */
    record VersionTwo(Path group) implements GroupPlace {
        @Override
        public List<Path> directories() {
            return List.of(group);
        }
    }

    /** Nowhere: why, and what would have to change. */
    record Nowhere(String reason, String remedy) implements GroupPlace {
        @Override
        public List<Path> directories() {
            return List.of();
        }
    }

    /** Looks for a place for this run, without making anything. */
    static GroupPlace find(String run) {
        return find(run, Path.of("/proc/self"));
    }

    /**
     * Looks for a place, as another process would.
     *
     * @param self the directory of proc(5) that tells of it
     */
    static GroupPlace find(String run, Path self) {
        List<String> mounts;
        List<String> own;
        try {
            mounts = Files.readAllLines(self.resolve("mountinfo"), StandardCharsets.UTF_8);
            own = Files.readAllLines(self.resolve("cgroup"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return new Nowhere("control groups exist on Linux only", "run on Linux, or in a Linux virtual machine");
        }
        var two = new Search(run, mounts, own).versionTwo();
        if (two.isPresent() && two.get() instanceof VersionTwo) {
            return two.get();
        }
        return new Search(run, mounts, own)
                .versionOne()
                .or(() -> two)
                .orElse(new Nowhere(
                        "no control groups with processors and memory are mounted",
                        "mount -t cgroup2 none /sys/fs/cgroup, as root"));
    }

    /** One search; the lines are those of proc(5) mountinfo and cgroups(7) /proc/self/cgroup. */
    record Search(String run, List<String> mounts, List<String> own) {
        private static final List<String> CONTROLLERS = List.of("cpu", "memory");

        private Path named(Path parent) {
            return parent.resolve("havoq-" + run);
        }

        Optional<GroupPlace> versionOne() {
            var cpu = hierarchy("cpu");
            var accounting = hierarchy("cpuacct");
            var memory = hierarchy("memory");
            if (cpu.isEmpty() || accounting.isEmpty() || memory.isEmpty()) {
                return Optional.empty();
            }
            for (var hierarchy : List.of(cpu.get(), accounting.get(), memory.get())) {
                if (!Files.isWritable(hierarchy.group)) {
                    return Optional.of(
                            unusable(hierarchy.mount, hierarchy.group)
                                    .orElse(
                                            new Nowhere(
                                                    "the control group " + hierarchy.group
                                                            + " (version 1) cannot be written by this user",
                                                    "run as root; an ordinary user needs control groups version 2 and systemd's delegation")));
                }
            }
            return Optional.of(
                    new VersionOne(named(cpu.get().group), named(accounting.get().group), named(memory.get().group)));
        }

        /** Why not even root can write a group; empty if it is for want of rights. */
        private static Optional<Nowhere> unusable(String mount, Path group) {
            var point = field(mount, 4);
            if (!Files.isDirectory(group)) {
                return Optional.of(new Nowhere(
                        "the control group " + group + " is not to be seen, although " + point + " is mounted",
                        "umount what hides it, or run where the control groups are to be seen, in a container with"
                                + " --cgroupns=host -v /sys/fs/cgroup:/sys/fs/cgroup:rw"));
            }
            return List.of(field(mount, 5).split(",", -1)).contains("ro")
                    ? Optional.of(new Nowhere(
                            "the control groups in " + point + " are mounted read-only, as in containers",
                            "mount -o remount,bind,rw " + point
                                    + ", as root, or start the container with --privileged"))
                    : Optional.empty();
        }

        /**
         * Where one hierarchy is.
         *
         * @param mount its line of mountinfo
         * @param group the own group in it
         */
        private record Hierarchy(String mount, Path group) {}

        private Optional<Hierarchy> hierarchy(String controller) {
            return mounts.stream()
                    .filter(line -> type(line).equals("cgroup") && options(line).contains(controller))
                    .flatMap(line -> own.stream()
                            .map(entry -> entry.split(":", 3))
                            .filter(entry -> List.of(entry[1].split(",", -1)).contains(controller))
                            .map(entry -> new Hierarchy(line, below(line, entry[2]))))
                    .findFirst();
        }

        Optional<GroupPlace> versionTwo() {
            var mount =
                    mounts.stream().filter(line -> type(line).equals("cgroup2")).findFirst();
            var entry = own.stream().filter(line -> line.startsWith("0::")).findFirst();
            if (mount.isEmpty() || entry.isEmpty()) {
                return Optional.empty();
            }
            var root = Path.of(field(mount.get(), 4));
            var group = below(mount.get(), entry.get().substring(3));
            if (!words(root.resolve("cgroup.controllers")).containsAll(CONTROLLERS)
                    && !words(group.resolve("cgroup.controllers")).containsAll(CONTROLLERS)) {
                return Optional.empty();
            }
            // A group with processes of its own hands on no controllers (cgroups(7), "no internal processes"), but the
            // root.
            for (var parent = group; parent.startsWith(root); parent = parent.getParent()) {
                var hands = words(parent.resolve("cgroup.subtree_control")).containsAll(CONTROLLERS);
                var may = words(parent.resolve("cgroup.controllers")).containsAll(CONTROLLERS)
                        && Files.isWritable(parent.resolve("cgroup.subtree_control"))
                        && (words(parent.resolve("cgroup.procs")).isEmpty()
                                || !Files.exists(parent.resolve("cgroup.type")));
                if (Files.isWritable(parent) && Files.isWritable(parent.resolve("cgroup.procs")) && (hands || may)) {
                    return Optional.of(new VersionTwo(named(parent)));
                }
            }
            return Optional.of(unusable(mount.get(), root)
                    .orElse(new Nowhere(
                            "no control group above this process (" + group
                                    + ") may be written by this user and hands on processors and memory",
                            "systemd-run --user --scope -p Delegate=yes sh -c '...', or run as root")));
        }

        private static String type(String line) {
            return line.substring(line.indexOf(" - ") + 3).split(" ", 2)[0];
        }

        private static List<String> options(String line) {
            return Arrays.asList(line.substring(line.lastIndexOf(' ') + 1).split(",", -1));
        }

        private static String field(String line, int index) {
            return line.split(" ", -1)[index];
        }

        /** The directory of a group in a mount, which may show a part of the hierarchy only, as in a container. */
        private static Path below(String line, String group) {
            var shown = Path.of(field(line, 3));
            var path = Path.of(group);
            var point = Path.of(field(line, 4));
            return path.startsWith(shown)
                    ? point.resolve(shown.relativize(path)).normalize()
                    : point;
        }

        private static List<String> words(Path file) {
            try {
                var text = Files.readString(file, StandardCharsets.US_ASCII).strip();
                return text.isEmpty() ? List.of() : List.of(text.split("\\s+"));
            } catch (IOException e) {
                return List.of(); // not there, or not ours to read: then it hands on nothing
            }
        }
    }
}
