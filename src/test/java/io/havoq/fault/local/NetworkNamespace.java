package io.havoq.fault.local;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace of its own on one thread, as a node of the sandbox has one: what that thread opens and starts is in it.
 * Gone when the thread and what it opened are.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final int CLONE_NEWNET = 0x40000000;

    private final ExecutorService thread;

    interface Libc extends Library {
        int unshare(int flags) throws LastErrorException;
    }

    private NetworkNamespace(String name) {
        thread = Executors.newSingleThreadExecutor(task -> new Thread(task, "namespace-" + name));
    }

    /** Makes one with its loopback interface up; skips the test where this user may not. */
    public static NetworkNamespace open(String name) throws Exception {
        var made = new NetworkNamespace(name);
        var libc = Native.load("c", Libc.class);
        var error = made.call(() -> {
            try {
                libc.unshare(CLONE_NEWNET);
                return 0;
            } catch (LastErrorException e) {
                return e.getErrorCode();
            }
        });
        if (error != 0) {
            made.close();
        }
        assumeTrue(error == 0, "network namespaces need root here: errno " + error);
        made.call(() -> {
            var up = new ProcessBuilder("ip", "link", "set", "lo", "up")
                    .inheritIO()
                    .start();
            if (up.waitFor() != 0) {
                throw new IllegalStateException("ip link set lo up: " + up.exitValue());
            }
            return up;
        });
        return made;
    }

    /** Runs something on the thread. */
    public <T> T call(Callable<T> task) throws Exception {
        try {
            return thread.submit(task).get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** For openers, which throw no more than IOException. */
    public <T> T open(Callable<T> task) throws java.io.IOException {
        try {
            return call(task);
        } catch (java.io.IOException e) {
            throw e;
        } catch (Exception e) {
            throw new java.io.IOException(e);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
