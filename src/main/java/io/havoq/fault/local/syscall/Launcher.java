package io.havoq.fault.local.syscall;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The program that becomes a node's: it has its thread's listed system calls notified, hands the listener to the sandbox, and
 * replaces itself by the node's program, which has the filter from there on, with all that it starts. As a witness it stays
 * instead, and makes calls on files as it is told.
 *
 * <p>Arguments: the directory of the {@link Door}, {@code node} or {@code witness}, a name, the numbers of the calls, and the
 * words of the program.
 */
public final class Launcher {
    static final String NODE = "node";
    static final String WITNESS = "witness";

    /** As a shell's when it cannot start a program. */
    private static final int NOT_STARTED = 125;

    private final SocketChannel door;
    private final BufferedReader answers;
    private volatile boolean installed;
    private volatile boolean answered;
    private volatile long listener;
    private volatile int errno;

    private Launcher(Path directory) throws IOException {
        door = Door.enter(directory);
        answers = new BufferedReader(Channels.newReader(door, StandardCharsets.UTF_8));
    }

    /** Does not return where it becomes another program. */
    public static void main(String[] arguments) throws InterruptedException {
        try {
            var launcher = new Launcher(Path.of(arguments[0]));
            var numbers =
                    Stream.of(arguments[3].split(",")).map(Integer::valueOf).toList();
            if (arguments[1].equals(WITNESS)) {
                var witness = new Witness(() -> Runtime.getRuntime().halt(0));
                launcher.handOver(WITNESS, arguments[2], numbers);
                witness.serve();
            } else {
                launcher.become(arguments[2], numbers, Arrays.asList(arguments).subList(4, arguments.length));
            }
        } catch (IOException e) {
            end(arguments[2], String.valueOf(e.getMessage()));
        }
        Runtime.getRuntime().halt(0);
    }

    private void become(String name, List<Integer> numbers, List<String> words) throws IOException {
        var program = find(words.get(0));
        var argv = new StringArray(words.toArray(new String[0]), "UTF-8");
        var environment = new ArrayList<String>();
        System.getenv().forEach((key, value) -> environment.add(key + "=" + value));
        var envp = new StringArray(environment.toArray(new String[0]), "UTF-8");
        var blocked = new Memory(Long.BYTES);
        blocked.setLong(0, blockedAtStart());
        handOver(NODE, name, numbers);
        // A JVM's threads block signals, and exec keeps the mask (signal(7)).
        Kernel.check(
                Kernel.syscall(
                        Kernel.NR_RT_SIGPROCMASK, Kernel.SIG_SETMASK, Pointer.nativeValue(blocked), 0, Long.BYTES, 0),
                "rt_sigprocmask");
        Kernel.check(
                Kernel.syscall(Kernel.NR_CLOSE_RANGE, 3, 0xffff_ffffL, Kernel.CLOSE_RANGE_CLOEXEC, 0, 0),
                "close_range (Linux 5.11 or later is needed)");
        Kernel.execve(program, argv, envp);
        throw Kernel.failure("execve(" + program + ")");
    }

    /** The signals that this process was started with as blocked: its first thread, which is none of the JVM's, still has them. */
    private static long blockedAtStart() throws IOException {
        var status = Path.of("/proc/self/task/" + ProcessHandle.current().pid() + "/status");
        for (var line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
            if (line.startsWith("SigBlk:")) {
                return Long.parseUnsignedLong(line.substring(line.lastIndexOf('\t') + 1), 16);
            }
        }
        throw new IOException(status + " has no line SigBlk");
    }

    private static String find(String word) throws IOException {
        if (word.contains("/")) {
            return word;
        }
        var path = System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
        for (var directory : path.split(":", -1)) {
            var file = Path.of(directory).resolve(word);
            if (Files.isExecutable(file) && !Files.isDirectory(file)) {
                return file.toString();
            }
        }
        throw new IOException("the program '" + word + "' is not on the PATH " + path);
    }

    /**
     * Installs the filter on this thread. From there until the sandbox serves it this thread must make no listed call: another
     * one, which has no filter, speaks for it. Nor may it need a class that is not there yet, for the JVM reads the file with it (seen with
     * JDK 25: pread64 of lib/modules, for one that a latch needs to wait): it does nothing but what it has done before.
     */
    private void handOver(String role, String name, List<Integer> numbers) throws IOException {
        var self = Thread.currentThread();
        var speaker = new Thread(() -> speak(role, name, self), "door");
        speaker.setDaemon(true);
        speaker.start();
        var filter = CallFilter.notifying(numbers);
        Kernel.check(Kernel.prctl(Kernel.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)");
        LockSupport.unpark(self);
        LockSupport.park(this);
        long result =
                filter.install(Kernel.SECCOMP_FILTER_FLAG_NEW_LISTENER | Kernel.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
        errno = result < 0 ? Native.getLastError() : 0;
        listener = result;
        installed = true;
        LockSupport.unpark(speaker);
        while (!answered) {
            LockSupport.park(this);
        }
    }

    /**
     * What is refused is told from here as well: the thread with the filter would wait for ever in write(2), if that is among the calls, since
     * nobody answers.
     */
    private void speak(String role, String name, Thread filtered) {
        var refusal = "";
        try {
            while (!installed) {
                LockSupport.park(this);
            }
            if (listener < 0) {
                refusal = "seccomp: " + Kernel.text(errno) + " (user notification needs Linux 5.19 or later)";
            } else {
                say(String.join(
                        "\t", role, name, Long.toString(ProcessHandle.current().pid()), Long.toString(listener)));
                var answer = answers.readLine();
                refusal = "go".equals(answer) ? "" : answer == null ? "the sandbox did not answer" : answer;
            }
        } catch (IOException e) {
            refusal = "the sandbox cannot be told: " + e.getMessage();
        }
        if (!refusal.isEmpty()) {
            end(name, refusal);
        }
        answered = true;
        LockSupport.unpark(filtered);
    }

    private static void end(String name, String why) {
        System.err.println("havoq: the system calls of " + name + " cannot be watched: " + why);
        Runtime.getRuntime().halt(NOT_STARTED);
    }

    private void say(String line) throws IOException {
        var bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            door.write(bytes);
        }
    }
}
