package io.havoq.fault.local.clock;

import io.havoq.fault.local.service.ProcessTree;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One process of a node's while its vdso is looked at or written to: held by a descriptor, so that no later process of the same
 * number is ever stopped or written to. Not thread-safe.
 */
final class NodeProcess implements Closeable {
    /** A thread stops when it next leaves the kernel; one in an uninterruptible wait, for a disk or for vfork(2), later. */
    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long LOOK_NANOS = 500_000;
    private static final int ATTEMPTS = 200;
    /** getauxval(3). */
    private static final long AT_SYSINFO_EHDR = 33;

    private final long pid;
    private final Path entry;
    private final int descriptor;

    private NodeProcess(long pid, int descriptor) {
        this.pid = pid;
        this.entry = Path.of("/proc", Long.toString(pid));
        this.descriptor = descriptor;
    }

    /** Takes hold of a process; empty if it has ended, or is none of the tree's (any more). */
    static Optional<NodeProcess> hold(long pid, ProcessTree tree) throws IOException {
        int descriptor;
        try {
            descriptor = Kernel.open(pid);
        } catch (IOException e) {
            if (ProcessHandle.of(pid).isPresent() && tree.owns(pid)) {
                throw e;
            }
            return Optional.empty();
        }
        // Asked only now: the descriptor is of the process that is seen, or of one that has ended.
        if (!tree.owns(pid)) {
            Kernel.closeDescriptor(descriptor);
            return Optional.empty();
        }
        return Optional.of(new NodeProcess(pid, descriptor));
    }

    /** Whether it is there, and no zombie. */
    boolean alive() {
        return alive(pid);
    }

    /** Whether a process of this number is there, and no zombie. */
    static boolean alive(long pid) {
        try {
            var state = state(Path.of("/proc", Long.toString(pid), "stat"));
            return !state.equals("Z") && !state.equals("X");
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Its vdso.
     *
     * @param size how many bytes are mapped
     */
    byte[] image(int size) throws IOException {
        var bytes = ByteBuffer.allocate(size);
        try (var memory = FileChannel.open(entry.resolve("mem"), StandardOpenOption.READ)) {
            long base = vdso();
            while (bytes.hasRemaining()) {
                if (memory.read(bytes, base + bytes.position()) < 0) {
                    throw new EOFException("process " + pid + " is being replaced or ends");
                }
            }
        }
        return bytes.array();
    }

    /**
     * Stops every thread, writes where none of them is, and lets it go on as it was.
     *
     * @return whether there was no thread in the way; if not, nothing was written
     */
    boolean write(VdsoPatch patch, List<VdsoPatch.Write> writes) throws IOException {
        boolean stopped = threads("T");
        try {
            if (!stopped) {
                Kernel.signal(descriptor, Kernel.SIGSTOP);
                awaitStop();
            }
            long base = vdso();
            if (positions().stream().anyMatch(position -> patch.within(position - base))) {
                return false;
            }
            try (var memory =
                    FileChannel.open(entry.resolve("mem"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                for (var write : writes) {
                    put(memory, base + write.at(), write.bytes());
                }
            }
            return true;
        } finally {
            // One that somebody else had stopped stays so.
            if (!stopped && alive()) {
                Kernel.signal(descriptor, Kernel.SIGCONT);
            }
        }
    }

    /** Writes at a moment when no thread is in the way. */
    void writeSafely(VdsoPatch patch, List<VdsoPatch.Write> writes) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (write(patch, writes)) {
                return;
            }
        }
        throw new IOException("process " + pid + ": a thread was at the beginning of a clock function in each of "
                + ATTEMPTS + " attempts");
    }

    private void put(FileChannel memory, long position, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        try {
            while (buffer.hasRemaining()) {
                if (memory.write(buffer, position + buffer.position()) <= 0) {
                    throw new EOFException("process " + pid + " is being replaced or ends");
                }
            }
        } catch (IOException e) {
            throw new IOException("process " + pid + ": its vdso cannot be written: " + e.getMessage(), e);
        }
        var back = ByteBuffer.allocate(bytes.length);
        memory.read(back, position);
        if (!back.flip().equals(ByteBuffer.wrap(bytes))) {
            throw new IOException("process " + pid + ": what was written into its vdso is not there");
        }
    }

    private long vdso() throws IOException {
        var words = ByteBuffer.wrap(Files.readAllBytes(entry.resolve("auxv"))).order(ByteOrder.LITTLE_ENDIAN);
        while (words.remaining() >= 2 * Long.BYTES) {
            long key = words.getLong();
            long value = words.getLong();
            if (key == AT_SYSINFO_EHDR) {
                return value;
            }
        }
        throw new IOException("process " + pid + " has no vdso, or is no 64-bit process");
    }

    private void awaitStop() throws IOException {
        long begun = System.nanoTime();
        while (!threads("T")) {
            if (System.nanoTime() - begun > STOP_NANOS) {
                throw new IOException("process " + pid + " did not stop within "
                        + TimeUnit.NANOSECONDS.toSeconds(STOP_NANOS) + " s of SIGSTOP");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Whether every thread that lives is in this state. */
    private boolean threads(String wanted) throws IOException {
        for (var task : tasks()) {
            try {
                var state = state(task.resolve("stat"));
                if (!state.equals(wanted) && !state.equals("Z") && !state.equals("X")) {
                    return false;
                }
            } catch (IOException e) {
                if (Files.exists(task)) {
                    throw e;
                }
            }
        }
        return true;
    }

    /** Where the threads of a stopped process go on (proc(5), /proc/pid/syscall: the last field). */
    private List<Long> positions() throws IOException {
        var positions = new ArrayList<Long>();
        for (var task : tasks()) {
            try {
                var fields = Files.readString(task.resolve("syscall"), StandardCharsets.US_ASCII)
                        .strip()
                        .split(" ", -1);
                var last = fields[fields.length - 1];
                if (!last.startsWith("0x")) {
                    throw new IOException("process " + pid + " is told to be stopped, and a thread of it runs");
                }
                positions.add(Long.parseUnsignedLong(last.substring(2), 16));
            } catch (IOException e) {
                if (Files.exists(task) && !state(task.resolve("stat")).equals("Z")) {
                    throw e;
                }
            }
        }
        return positions;
    }

    private List<Path> tasks() throws IOException {
        try (var tasks = Files.newDirectoryStream(entry.resolve("task"), "[0-9]*")) {
            var list = new ArrayList<Path>();
            tasks.forEach(list::add);
            return list;
        }
    }

    private static String state(Path stat) throws IOException {
        var text = Files.readString(stat, StandardCharsets.ISO_8859_1);
        // proc(5): pid (comm) state ...; comm may hold spaces and parentheses
        int at = text.lastIndexOf(')') + 2;
        return text.substring(at, at + 1);
    }

    @Override
    public void close() throws IOException {
        Kernel.closeDescriptor(descriptor);
    }

    @Override
    public String toString() {
        return Long.toString(pid);
    }
}
