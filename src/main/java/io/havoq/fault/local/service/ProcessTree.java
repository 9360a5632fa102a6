package io.havoq.fault.local.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that a node's process started: its session (each node leads one), and what left that session but carries the
 * node's variable. As with a container, nothing of it outlives the first process.
 */
public final class ProcessTree {
    /** The variable by which everything that a node started is known. */
    public static final String VARIABLE = "HAVOQ_NODE";

    /**
     * The variable of what the engine itself puts beside a node: it ends with the node, and is none of those that faults are for.
     */
    public static final String ENGINE = "HAVOQ_ENGINE";

    private static final Path PROC = Path.of("/proc");

    /** PF_KTHREAD of the kernel's include/linux/sched.h, in proc(5)'s flags. */
    private static final long KERNEL_THREAD = 0x0020_0000;

    private static final int EMPTY_LOOKS = 2;
    private static final long LOOK_AGAIN_NANOS = 10_000_000;
    /** An execve takes microseconds, on a busy machine milliseconds; a process without any environment never becomes clear. */
    private static final long UNCLEAR_NANOS = 100_000_000;

    private final long leader;
    private final byte[] variable;

    /**
     * @param leader the node's process, leader of its session
     * @param variable {@code NAME=value} of the node's environment that no other process has
     */
    public ProcessTree(long leader, String variable) {
        this.leader = leader;
        this.variable = ("\0" + variable + "\0").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The tree of a node's process that runs.
     *
     * @throws IOException if it carries no node's variable, or this process did not start it: then it is none of a node's
     */
    public static ProcessTree of(long leader) throws IOException {
        var self = ProcessHandle.current();
        var ours = Stream.iterate(
                        ProcessHandle.of(leader),
                        Optional::isPresent,
                        process -> process.flatMap(ProcessHandle::parent))
                .anyMatch(process -> process.get().equals(self));
        if (!ours || leader == self.pid()) {
            throw new IOException("process " + leader + " is not a node's: it was not started by this process");
        }
        var environment = new String(environment(PROC.resolve(Long.toString(leader))), StandardCharsets.UTF_8);
        var variable = Stream.of(environment.split("\0", -1))
                .filter(word -> word.startsWith(VARIABLE + "="))
                .findFirst()
                .orElseThrow(() -> new IOException("process " + leader + " is not a node's: it has no " + VARIABLE));
        return new ProcessTree(leader, variable);
    }

    /**
     * Sends SIGKILL to all but the leader until none is left; false if some are still there at the deadline. A process in the
     * middle of execve(2) shows no environment, so one that cannot be told yet is looked at again, and so is an empty list.
     * Nothing but looking again shows the end: these are not children of this process, and one that nobody has waited for is
     * still there for kill(2), though dead.
     */
    public boolean killRest(long deadlineNanos) throws InterruptedException {
        var begun = System.nanoTime();
        var emptyLooks = 0;
        while (emptyLooks < EMPTY_LOOKS) {
            var look = look();
            look.belonging().forEach(ProcessHandle::destroyForcibly);
            var mayBecomeClear = look.unclear() && System.nanoTime() - begun < UNCLEAR_NANOS;
            if (look.belonging().isEmpty() && !mayBecomeClear) {
                emptyLooks++;
            } else if (System.nanoTime() - deadlineNanos > 0) {
                return false;
            } else {
                emptyLooks = 0;
            }
            if (emptyLooks < EMPTY_LOOKS) {
                LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while ending " + this);
            }
        }
        return true;
    }

    /** The living processes of the tree without its leader. */
    public List<ProcessHandle> rest() {
        return look().belonging();
    }

    /** The same, and those too that were in the middle of execve(2) when they were looked at first. */
    public List<ProcessHandle> wholeRest() {
        return whenClear(this::look, Look::unclear).belonging();
    }

    /** Whether a process is the engine's own; false if it is gone, or has no environment yet. */
    public static boolean isEngines(long pid) {
        try {
            var environment = Files.readString(PROC.resolve(pid + "/environ"), StandardCharsets.ISO_8859_1);
            return ("\0" + environment).contains("\0" + ENGINE + "=");
        } catch (IOException e) {
            return false; // it ended meanwhile
        }
    }

    /** Whether a process belongs to the tree, the leader included. */
    public boolean owns(long pid) {
        var entry = PROC.resolve(Long.toString(pid));
        return whenClear(
                        () -> pid == leader ? byEnvironment(entry) : membership(entry),
                        membership -> membership == Membership.UNCLEAR)
                == Membership.YES;
    }

    /** Looks again while something is in the middle of execve(2), when it shows no environment. */
    private static <T> T whenClear(Supplier<T> look, Predicate<T> unclear) {
        var begun = System.nanoTime();
        var seen = look.get();
        while (unclear.test(seen) && System.nanoTime() - begun < UNCLEAR_NANOS) {
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            seen = look.get();
        }
        return seen;
    }

    /** What one look at the processes shows: those that belong to the tree, and whether there are some that cannot be told yet. */
    private record Look(List<ProcessHandle> belonging, boolean unclear) {}

    private Look look() {
        if (!Files.isDirectory(PROC.resolve("self"))) {
            return new Look(
                    ProcessHandle.of(leader).stream()
                            .flatMap(ProcessHandle::descendants)
                            .toList(),
                    false);
        }
        var unclear = false;
        var rest = new ArrayList<ProcessHandle>();
        try (var entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var entry : entries) {
                long pid = Long.parseLong(entry.getFileName().toString());
                // The handle first: it remembers the start time, so that a reused pid is never killed.
                var handle = pid == leader ? Optional.<ProcessHandle>empty() : ProcessHandle.of(pid);
                var membership = handle.isPresent() ? membership(entry) : Membership.NO;
                if (membership == Membership.YES) {
                    rest.add(handle.get());
                }
                unclear |= membership == Membership.UNCLEAR;
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot list /proc", e);
        }
        return new Look(rest, unclear);
    }

    private enum Membership {
        YES,
        NO,
        UNCLEAR
    }

    private Membership membership(Path entry) {
        try {
            var stat = Files.readString(entry.resolve("stat"), StandardCharsets.ISO_8859_1);
            // proc(5): pid (comm) state ppid pgrp session ...; comm may hold spaces and parentheses
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 19);
            if (ended(fields)) {
                return Membership.NO;
            }
            if (Long.parseLong(fields[3]) == leader) {
                return Membership.YES;
            }
            var kernelThread = (Long.parseLong(fields[6]) & KERNEL_THREAD) != 0;
            return kernelThread ? Membership.NO : byEnvironment(entry);
        } catch (IOException e) {
            return Membership.NO; // it ended meanwhile
        }
    }

