package io.havoq.fault.local.syscall;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
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
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One thread of another process while it is stopped and makes system calls for this one, by ptrace(2); when it is let go it is as it was.
 * Its program sees nothing of it: its stack is not written to, its signals wait, and a system call that was interrupted goes on, since
 * the registers are given back where the kernel itself looks whether a call must be restarted (arch/x86/kernel/signal.c). On x86_64.
 * To be used by one thread only, which is the tracer.
 */
final class RemoteThread implements Closeable {
    private static final long PTRACE_CONT = 7;
    private static final long PTRACE_GETREGS = 12;
    private static final long PTRACE_SETREGS = 13;
    private static final long PTRACE_DETACH = 17;
    private static final long PTRACE_SYSCALL = 24;
    private static final long PTRACE_SETOPTIONS = 0x4200;
    private static final long PTRACE_SEIZE = 0x4206;
    private static final long PTRACE_INTERRUPT = 0x4207;
    private static final long PTRACE_GETSIGMASK = 0x420a;
    private static final long PTRACE_SETSIGMASK = 0x420b;
    private static final long PTRACE_GET_RSEQ_CONFIGURATION = 0x420f;
    private static final int RSEQ_CONFIGURATION = 24;
    private static final int RSEQ_CS = 32;
    private static final int ATTEMPTS = 100;

    private static final long OPTION_SYSGOOD = 1;
    /** With a tracer that dies in between the process would go on with registers that are not its own. */
    private static final long OPTION_EXITKILL = 0x10_0000;

    private static final int EVENT_STOP = 128;
    private static final int SIGTRAP = 5;
    private static final int AT_SYSTEM_CALL = SIGTRAP | 0x80;

    /** {@code struct user_regs_struct}, sys/user.h. */
    private static final int REGISTERS = 27 * Long.BYTES;

    private static final int RAX = 10 * Long.BYTES;
    private static final int ORIG_RAX = 15 * Long.BYTES;
    private static final int RIP = 16 * Long.BYTES;
    private static final int CS = 17 * Long.BYTES;
    /** rdi, rsi, rdx, r10, r8, r9 (syscall(2)). */
    private static final int[] ARGUMENTS = {14 * 8, 13 * 8, 12 * 8, 7 * 8, 9 * 8, 8 * 8};

    private static final long USER_64 = 0x33;
    private static final byte[] SYSCALL = {0x0f, 0x05};
    private static final long ERESTARTNOHAND = 514;
    /**
     * Calls that a mere stop ends with EINTR (signal(7)), with nothing done: read, recvfrom, recvmsg, accept, accept4 and semop with a
     * time limit, rt_sigtimedwait, io_getevents, epoll_wait and its kind. They begin anew, with their whole time limit.
     */
    private static final Set<Long> NOT_RESTARTED =
            Set.of(0L, 43L, 45L, 47L, 65L, 128L, 208L, 220L, 232L, 281L, 288L, 333L, 426L, 441L);

    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LOOK_NANOS = 50_000;
    private static final int MOST_ERRNO = 4095;

    private final int thread;
    private final Path files;
    private final Memory status = new Memory(Integer.BYTES);
    private final Memory saved = new Memory(REGISTERS);
    private final Memory registers = new Memory(REGISTERS);
    private final Memory mask = new Memory(Long.BYTES);
    private boolean stopped;
    /** It was let go on, and has not stopped since. */
    private boolean running;

    private boolean signalsWait;
    private boolean moved;
    private long instruction;
    /** Until when it must have stopped for what is being done. */
    private long deadline;

    private RemoteThread(long process, long thread) {
        this.thread = Math.toIntExact(thread);
        this.files = Path.of("/proc", Long.toString(process), "task", Long.toString(thread));
    }

