package io.havoq.fault.local.syscall;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.util.Locale;

/** The kernel's interface that is needed to hand system calls to another process, seccomp(2) and seccomp_unotify(2). */
final class Kernel {
    static final boolean ARM =
            System.getProperty("os.arch").toLowerCase(Locale.ROOT).equals("aarch64");

    /** What this package has numbers for. */
    static final boolean KNOWN_ARCHITECTURE =
            ARM || System.getProperty("os.arch").equals("amd64");

    static final int PR_SET_NO_NEW_PRIVS = 38;
    static final int SECCOMP_SET_MODE_FILTER = 1;
    /** For all threads of the process; together with a listener only with TSYNC_ESRCH. */
    static final int SECCOMP_FILTER_FLAG_TSYNC = 1;

    static final int SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
    static final int SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 16;

    /** Since Linux 5.19: a call that was handed over is interrupted by nothing but a kill. */
    static final int SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;

    static final int CLOSE_RANGE_CLOEXEC = 4;

    /** {@code struct seccomp_notif} is 80 bytes, {@code struct seccomp_notif_resp} 24 (linux/seccomp.h). */
    static final long SECCOMP_IOCTL_NOTIF_RECV = 0xC050_2100L;

    static final long SECCOMP_IOCTL_NOTIF_SEND = 0xC018_2101L;
    static final long SECCOMP_IOCTL_NOTIF_ID_VALID = 0x4008_2102L;
    static final long SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x4008_2104L;
    static final int SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;

    /** Since Linux 6.6: who asks and who answers take turns on one processor. */
    static final long SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1;

    static final int O_PATH = 0x20_0000;
    static final int O_CLOEXEC = 0x8_0000;
    static final int AT_FDCWD = -100;

    static final short POLLIN = 1;
    static final short POLLHUP = 0x10;

    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int ESRCH = 3;
    static final int EBUSY = 16;

    static final long NR_SECCOMP = ARM ? 277 : 317;
    static final long NR_PIDFD_OPEN = 434;
    static final long NR_PIDFD_GETFD = 438;
    static final long NR_CLOSE_RANGE = 436;
    static final long NR_RT_SIGPROCMASK = ARM ? 135 : 14;
    static final int SIG_SETMASK = 2;

    /** ptrace(2), on x86_64 alone. */
    static final long NR_PTRACE = 101;

    static final long NR_MMAP = 9;
    static final long NR_MUNMAP = 11;
    static final long NR_CLOSE = 3;
    static final long NR_PRCTL = 157;
    static final int WNOHANG = 1;
    /** Threads that are no children, too. */
    static final int WAIT_ALL = 0x4000_0000;

    static final int SIGKILL = 9;

    static {
        Native.register(Kernel.class, "c");
    }

    private Kernel() {}

    static native int prctl(int option, long argument2, long argument3, long argument4, long argument5);

    static native long syscall(long number, long one, long two, long three, long four, long five);

    static native int ioctl(int fd, long request, Pointer argument);

    static native int ioctl(int fd, long request, long argument);

    static native int poll(Pointer descriptors, long count, int timeoutMillis);

    static native int open(String path, int flags);

    static native int close(int fd);

    static native int kill(int pid, int signal);

    static native int waitpid(int pid, Pointer status, int options);

    static native int execve(String path, Pointer arguments, Pointer environment);

    private static native String strerror(int errno);

    static String text(int errno) {
        return strerror(errno);
    }

    /** What the call that has just failed on this thread failed with. */
    static IOException failure(String call) {
        return new IOException(call + ": " + strerror(Native.getLastError()));
    }

    /** The result, unless it is -1. */
    static int check(long result, String call) throws IOException {
        if (result == -1) {
            throw failure(call);
        }
        return (int) result;
    }
}
