package io.havoq.fault.local.syscall;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The program that has the listed system calls of processes notified that run already: it has one thread of each install the filter for
 * all of them, and hands the listener to the sandbox. A program of its own, since the JVM of the sandbox waits for its children, and would
 * take their stops for their ends.
 *
 * <p>Arguments: the directory of the {@link Door}, the numbers of the calls, and for each process three words: the node's name, its pid,
 * and when it started (proc(5) stat, field 22). Tells a line for each: {@code watched}, {@code ended} or {@code failed}, which and why.
 */
public final class Attachment {
    static final String ATTACHED = "attached";
    static final String WATCHED = "watched";
    static final String ENDED = "ended";
    static final String FAILED = "failed";

    private static final long PAGE = 4096;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

    private static final int WORDS = 3;
    private static final int MOST_THREADS = 3;

    private final Path directory;
    private final CallFilter filter;

    private Attachment(Path directory, List<Integer> numbers) {
        this.directory = directory;
        this.filter = CallFilter.notifying(numbers);
    }

    /** Tells what came of it on standard output. */
    public static void main(String[] arguments) {
        var attachment = new Attachment(
                Path.of(arguments[0]),
                Stream.of(arguments[1].split(",")).map(Integer::valueOf).toList());
        for (int i = 2; i + WORDS <= arguments.length; i += WORDS) {
            System.out.println(attachment.attach(
                    arguments[i], Long.parseLong(arguments[i + 1]), Long.parseLong(arguments[i + 2])));
        }
        Runtime.getRuntime().halt(0);
    }

    /** When a process started, in ticks; -1 if it has ended. */
    static long startOf(long pid) throws IOException {
        return stat(pid)
                // a process goes on without its first thread as long as it has others
                .filter(fields -> (!fields[0].equals("Z") && !fields[0].equals("X")) || Long.parseLong(fields[17]) > 1)
                .map(fields -> Long.parseLong(fields[19]))
                .orElse(-1L);
    }

    /** What proc(5) tells of a process or thread from its state on; empty if there is none. */
    private static Optional<String[]> stat(long pid) throws IOException {
        try {
            var text = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return Optional.of(text.substring(text.lastIndexOf(')') + 2).split(" ", -1));
        } catch (IOException e) {
            if (Files.exists(Path.of("/proc", Long.toString(pid)))) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private String attach(String node, long pid, long start) {
        try {
            return install(node, pid, start) + " " + node + " " + pid;
        } catch (IOException e) {
            return FAILED + " " + node + " " + pid + ": " + e.getMessage();
        }
    }

    private String install(String node, long pid, long start) throws IOException {
        if (startOf(pid) != start) {
            return ENDED;
        }
        try (var thread = stop(pid)) {
            // Asked only now: what is stopped cannot be another process of the same number any more.
            if (startOf(pid) != start) {
                return ENDED;
            }
            install(node, pid, thread);
            return WATCHED;
        } catch (IOException e) {
            if (startOf(pid) != start) {
                return ENDED;
            }
            throw e;
        }
    }

    /** Any of its threads will do: one that waits for what nothing can interrupt does not stop. */
    private static RemoteThread stop(long pid) throws IOException {
        var failures = new IOException("process " + pid + " cannot be stopped");
        var problems = new ArrayList<String>();
        for (var thread : threads(pid)) {
            if (problems.size() == MOST_THREADS) {
                break;
            }
            try {
                return RemoteThread.stop(pid, thread);
            } catch (IOException e) {
                problems.add(e.getMessage());
                failures.addSuppressed(e);
            }
        }
        throw new IOException(String.join(", ", problems), failures);
    }

    /** Its threads, the first one first, and those that cannot be interrupted now last. */
    private static List<Long> threads(long pid) throws IOException {
        var ready = new ArrayList<Long>();
        var waiting = new ArrayList<Long>();
        try (var tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (var task : tasks) {
                long thread = Long.parseLong(task.getFileName().toString());
                switch (state(thread)) {
                    case "" -> {}
                    case "Z", "X" -> {
                        if (thread == pid) {
                            throw new IOException("process " + pid + " goes on though its first thread has ended:"
                                    + " its listener cannot be taken over");
                        }
                    }
                    case "D" -> waiting.add(thread);
                    default -> ready.add(thread);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        ready.addAll(waiting);
        return ready;
    }

    private static String state(long thread) throws IOException {
        return stat(thread).map(fields -> fields[0]).orElse("");
    }

    private void install(String node, long pid, RemoteThread thread) throws IOException {
        long page = thread.call("mmap", Kernel.NR_MMAP, 0, PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
        long listener;
        try {
            thread.write(page, filter.image(page));
            thread.call("prctl(PR_SET_NO_NEW_PRIVS)", Kernel.NR_PRCTL, Kernel.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            listener = thread.tryCall(
                    Kernel.NR_SECCOMP,
                    Kernel.SECCOMP_SET_MODE_FILTER,
                    Kernel.SECCOMP_FILTER_FLAG_TSYNC
                            | Kernel.SECCOMP_FILTER_FLAG_TSYNC_ESRCH
                            | Kernel.SECCOMP_FILTER_FLAG_NEW_LISTENER
                            | Kernel.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
                    page);
        } finally {
            thread.call("munmap", Kernel.NR_MUNMAP, page, PAGE);
        }
        if (listener == -Kernel.EBUSY) {
            return; // it has one from the process that started it
        }
        if (listener == -Kernel.ESRCH) {
            throw new IOException("a thread of process " + pid + " has a filter of its own, which cannot be added to");
        }
        if (listener < 0) {
            throw new IOException("seccomp of the process: " + Kernel.text((int) -listener));
        }
        var served = false;
        try {
            handOver(node, pid, listener);
            served = true;
            thread.call("close", Kernel.NR_CLOSE, listener);
        } finally {
            if (!served) {
                // Nobody would answer its calls, and a filter cannot be taken back.
                Kernel.kill(Math.toIntExact(pid), Kernel.SIGKILL);
            }
        }
    }

    private void handOver(String node, long pid, long listener) throws IOException {
        try (var door = Door.enter(directory);
                var answers = new BufferedReader(Channels.newReader(door, StandardCharsets.UTF_8))) {
            var line = String.join("\t", ATTACHED, node, Long.toString(pid), Long.toString(listener)) + "\n";
            var bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                door.write(bytes);
            }
            var answer = answers.readLine();
            if (!"go".equals(answer)) {
                throw new IOException(
                        "process " + pid + " is killed, since nobody takes over the answering of its calls: " + answer);
            }
        }
    }
}