    /** Stops a thread. */
    static RemoteThread stop(long process, long thread) throws IOException {
        var remote = new RemoteThread(process, thread);
        remote.trace(PTRACE_SEIZE, 0, 0, "PTRACE_SEIZE");
        try {
            remote.begin(process);
        } catch (IOException e) {
            try {
                remote.close();
            } catch (IOException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
        return remote;
    }

    private void begin(long process) throws IOException {
        limit();
        trace(PTRACE_INTERRUPT, 0, 0, "PTRACE_INTERRUPT");
        awaitEventStop();
        stopped = true;
        trace(PTRACE_SETOPTIONS, 0, OPTION_SYSGOOD | OPTION_EXITKILL, "PTRACE_SETOPTIONS");
        trace(PTRACE_GETREGS, 0, Pointer.nativeValue(saved), "PTRACE_GETREGS");
        if (saved.getLong(CS) != USER_64) {
            throw new IOException("process " + process + " is no 64-bit program");
        }
        leaveCriticalSection();
        instruction = instruction(process);
        trace(PTRACE_GETSIGMASK, Long.BYTES, Pointer.nativeValue(mask), "PTRACE_GETSIGMASK");
        var all = new Memory(Long.BYTES);
        all.setLong(0, -1);
        trace(PTRACE_SETSIGMASK, Long.BYTES, Pointer.nativeValue(all), "PTRACE_SETSIGMASK");
        signalsWait = true;
    }

    /**
     * Makes sure that it is in no restartable sequence (rseq(2)), whose bounds the kernel forgets when the thread is elsewhere: there it
     * is let go until it is out of it. One in a system call is in none.
     */
    private void leaveCriticalSection() throws IOException {
        var configuration = new Memory(RSEQ_CONFIGURATION);
        configuration.clear();
        // Before Linux 5.13 nobody can ask, and no libc registers any.
        long length = Kernel.syscall(
                Kernel.NR_PTRACE,
                PTRACE_GET_RSEQ_CONFIGURATION,
                thread,
                RSEQ_CONFIGURATION,
                Pointer.nativeValue(configuration),
                0);
        long area = length == RSEQ_CONFIGURATION ? configuration.getLong(0) : 0;
        for (int attempt = 0; area != 0 && saved.getLong(ORIG_RAX) < 0 && inSequence(area); attempt++) {
            if (attempt == ATTEMPTS) {
                throw new IOException("thread " + thread + " was in a restartable sequence each time it was stopped");
            }
            resume(PTRACE_CONT, 0);
            LockSupport.parkNanos(LOOK_NANOS);
            trace(PTRACE_INTERRUPT, 0, 0, "PTRACE_INTERRUPT");
            awaitEventStop();
            trace(PTRACE_GETREGS, 0, Pointer.nativeValue(saved), "PTRACE_GETREGS");
        }
    }

    /** {@code struct rseq} has at byte 8 where the {@code struct rseq_cs} is (linux/rseq.h). */
    private boolean inSequence(long area) throws IOException {
        long sequence = ByteBuffer.wrap(read(area + 8, Long.BYTES))
                .order(ByteOrder.nativeOrder())
                .getLong();
        if (sequence == 0) {
            return false;
        }
        var bounds = ByteBuffer.wrap(read(sequence, RSEQ_CS)).order(ByteOrder.nativeOrder());
        long into = saved.getLong(RIP) - bounds.getLong(8);
        return into >= 0 && into < bounds.getLong(16);
    }

    /** A {@code syscall} that its process has anyway: nothing of its code is written to. */
    private long instruction(long process) throws IOException {
        for (var line : Files.readAllLines(files.resolve("maps"), StandardCharsets.ISO_8859_1)) {
            if (line.endsWith("[vdso]")) {
                var range = line.substring(0, line.indexOf(' ')).split("-", 2);
                long from = Long.parseUnsignedLong(range[0], 16);
                var bytes = read(from, Math.toIntExact(Long.parseUnsignedLong(range[1], 16) - from));
                for (int i = 0; i + 1 < bytes.length; i++) {
                    if (bytes[i] == SYSCALL[0] && bytes[i + 1] == SYSCALL[1]) {
                        return from + i;
                    }
                }
            }
        }
        throw new IOException("process " + process + " has no system call in its vdso");
    }

    /** Has it make a system call; what it returned. */
    long call(String name, long number, long... arguments) throws IOException {
        long result = tryCall(number, arguments);
        if (result < 0 && result >= -MOST_ERRNO) {
            throw new IOException(name + " of the process: " + Kernel.text((int) -result));
        }
        return result;
    }

    /** Has it make a system call; what it returned, an error as a negative number. */
    long tryCall(long number, long... arguments) throws IOException {
        registers.write(0, saved.getByteArray(0, REGISTERS), 0, REGISTERS);
        registers.setLong(RIP, instruction);
        registers.setLong(RAX, number);
        // Else it would be taken for a call that was interrupted.
        registers.setLong(ORIG_RAX, -1);
        for (int i = 0; i < arguments.length; i++) {
            registers.setLong(ARGUMENTS[i], arguments[i]);
        }
        trace(PTRACE_SETREGS, 0, Pointer.nativeValue(registers), "PTRACE_SETREGS");
        moved = true;
        limit();
        awaitSystemCall("before");
        awaitSystemCall("after");
        trace(PTRACE_GETREGS, 0, Pointer.nativeValue(registers), "PTRACE_GETREGS");
        return registers.getLong(RAX);
    }

    private void awaitSystemCall(String which) throws IOException {
        int signal = 0;
        while (true) {
            resume(PTRACE_SYSCALL, signal);
            int stop = await(which + " a system call");
            if (signal(stop) == AT_SYSTEM_CALL) {
                return;
            }
            // SIGSTOP alone cannot be made to wait; its process stays stopped while this thread makes calls.
            signal = event(stop) == 0 ? signal(stop) : 0;
        }
    }

    /** Signals that come first are delivered. */
    private void awaitEventStop() throws IOException {
        int stop = await("after PTRACE_INTERRUPT");
        while (event(stop) != EVENT_STOP) {
            var atCall = event(stop) == 0 && signal(stop) == AT_SYSTEM_CALL;
            if (atCall) {
                // any stop has the kernel forget that another one was asked for (ptrace_stop in kernel/signal.c)
                trace(PTRACE_INTERRUPT, 0, 0, "PTRACE_INTERRUPT");
            }
            resume(PTRACE_CONT, event(stop) == 0 && !atCall ? signal(stop) : 0);
            stop = await("after PTRACE_INTERRUPT");
        }
    }

    private static int signal(int stop) {
        return stop & 0xff;
    }

    private static int event(int stop) {
        return stop >> 8;
    }

    /** What it stopped for, as waitpid(2) tells it without its lower byte. */
    private int await(String when) throws IOException {
        while (true) {
            int answer = Kernel.waitpid(thread, status, Kernel.WNOHANG | Kernel.WAIT_ALL);
            if (answer == thread) {
                int word = status.getInt(0);
                if ((word & 0xff) != 0x7f) {
                    stopped = false;
                    running = false;
                    throw new EOFException("thread " + thread + " has ended");
                }
                running = false;
                return word >> 8;
            }
            if (answer < 0 && Native.getLastError() != Kernel.EINTR) {
                throw Kernel.failure("waitpid(" + thread + ")");
            }
            requireTime("did not stop " + when);
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void limit() {
        deadline = System.nanoTime() + STOP_NANOS;
    }

    private void requireTime(String what) throws IOException {
        if (System.nanoTime() - deadline > 0) {
            throw new IOException("thread " + thread + " " + what + " within "
                    + TimeUnit.NANOSECONDS.toSeconds(STOP_NANOS) + " s: its state is " + state());
        }
    }

    /** @param signal that it gets */
    private void resume(long request, int signal) throws IOException {
        requireTime("was not left alone by signals");
        trace(request, 0, signal, request == PTRACE_CONT ? "PTRACE_CONT" : "PTRACE_SYSCALL");
        running = true;
    }

    /** Its state and what it waits for, proc(5). */
    private String state() {
        try {
            var stat = Files.readString(files.resolve("stat"), StandardCharsets.ISO_8859_1);
            var state = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 2)[0];
            return state + ", in " + Files.readString(files.resolve("wchan"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "unknown: " + e.getMessage();
        }
    }

    private byte[] read(long address, int size) throws IOException {
        var bytes = ByteBuffer.allocate(size);
        try (var file = FileChannel.open(files.resolve("mem"), StandardOpenOption.READ)) {
            while (bytes.hasRemaining()) {
                if (file.read(bytes, address + bytes.position()) < 0) {
                    throw new EOFException(files.resolve("mem") + " ends");
                }
            }
        }
        return bytes.array();
    }

    /** Writes into its process' memory. */
    void write(long address, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        try (var file = FileChannel.open(files.resolve("mem"), StandardOpenOption.WRITE)) {
            while (buffer.hasRemaining()) {
                file.write(buffer, address + buffer.position());
            }
        }
    }

    /** Lets it go on as it was. */
    @Override
    public void close() throws IOException {
        if (!stopped) {
            return; // it has ended, or did not stop: then it is let go when the tracer ends
        }
        stopped = false;
        limit();
        if (moved) {
            // Back to where it was stopped first: there, unlike at the end of a call, the kernel restarts what was
            // interrupted.
            trace(PTRACE_INTERRUPT, 0, 0, "PTRACE_INTERRUPT");
            if (!running) {
                resume(PTRACE_CONT, 0);
            }
            awaitEventStop();
            if (saved.getLong(RAX) == -Kernel.EINTR && NOT_RESTARTED.contains(saved.getLong(ORIG_RAX))) {
                saved.setLong(RAX, -ERESTARTNOHAND);
            }
            trace(PTRACE_SETREGS, 0, Pointer.nativeValue(saved), "PTRACE_SETREGS");
        }
        if (signalsWait) {
            trace(PTRACE_SETSIGMASK, Long.BYTES, Pointer.nativeValue(mask), "PTRACE_SETSIGMASK");
        }
        trace(PTRACE_DETACH, 0, 0, "PTRACE_DETACH");
    }

    private void trace(long request, long address, long value, String name) throws IOException {
        if (Kernel.syscall(Kernel.NR_PTRACE, request, thread, address, value, 0) == -1) {
            throw Kernel.failure(name + " of thread " + thread);
        }
    }
}