    /** A process goes on without its first thread as long as it has others (num_threads). */
    private static boolean ended(String[] fields) {
        return (fields[0].equals("Z") || fields[0].equals("X")) && Long.parseLong(fields[17]) <= 1;
    }

    /** Empty in the middle of execve(2). Where the first thread has ended, another one tells it. */
    private static byte[] environment(Path entry) throws IOException {
        var stat = Files.readString(entry.resolve("stat"), StandardCharsets.ISO_8859_1);
        if (!stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z")) {
            return Files.readAllBytes(entry.resolve("environ"));
        }
        try (var threads = Files.newDirectoryStream(entry.resolve("task"))) {
            for (var thread : threads) {
                if (!thread.endsWith(entry.getFileName())) {
                    return Files.readAllBytes(thread.resolve("environ"));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        throw new NoSuchFileException(entry.toString());
    }

    private Membership byEnvironment(Path entry) {
        try {
            var bytes = environment(entry);
            if (bytes.length == 0) {
                return Membership.UNCLEAR;
            }
            var environment = "\0" + new String(bytes, StandardCharsets.UTF_8) + "\0";
            return environment.contains(new String(variable, StandardCharsets.UTF_8)) ? Membership.YES : Membership.NO;
        } catch (IOException e) {
            return Membership.NO; // it ended meanwhile, or it is another user's and so not ours
        }
    }

    @Override
    public String toString() {
        return rest().stream().map(handle -> Long.toString(handle.pid())).collect(Collectors.joining(", "));
    }
}
