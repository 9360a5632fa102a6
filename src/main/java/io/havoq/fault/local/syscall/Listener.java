package io.havoq.fault.local.syscall;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Answers the listed system calls of one program and all that it starts: they go on, go on later, or fail. Where it ends
 * before the program does, every listed call fails with ENOSYS: the program is killed then. Thread-safe.
 */
final class Listener {
    private static final int RESPONSE = 24;
    private static final int POLL_DESCRIPTOR = 8;

    private final String name;
    private final int fd;
    private final long pid;
    private final boolean witness;
    private final Supplier<List<ActiveRule>> rules;
    private final Runnable ended;
    private final ScheduledExecutorService later;
    /** The calls that are held, with whom they are held for. */
    private final Map<Long, Held> held = new ConcurrentHashMap<>();

    /** {@code struct pollfd}, {@code struct seccomp_notif}: of the serving thread. */
    private final Memory polled = new Memory(POLL_DESCRIPTOR);

    private final Memory received = new Memory(Notification.SIZE);

    private final Object sending = new Object();
    /** {@code struct seccomp_notif_resp}: of who holds the lock. */
    private final Memory response = new Memory(RESPONSE);

    private boolean closed;

    private record Held(Set<ActiveRule> by, int errno) {}

    /**
     * @param fd the listener, which it closes
     * @param pid whose calls
     * @param rules those in force now
     * @param ended told when there is nothing to answer any more
     */
    Listener(
            String name,
            int fd,
            long pid,
            boolean witness,
            Supplier<List<ActiveRule>> rules,
            ScheduledExecutorService later,
            Consumer<Listener> ended) {
        this.name = name;
        this.fd = fd;
        this.pid = pid;
        this.witness = witness;
        this.rules = rules;
        this.later = later;
        this.ended = () -> ended.accept(this);
    }

    void start() {
        // Older kernels refuse it: there a watched call takes 15 us instead of 9, and nothing else changes.
        var unused = Kernel.ioctl(fd, Kernel.SECCOMP_IOCTL_NOTIF_SET_FLAGS, Kernel.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
        var thread = new Thread(this::serve, "syscalls-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        var orderly = false;
        try {
            while (await()) {
                receive();
            }
            orderly = true;
        } catch (IOException e) {
            System.err.println(name + ": its system calls can be answered no more, it is killed: " + e.getMessage());
        } finally {
            synchronized (sending) {
                closed = true;
                Kernel.close(fd);
            }
            ended.run();
            if (!orderly) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    /** Waits for a call; false when nobody is left who could make one. */
    private boolean await() throws IOException {
        polled.setInt(0, fd);
        polled.setShort(4, Kernel.POLLIN);
        polled.setShort(6, (short) 0);
        while (Kernel.poll(polled, 1, -1) < 0) {
            if (Native.getLastError() != Kernel.EINTR) {
                throw Kernel.failure("poll");
            }
        }
        int events = polled.getShort(6);
        if ((events & (Kernel.POLLIN | Kernel.POLLHUP)) == 0) {
            throw new IOException("poll: unexpected events " + events);
        }
        return (events & Kernel.POLLIN) != 0;
    }

    private void receive() throws IOException {
        received.clear();
        if (Kernel.ioctl(fd, Kernel.SECCOMP_IOCTL_NOTIF_RECV, received) < 0) {
            int errno = Native.getLastError();
            // ENOENT: killed before it was received
            if (errno == Kernel.ENOENT || errno == Kernel.EINTR) {
                return;
            }
            throw Kernel.failure("SECCOMP_IOCTL_NOTIF_RECV");
        }
        if (rules.get().isEmpty()) {
            // Most calls, by far: nothing is known of them but which they are.
            send(received.getLong(0), 0);
            return;
        }
        answer(Notification.of(received));
    }

    private void answer(Notification notification) throws IOException {
        var present = rules.get();
        var call = SystemCall.of(notification.number()).orElse(null);
        if (call == null) {
            send(notification.id(), 0);
            return;
        }
        var asked = present.stream()
                .filter(rule -> rule.rule().calls().contains(call))
                .toList();
        var path = asked.isEmpty() ? null : notification.path(call).orElse(null);
        var delay = Duration.ZERO;
        int errno = 0;
        var by = ConcurrentHashMap.<ActiveRule>newKeySet();
        if (path != null) {
            var method = notification.method(call, path);
            for (var active : asked) {
                var rule = active.rule();
                if ((rule.methods().isEmpty() || rule.methods().contains(method))
                        && rule.meant(path)
                        && active.decide(call, witness)) {
                    delay = delay.plus(rule.delay());
                    errno = errno == 0 ? rule.errno() : errno;
                    if (!rule.delay().isZero()) {
                        by.add(active);
                    }
                }
            }
        }
        if (delay.isZero()) {
            send(notification.id(), errno);
            return;
        }
        held.put(notification.id(), new Held(by, errno));
        var unused = later.schedule(() -> release(notification.id()), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Lets the calls go on that were held for nothing but rules that are not in force any more. */
    void release(Set<ActiveRule> lifted) {
        held.forEach((id, call) -> {
            call.by.removeAll(lifted);
            if (call.by.isEmpty()) {
                release(id);
            }
        });
    }

    private void release(long id) {
        var call = held.remove(id);
        if (call == null) {
            return; // let go before its time
        }
        try {
            send(id, call.errno);
        } catch (IOException e) {
            System.err.println(
                    name + ": a system call that was held cannot be answered, it is killed: " + e.getMessage());
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private void send(long id, int errno) throws IOException {
        synchronized (sending) {
            if (closed) {
                return; // nobody waits any more
            }
            response.setLong(0, id);
            response.setLong(8, 0);
            response.setInt(16, -errno);
            response.setInt(20, errno == 0 ? Kernel.SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0);
            // ENOENT: killed while it waited
            if (Kernel.ioctl(fd, Kernel.SECCOMP_IOCTL_NOTIF_SEND, response) < 0
                    && Native.getLastError() != Kernel.ENOENT) {
                throw Kernel.failure("SECCOMP_IOCTL_NOTIF_SEND");
            }
        }
    }
}
