package io.havoq.fault.local.syscall;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;

/** Takes over the listener of every process that comes to the door with one, and serves it until the process ends. Thread-safe. */
final class Admission implements Closeable {
    private final ServerSocketChannel door;
    private final RulesInForce rules;
    private final ScheduledExecutorService later;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();

    private Admission(ServerSocketChannel door, RulesInForce rules, ScheduledExecutorService later) {
        this.door = door;
        this.rules = rules;
        this.later = later;
    }

    /** Opens the door in a directory. */
    static Admission open(Path directory, RulesInForce rules, ScheduledExecutorService later) throws IOException {
        var admission = new Admission(Door.open(directory), rules, later);
        begin("syscalls-door", admission::guard);
        return admission;
    }

    private static void begin(String name, Runnable task) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void guard() {
        while (true) {
            try {
                var guest = door.accept();
                begin("syscalls-guest", () -> admit(guest));
            } catch (ClosedChannelException e) {
                return; // closed with the service
            } catch (IOException e) {
                System.err.println("no more processes can be admitted, they will not start: " + e);
                return;
            }
        }
    }

    /** Takes over the listener that a process offers, and tells it to go on. */
    private void admit(SocketChannel guest) {
        try (guest) {
            var line = new BufferedReader(Channels.newReader(guest, StandardCharsets.UTF_8)).readLine();
            if (line == null) {
                return; // it has no listener, and says so itself
            }
            var words = line.split("\t", -1);
            String answer;
            try {
                takeOver(
                        words[0].equals(Launcher.WITNESS),
                        words[1],
                        Long.parseLong(words[2]),
                        Integer.parseInt(words[3]));
                answer = "go";
            } catch (IOException e) {
                answer = String.valueOf(e.getMessage());
            }
            var bytes = ByteBuffer.wrap((answer + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                guest.write(bytes);
            }
        } catch (IOException | RuntimeException e) {
            System.err.println("a process could not be admitted, it will not start: " + e);
        }
    }

    private void takeOver(boolean witness, String name, long pid, int fd) throws IOException {
        int process = Kernel.check(Kernel.syscall(Kernel.NR_PIDFD_OPEN, pid, 0, 0, 0, 0), "pidfd_open");
        int listener;
        try {
            listener = Kernel.check(Kernel.syscall(Kernel.NR_PIDFD_GETFD, process, fd, 0, 0, 0), "pidfd_getfd");
        } finally {
            Kernel.close(process);
        }
        var made = new Listener(
                name + (witness ? "-witness" : ""),
                listener,
                pid,
                witness,
                () -> rules.of(name),
                later,
                listeners::remove);
        listeners.add(made);
        made.start();
    }

    /** Lets calls go on that one of these holds back. */
    void release(Set<ActiveRule> lifted) {
        listeners.forEach(listener -> listener.release(lifted));
    }

    /** Lets nobody in any longer; who was let in is served on. */
    @Override
    public void close() throws IOException {
        door.close();
    }
}
