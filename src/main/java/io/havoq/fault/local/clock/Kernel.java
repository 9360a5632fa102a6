package io.havoq.fault.local.clock;

import com.sun.jna.Native;
import java.io.IOException;

/**
 * The system calls that the JDK does not offer, by syscall(2): signals to a process that cannot be mistaken for a later one of
 * the same number. Numbers are the same on x86-64 and aarch64 (include/uapi/asm-generic/unistd.h).
 */
final class Kernel {
    static final int SIGCONT = 18;
    static final int SIGSTOP = 19;

    private static final long PIDFD_SEND_SIGNAL = 424;
    private static final long PIDFD_OPEN = 434;

    static {
        Native.register(Kernel.class, "c");
    }

    private Kernel() {}

    private static native long syscall(long number, long first, long second, long third, long fourth);

    private static native int close(int fd);

    private static native String strerror(int errno);

    /** pidfd_open(2), Linux 5.3. */
    static int open(long pid) throws IOException {
        return (int) check(syscall(PIDFD_OPEN, pid, 0, 0, 0), "pidfd_open of " + pid);
    }

    /** pidfd_send_signal(2), Linux 5.1. */
    static void signal(int process, int signal) throws IOException {
        check(syscall(PIDFD_SEND_SIGNAL, process, signal, 0, 0), "signal " + signal);
    }

    static void closeDescriptor(int fd) throws IOException {
        check(close(fd), "close");
    }

    private static long check(long result, String what) throws IOException {
        if (result == -1) {
            throw new IOException(what + ": " + strerror(Native.getLastError()));
        }
        return result;
    }
}
